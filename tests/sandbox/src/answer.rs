//! Responses, and how they become HTTP.

use http_body_util::channel::Channel;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::header::{
    ALLOW, CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, LOCATION,
};
use hyper::{Response, StatusCode};
use std::convert::Infallible;
use std::time::Duration;

use crate::clock::{Clock, http_date};
use crate::faults::CannedAnswer;

pub(crate) type HttpAnswer = Response<BoxBody<Bytes, Infallible>>;

/// A response before it becomes HTTP.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) content_type: &'static str,
    pub(crate) body: String,
    /// Adds a header.
    header: Option<(HeaderName, HeaderValue)>,
}

impl Answer {
    pub(crate) fn text(status: StatusCode, body: &str) -> Answer {
        Answer {
            status,
            content_type: "text/plain",
            body: body.to_owned(),
            header: None,
        }
    }

    pub(crate) fn json(body: String) -> Answer {
        Answer {
            status: StatusCode::OK,
            content_type: "application/json",
            body,
            header: None,
        }
    }

    pub(crate) fn html(body: String) -> Answer {
        Answer {
            status: StatusCode::OK,
            content_type: "text/html; charset=utf-8",
            body,
            header: None,
        }
    }

    /// A file that is part of the program.
    pub(crate) fn file(content_type: &'static str, body: &str) -> Answer {
        Answer {
            content_type,
            ..Answer::text(StatusCode::OK, body)
        }
    }

    /// Redirects a browser to another page (303).
    pub(crate) fn see_other(location: &str) -> Answer {
        let location = HeaderValue::from_str(location).expect("a path is printable ASCII");
        Answer {
            header: Some((LOCATION, location)),
            ..Answer::text(StatusCode::SEE_OTHER, "")
        }
    }

    pub(crate) fn no_content() -> Answer {
        Answer::text(StatusCode::NO_CONTENT, "")
    }

    pub(crate) fn method_not_allowed(allow: &'static str) -> Answer {
        let text = format!("Only {allow} is answered here");
        Answer {
            header: Some((ALLOW, HeaderValue::from_static(allow))),
            ..Answer::text(StatusCode::METHOD_NOT_ALLOWED, &text)
        }
    }

    pub(crate) fn into_http(self, clock: &Clock) -> HttpAnswer {
        let (headers, body) = self.into_parts(clock);
        http(headers, Full::new(body).boxed())
    }

    /// Sends the body one byte at a time.
    pub(crate) fn into_dripping_http(self, clock: &Clock, pause: Duration) -> HttpAnswer {
        let ((status, mut headers), body) = self.into_parts(clock);
        headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
        http((status, headers), dripping(body, pause))
    }

    fn into_parts(self, clock: &Clock) -> ((StatusCode, HeaderMap), Bytes) {
        let mut headers = own_headers(clock);
        if self.status == StatusCode::NO_CONTENT {
            headers.remove(CONTENT_TYPE);
        } else {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        }
        if let Some((name, value)) = self.header {
            headers.insert(name, value);
        }
        ((self.status, headers), Bytes::from(self.body))
    }
}

/// Completes a canned response with the headers that it neither replaces nor omits.
pub(crate) fn canned(answer: CannedAnswer, clock: &Clock) -> HttpAnswer {
    let frames_itself = answer.frames_itself();
    let mut headers = own_headers(clock);
    for name in answer.headers.keys().chain(&answer.omitted) {
        headers.remove(name);
    }
    for (name, value) in &answer.headers {
        headers.append(name, value.clone());
    }
    let body = if frames_itself {
        // A body of unknown length makes hyper use the given headers.
        dripping_in_one_piece(answer.body)
    } else {
        Full::new(answer.body).boxed()
    };
    http((answer.status, headers), body)
}

fn own_headers(clock: &Clock) -> HeaderMap {
    let date = HeaderValue::try_from(http_date(clock.now())).expect("a date is printable ASCII");
    HeaderMap::from_iter([
        (DATE, date),
        (CONTENT_TYPE, HeaderValue::from_static("text/plain")),
    ])
}

fn http(
    (status, headers): (StatusCode, HeaderMap),
    body: BoxBody<Bytes, Infallible>,
) -> HttpAnswer {
    let mut answer = Response::new(body);
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    answer
}

fn dripping(body: Bytes, pause: Duration) -> BoxBody<Bytes, Infallible> {
    let bytes: Vec<Bytes> = (0..body.len()).map(|at| body.slice(at..at + 1)).collect();
    sent_over_time(bytes, pause)
}

fn dripping_in_one_piece(body: Bytes) -> BoxBody<Bytes, Infallible> {
    sent_over_time(vec![body], Duration::ZERO)
}

fn sent_over_time(pieces: Vec<Bytes>, pause: Duration) -> BoxBody<Bytes, Infallible> {
    let (mut sender, body) = Channel::<Bytes, Infallible>::new(1);
    tokio::spawn(async move {
        for piece in pieces {
            tokio::time::sleep(pause).await;
            if sender.send_data(piece).await.is_err() {
                break; // the client has closed
            }
        }
    });
    body.boxed()
}
