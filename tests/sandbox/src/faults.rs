//! Faults, and the queue of those to come.

use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use std::fmt;

/// Replaces or changes the response to one call.
///
/// The JSON form, for the control call and the command line, has the variant's name in
/// snake case as `kind`: `{"kind": "delay", "milliseconds": 500, "times": 3}`.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// Sends the normal response late.
    Delay {
        /// The delay.
        milliseconds: u64,
    },
    /// Sends the normal response with its body byte by byte, and its header at once.
    Drip {
        /// The pause before each byte of the body.
        milliseconds: u64,
    },
    /// Sends no response and keeps the connection open.
    Silence,
    /// Closes the connection without a response.
    Close,
    /// Sends status 200 with a body that is not JSON.
    Garble,
    /// Sends this response to any request.
    Answer(CannedAnswer),
    /// Sends the normal response with keep-alive and closes the connection shortly after: the client's
    /// pooled connection is dead.
    CloseAfter,
}

impl Fault {
    /// Parses the JSON form; also returns how many `times` the fault applies. The error is a text for
    /// the user.
    pub fn from_json(text: &[u8]) -> Result<(Fault, u32), String> {
        let mut json: Value = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        let fields = json
            .as_object_mut()
            .ok_or("a fault has to be a JSON object")?;
        let times = match fields.remove("times") {
            None => 1,
            Some(times) => times
                .as_u64()
                .and_then(|times| u32::try_from(times).ok())
                .filter(|&times| times > 0)
                .ok_or("times has to be a whole number from 1 to 4294967295")?,
        };
        let has_settings = fields.len() > 1;
        let fault = Fault::deserialize(json).map_err(|error| error.to_string())?;
        if has_settings && fault.takes_no_settings() {
            return Err(format!(
                "the fault {fault} accepts no settings except times"
            ));
        }
        Ok((fault, times))
    }

    fn takes_no_settings(&self) -> bool {
        matches!(
            self,
            Fault::Silence | Fault::Close | Fault::Garble | Fault::CloseAfter
        )
    }
}

impl From<CannedAnswer> for Fault {
    fn from(answer: CannedAnswer) -> Fault {
        Fault::Answer(answer)
    }
}

/// The fault's name in the log.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Delay { milliseconds } => write!(f, "delay of {milliseconds} ms"),
            Fault::Drip { milliseconds } => write!(f, "drip, a byte every {milliseconds} ms"),
            Fault::Silence => f.write_str("silence"),
            Fault::Close => f.write_str("close"),
            Fault::Garble => f.write_str("garble"),
            Fault::Answer(answer) => write!(f, "answer {}", answer.status.as_u16()),
            Fault::CloseAfter => f.write_str("close_after"),
        }
    }
}

/// A response to send in place of the sandbox's own.
///
/// Its headers replace those of the sandbox, `Date` and `Content-Type` included. A `Content-Length`
/// larger than the body truncates the response.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "CannedAnswerJson")]
pub struct CannedAnswer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) omitted: Vec<HeaderName>,
    pub(crate) body: Bytes,
}

impl CannedAnswer {
    /// Creates a response without a body.
    ///
    /// # Panics
    ///
    /// If the status is not between 200 and 999.
    pub fn new(status: u16) -> CannedAnswer {
        CannedAnswer {
            status: final_status(status).unwrap_or_else(|problem| panic!("{problem}")),
            headers: HeaderMap::new(),
            omitted: Vec::new(),
            body: Bytes::new(),
        }
    }

    /// Adds a header. A header added twice is sent twice.
    ///
    /// # Panics
    ///
    /// If the name or value is not valid in HTTP.
    pub fn header(mut self, name: &str, value: &str) -> CannedAnswer {
        let name = header_name(name).unwrap_or_else(|problem| panic!("{problem}"));
        let value = header_value(value).unwrap_or_else(|problem| panic!("{problem}"));
        self.headers.append(name, value);
        self
    }

    /// Omits a header that the sandbox would send.
    ///
    /// # Panics
    ///
    /// If the name is not valid in HTTP.
    pub fn without_header(mut self, name: &str) -> CannedAnswer {
        self.omitted
            .push(header_name(name).unwrap_or_else(|problem| panic!("{problem}")));
        self
    }

    /// Sets the body, which need not be text.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> CannedAnswer {
        self.body = Bytes::from(body.into());
        self
    }

    /// Whether the response has framing headers of its own.
    pub(crate) fn frames_itself(&self) -> bool {
        use hyper::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
        [CONTENT_LENGTH, TRANSFER_ENCODING]
            .iter()
            .any(|name| self.headers.contains_key(name) || self.omitted.contains(name))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CannedAnswerJson {
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, HeaderJson>,
    #[serde(default)]
    body: String,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "a header has to be a string, a list of strings, or null to leave it out"
)]
enum HeaderJson {
    Once(String),
    Repeated(Vec<String>),
    Omitted(()),
}

impl TryFrom<CannedAnswerJson> for CannedAnswer {
    type Error = String;

    fn try_from(json: CannedAnswerJson) -> Result<CannedAnswer, String> {
        let mut headers = HeaderMap::new();
        let mut omitted = Vec::new();
        for (name, value) in json.headers {
            let name = header_name(&name)?;
            let values = match value {
                HeaderJson::Once(value) => vec![value],
                HeaderJson::Repeated(values) => values,
                HeaderJson::Omitted(()) => {
                    omitted.push(name);
                    continue;
                }
            };
            for value in values {
                headers.append(&name, header_value(&value)?);
            }
        }
        Ok(CannedAnswer {
            status: final_status(json.status)?,
            headers,
            omitted,
            body: Bytes::from(json.body),
        })
    }
}

fn final_status(status: u16) -> Result<StatusCode, String> {
    StatusCode::from_u16(status)
        .ok()
        .filter(|status| !status.is_informational())
        .ok_or_else(|| format!("the status {status} is not between 200 and 999"))
}

fn header_name(name: &str) -> Result<HeaderName, String> {
    name.parse()
        .map_err(|_| format!("\"{}\" cannot be the name of a header", name.escape_debug()))
}

fn header_value(value: &str) -> Result<HeaderValue, String> {
    HeaderValue::from_bytes(value.as_bytes()).map_err(|_| {
        format!(
            "\"{}\" cannot be the value of a header",
            value.escape_debug()
        )
    })
}

/// The queued faults, the next one first.
#[derive(Default)]
pub(crate) struct FaultQueue {
    queue: VecDeque<(Fault, u32)>,
}

impl FaultQueue {
    pub(crate) fn push(&mut self, fault: Fault, times: u32) {
        if times > 0 {
            self.queue.push_back((fault, times));
        }
    }

    pub(crate) fn take_next(&mut self) -> Option<Fault> {
        let (fault, times) = self.queue.front_mut()?;
        if *times > 1 {
            *times -= 1;
            return Some(fault.clone());
        }
        self.queue.pop_front().map(|(fault, _)| fault)
    }

    /// Returns the queued faults, each with its number of times.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &(Fault, u32)> {
        self.queue.iter()
    }

    pub(crate) fn clear(&mut self) {
        self.queue.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_come_in_order_and_as_often_as_said() {
        let mut queue = FaultQueue::default();
        queue.push(Fault::Silence, 2);
        queue.push(Fault::Close, 0);
        queue.push(Fault::Garble, 1);
        let mut taken = || queue.take_next().map(|fault| fault.to_string());
        assert_eq!(taken().as_deref(), Some("silence"));
        assert_eq!(taken().as_deref(), Some("silence"));
        assert_eq!(taken().as_deref(), Some("garble"));
        assert_eq!(taken(), None);
    }

    #[test]
    fn the_json_form_names_every_fault() {
        for (json, name, times) in [
            (r#"{"kind":"delay","milliseconds":5}"#, "delay of 5 ms", 1),
            (
                r#"{"kind":"drip","milliseconds":5}"#,
                "drip, a byte every 5 ms",
                1,
            ),
            (r#"{"kind":"silence","times":3}"#, "silence", 3),
            (r#"{"kind":"close"}"#, "close", 1),
            (r#"{"kind":"garble"}"#, "garble", 1),
            (r#"{"kind":"close_after"}"#, "close_after", 1),
            (r#"{"kind":"answer","status":503}"#, "answer 503", 1),
        ] {
            let (fault, read_times) = Fault::from_json(json.as_bytes()).unwrap();
            assert_eq!((fault.to_string().as_str(), read_times), (name, times));
        }
    }

    #[test]
    fn what_is_wrong_with_the_json_form_is_said() {
        for (json, problem) in [
            ("[]", "JSON object"),
            ("{", "EOF"),
            ("{}", "missing field `kind`"),
            (r#"{"kind":"fire"}"#, "unknown variant `fire`"),
            (r#"{"kind":"delay"}"#, "missing field `milliseconds`"),
            (r#"{"kind":"delay","milliseconds":-1}"#, "-1"),
            (
                r#"{"kind":"delay","milliseconds":1,"seconds":1}"#,
                "unknown field `seconds`",
            ),
            (
                r#"{"kind":"silence","milliseconds":1}"#,
                "accepts no settings",
            ),
            (r#"{"kind":"close","times":0}"#, "times has to be"),
            (
                r#"{"kind":"answer","status":101}"#,
                "not between 200 and 999",
            ),
            (
                r#"{"kind":"answer","status":200,"headers":{"a b":""}}"#,
                "name of a header",
            ),
            (
                r#"{"kind":"answer","status":200,"headers":{"a":"\n"}}"#,
                "value of a header",
            ),
            (
                r#"{"kind":"answer","status":200,"headers":{"a":1}}"#,
                "a list of strings",
            ),
        ] {
            let told = Fault::from_json(json.as_bytes()).unwrap_err();
            assert!(told.contains(problem), "{json}: {told}");
        }
    }
}
