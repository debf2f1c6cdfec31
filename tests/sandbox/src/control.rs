//! The control calls under `/sandbox/`: JSON, unsigned, for tests in any language.

use hyper::body::Bytes;
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use std::sync::Arc;

use crate::answer::{Answer, HttpAnswer};
use crate::customers::Session;
use crate::faults::Fault;
use crate::options::Event;
use crate::record::RecordedRequest;
use crate::state::State;

const PREFIX: &str = "/sandbox/";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ClockOffset {
    offset_seconds: i64,
}

/// What was done, and the response; or the error as a sentence.
pub(crate) type Outcome = Result<(String, Answer), Answer>;

/// The part of a path that names a control call. The base path may precede it, so that a test needs
/// only the URL that the sandbox prints.
pub(crate) fn call_in<'a>(state: &State, path: &'a str) -> Option<&'a str> {
    path.strip_prefix(&state.base_path)
        .unwrap_or(path)
        .strip_prefix(PREFIX)
}

/// Carries out a control call.
pub(crate) fn respond(state: &State, request: &Parts, call: &str, body: &Bytes) -> HttpAnswer {
    let (outcome, answer) = match call_named(state, &request.method, call, body) {
        Ok((done, answer)) => (done, answer),
        Err(answer) => (answer.body.clone(), answer),
    };
    state.tell(&Event::Control {
        method: request.method.as_str(),
        path: request.uri.path(),
        status: answer.status.as_u16(),
        outcome: &outcome,
    });
    answer.into_http(&state.clock)
}

fn call_named(state: &State, method: &Method, call: &str, body: &[u8]) -> Outcome {
    match (method.as_str(), call) {
        ("GET", "sessions") => list_sessions(state),
        ("POST", "sessions") => start_session(state, read_session(body)?),
        (_, "sessions") => Err(Answer::method_not_allowed("GET, POST")),
        ("PUT", "clock") => set_clock(state, read_offset(body)?),
        (_, "clock") => Err(Answer::method_not_allowed("PUT")),
        ("POST", "faults") => queue_fault(state, body),
        ("DELETE", "faults") => clear_faults(state),
        (_, "faults") => Err(Answer::method_not_allowed("POST, DELETE")),
        ("GET", "requests") => list_requests(state),
        (_, "requests") => Err(Answer::method_not_allowed("GET")),
        ("GET", "counters") => read_counters(state),
        (_, "counters") => Err(Answer::method_not_allowed("GET")),
        (method, call) => match (method, call.strip_prefix("sessions/")) {
            ("DELETE", Some(customer_id)) => end_session(state, &decoded(customer_id)?),
            (_, Some(_)) => Err(Answer::method_not_allowed("DELETE")),
            (_, None) => Err(Answer::text(
                StatusCode::NOT_FOUND,
                "The control calls are sessions, clock, faults, requests and counters under /sandbox/.",
            )),
        },
    }
}

fn list_sessions(state: &State) -> Outcome {
    let sessions = state.customers().sessions();
    Ok((
        format!("{} sessions", sessions.len()),
        Answer::json(json!(sessions).to_string()),
    ))
}

fn read_session(body: &[u8]) -> Result<Session, Answer> {
    read(
        body,
        r#"A session is started with {"customerId": "...", "helpType": "inbound", "staffId": "..."}"#,
    )
}

pub(crate) fn start_session(state: &State, session: Session) -> Outcome {
    if session.customer_id.is_empty() {
        return Err(bad_request("customerId is empty."));
    }
    let done = format!("{} is in help: {}", session.customer_id, session.staff_id);
    state.customers().start_session(session);
    state.has_changed();
    Ok((done, Answer::no_content()))
}

fn decoded(encoded_customer_id: &str) -> Result<String, Answer> {
    percent_decode_str(encoded_customer_id)
        .decode_utf8()
        .map(String::from)
        .map_err(|_| bad_request("The customer id in the path is not percent-encoded UTF-8."))
}

pub(crate) fn end_session(state: &State, customer_id: &str) -> Outcome {
    if !state.customers().end_session(customer_id) {
        let text = format!("{customer_id} is in no session.");
        return Err(Answer::text(StatusCode::NOT_FOUND, &text));
    }
    state.has_changed();
    Ok((
        format!("{customer_id} is no longer in help"),
        Answer::no_content(),
    ))
}

fn read_offset(body: &[u8]) -> Result<i64, Answer> {
    let ClockOffset { offset_seconds } =
        read(body, r#"The clock is set with {"offsetSeconds": 7200}"#)?;
    Ok(offset_seconds)
}

pub(crate) fn set_clock(state: &State, offset_seconds: i64) -> Outcome {
    state
        .clock
        .set_offset(offset_seconds)
        .map_err(|problem| bad_request(&format!("offsetSeconds: {problem}.")))?;
    state.has_changed();
    Ok((
        format!("clock offset is {offset_seconds} seconds"),
        Answer::no_content(),
    ))
}

pub(crate) fn queue_fault(state: &State, body: &[u8]) -> Outcome {
    let (fault, times) = Fault::from_json(body).map_err(|problem| {
        bad_request(&format!(
            r#"A fault is queued with {{"kind": "...", ...}}: {problem}."#
        ))
    })?;
    let done = format!("queued {times} x {fault}");
    state.faults().push(fault, times);
    state.has_changed();
    Ok((done, Answer::no_content()))
}

pub(crate) fn clear_faults(state: &State) -> Outcome {
    state.faults().clear();
    state.has_changed();
    Ok(("no faults are queued".to_owned(), Answer::no_content()))
}

fn list_requests(state: &State) -> Outcome {
    let requests: Vec<Arc<RecordedRequest>> = state.requests().latest().cloned().collect();
    let requests: Vec<&RecordedRequest> = requests.iter().map(AsRef::as_ref).collect();
    Ok((
        format!("{} requests", requests.len()),
        Answer::json(json!(requests).to_string()),
    ))
}

fn read_counters(state: &State) -> Outcome {
    let counters = json!({
        "requests": state.requests().count(),
        "connections": state.connections.accepted(),
        "openConnections": state.connections.open(),
    })
    .to_string();
    Ok((counters.clone(), Answer::json(counters)))
}

fn read<T: DeserializeOwned>(body: &[u8], usage: &str) -> Result<T, Answer> {
    serde_json::from_slice(body).map_err(|problem| bad_request(&format!("{usage}: {problem}.")))
}

fn bad_request(sentence: &str) -> Answer {
    Answer::text(StatusCode::BAD_REQUEST, sentence)
}
