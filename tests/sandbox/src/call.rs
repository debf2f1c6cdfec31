//! A call of the API: verified, handled by its row of `platform`, and changed by the next fault.

use hyper::body::Bytes;
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use serde_json::Value;
use std::fmt;
use std::future;
use std::time::Duration;

use crate::answer::{self, Answer, HttpAnswer};
use crate::faults::Fault;
use crate::options::Event;
use crate::platform::{self, Call};
use crate::record::{Connection, RecordedRequest};
use crate::state::State;
use crate::verify::verify;

/// The delay before [`Fault::CloseAfter`] closes the connection: enough to send the response.
const CLOSE_AFTER: Duration = Duration::from_millis(20);

/// Returned in place of a response, it makes the server close the connection.
#[derive(Debug)]
pub(crate) struct NoAnswer;

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection is closed without a response")
    }
}

impl std::error::Error for NoAnswer {}

/// A response with the reason for it.
struct Verdict {
    answer: Answer,
    reason: String,
    expected_string_to_sign: Option<String>,
    signed_string: Option<String>,
    has_good_signature: bool,
}

impl Verdict {
    fn new(answer: Answer, reason: &str) -> Verdict {
        Verdict {
            answer,
            reason: reason.to_owned(),
            expected_string_to_sign: None,
            signed_string: None,
            has_good_signature: false,
        }
    }
}

/// Responds to one request, or applies the next fault. The call is carried out even if a fault
/// replaces its response, as when a real response is lost on the way.
pub(crate) async fn respond(
    state: &State,
    connection: &Connection,
    request: &Parts,
    body: &Bytes,
) -> Result<HttpAnswer, NoAnswer> {
    let verdict = judge(state, request, body);
    let fault = if request.method == Method::POST && call_at(state, request).is_some() {
        state.faults().take_next()
    } else {
        None
    };

    let recorded = record(state, connection, request, body, &verdict, fault.as_ref());
    let recorded = state.requests().add(recorded);
    state.tell(&Event::Request(&recorded));
    state.has_changed();

    let clock = &state.clock;
    match fault {
        None => Ok(verdict.answer.into_http(clock)),
        Some(Fault::Delay { milliseconds }) => {
            tokio::time::sleep(Duration::from_millis(milliseconds)).await;
            Ok(verdict.answer.into_http(clock))
        }
        Some(Fault::Drip { milliseconds }) => Ok(verdict
            .answer
            .into_dripping_http(clock, Duration::from_millis(milliseconds))),
        Some(Fault::Silence) => future::pending().await,
        Some(Fault::Close) => Err(NoAnswer),
        Some(Fault::Garble) => Ok(Answer::json("}this is not JSON{".to_owned()).into_http(clock)),
        Some(Fault::Answer(canned)) => Ok(answer::canned(canned, clock)),
        Some(Fault::CloseAfter) => {
            connection.closing.notify_one();
            Ok(verdict.answer.into_http(clock))
        }
    }
}

/// Waits until a connection has to close and its last response was sent.
pub(crate) async fn closing(connection: &Connection) {
    connection.closing.notified().await;
    tokio::time::sleep(CLOSE_AFTER).await;
}

/// The documented call that a request is for.
fn call_at(state: &State, request: &Parts) -> Option<&'static Call> {
    platform::find(request.uri.path().strip_prefix(&state.base_path)?)
}

/// The API's response, with its checks in the documented order.
fn judge(state: &State, request: &Parts, body: &[u8]) -> Verdict {
    let Some(call) = call_at(state, request) else {
        let text = format!(
            "No documented call has this path; they start with {0}/v1/application/, {0}/v1/reporting/ or {0}/v1/simplepush/",
            state.base_path
        );
        return Verdict::new(Answer::text(StatusCode::NOT_FOUND, &text), "no such path");
    };
    if request.method != Method::POST {
        return Verdict::new(Answer::method_not_allowed("POST"), "every call is a POST");
    }
    let verified = verify(
        request.method.as_str(),
        path_and_query(request),
        &request.headers,
        body,
        &state.key,
        state.clock.now(),
    );
    if let Err(rejection) = verified {
        let status = StatusCode::from_u16(rejection.status).expect("one of the API's own");
        return Verdict {
            answer: Answer::text(status, rejection.text),
            reason: rejection.reason,
            expected_string_to_sign: rejection.expected_string_to_sign,
            signed_string: rejection.signed_string,
            // The clock is checked last.
            has_good_signature: rejection.status == 403,
        };
    }
    let reply = call.answer(body, state);
    Verdict {
        has_good_signature: true,
        ..Verdict::new(reply.answer, &reply.reason)
    }
}

fn customer_id(body: &[u8]) -> Option<String> {
    let json: Value = serde_json::from_slice(body).ok()?;
    Some(json.get("customerId")?.as_str()?.to_owned())
}

/// The path of the request, also if its target is a whole URL.
fn path_and_query(request: &Parts) -> &str {
    request
        .uri
        .path_and_query()
        .map_or("", |path| path.as_str())
}

fn record(
    state: &State,
    connection: &Connection,
    request: &Parts,
    body: &[u8],
    verdict: &Verdict,
    fault: Option<&Fault>,
) -> RecordedRequest {
    let own_status = verdict.answer.status.as_u16();
    let (status, reason) = match fault {
        None => (Some(own_status), verdict.reason.clone()),
        Some(fault @ (Fault::Delay { .. } | Fault::Drip { .. } | Fault::CloseAfter)) => (
            Some(own_status),
            format!("{}; fault: {fault}", verdict.reason),
        ),
        Some(fault) => {
            let status = match fault {
                Fault::Answer(canned) => Some(canned.status.as_u16()),
                Fault::Garble => Some(200),
                _ => None,
            };
            (
                status,
                format!(
                    "fault: {fault}, in place of {own_status}, {}",
                    verdict.reason
                ),
            )
        }
    };
    RecordedRequest {
        number: 0, // RequestRecord::add sets it
        received_at: state.clock.now_milliseconds(),
        connection: connection.number,
        method: request.method.as_str().to_owned(),
        path: path_and_query(request).to_owned(),
        headers: request
            .headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), lossy(value.as_bytes())))
            .collect(),
        body: lossy(body),
        customer_id: customer_id(body),
        status,
        reason,
        expected_string_to_sign: verdict.expected_string_to_sign.clone(),
        signed_string: verdict.signed_string.clone(),
        has_good_signature: verdict.has_good_signature,
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
