//! What changes while the page is open, as server-sent events.
//!
//! A stream holds no queue. It knows the number of the last request it sent, and after each
//! change sends the newer ones, at most as many as the page shows. A browser that reads
//! slowly gets fewer and larger events.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::BodyExt;
use http_body_util::channel::Channel;
use hyper::Response;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::http::request::Parts;
use std::convert::Infallible;

use super::{requests, sections};
use crate::answer::HttpAnswer;
use crate::state::State;

/// At most this often: a load test must not be slowed down by who looks at it.
const PAUSE: Duration = Duration::from_millis(50);

/// The events after those the browser has seen.
pub(super) fn stream(state: &Arc<State>, request: &Parts) -> HttpAnswer {
    let (mut sender, body) = Channel::<Bytes, Infallible>::new(1);
    let mut seen = Seen::by(request);
    let state = Arc::clone(state);
    tokio::spawn(async move {
        let mut changes = state.changes.subscribe();
        loop {
            let event = seen.next_event(&state);
            if sender.send_data(Bytes::from(event)).await.is_err() {
                break; // the browser has gone
            }
            tokio::time::sleep(PAUSE).await;
            if changes.changed().await.is_err() {
                break;
            }
        }
    });
    let mut answer = Response::new(body.boxed());
    let content_type = HeaderValue::from_static("text/event-stream");
    answer.headers_mut().insert(CONTENT_TYPE, content_type);
    answer
}

/// What a browser has been sent.
struct Seen {
    run: String,
    number: u64,
    sections: String,
}

impl Seen {
    /// A browser that reconnects names the last event; the script names what the page had.
    fn by(request: &Parts) -> Seen {
        let last = request
            .headers
            .get("last-event-id")
            .and_then(|value| value.to_str().ok())
            .or(request.uri.query());
        let (run, number) = last
            .and_then(|last| last.split_once('.'))
            .unwrap_or_default();
        Seen {
            run: run.to_owned(),
            number: number.parse().unwrap_or_default(),
            sections: String::new(),
        }
    }

    fn next_event(&mut self, state: &State) -> String {
        if self.run != state.run {
            // The page is of a sandbox that has ended.
            return event("reload", "", "");
        }
        let (rows, newest) = requests::rows_after(state, self.number);
        self.number = newest;
        let id = position(state, newest);
        let mut events = event("requests", &id, &rows.into_string());
        let sections = sections::all(state).into_string();
        if sections != self.sections {
            events.push_str(&event("sections", &id, &sections));
            self.sections = sections;
        }
        events
    }
}

/// Where a page stands: which run of the sandbox, and its newest request.
pub(super) fn position(state: &State, newest: u64) -> String {
    format!("{}.{newest}", state.run)
}

fn event(name: &str, id: &str, data: &str) -> String {
    let mut event = format!("event: {name}\nid: {id}\n");
    // A carriage return ends a line of the stream, too.
    for line in data.replace('\r', "&#13;").split('\n') {
        event.push_str(&format!("data: {line}\n"));
    }
    event.push('\n');
    event
}

#[cfg(test)]
mod tests {
    use super::event;

    #[test]
    fn an_event_is_one_whatever_is_in_it() {
        assert_eq!(
            event("requests", "1.2", "a\r\n\nb"),
            "event: requests\nid: 1.2\ndata: a&#13;\ndata: \ndata: b\n\n"
        );
    }
}
