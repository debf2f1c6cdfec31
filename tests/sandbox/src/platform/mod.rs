//! The platform's documented calls: path, required body and example answer of each.
//!
//! A call is one row of [`CALLS`]. Its body is checked against the documented fields before
//! its function sees it; a body that does not match is answered 500 with a text, which is
//! what the platform documents for an error without a status of its own.

mod application;
mod body;
mod push;
mod reporting;

use hyper::StatusCode;
use serde_json::Value;

use crate::answer::Answer;
use crate::state::State;

pub(crate) use body::{Body, Field, Kind, optional, required};
pub(crate) use push::Pushes;

/// One documented call.
pub(crate) struct Call {
    /// What follows the base path.
    pub(crate) path: &'static str,
    /// The documented fields of the body.
    fields: &'static [Field],
    /// A body that the sandbox accepts.
    pub(crate) example: &'static str,
    answer: fn(&Body, &State) -> Reply,
}

/// Every documented call; the lookup first.
static CALLS: [&[Call]; 3] = [application::CALLS, reporting::CALLS, push::CALLS];

/// The documented calls, in the order of the documentation.
pub(crate) fn calls() -> impl Iterator<Item = &'static Call> {
    CALLS.into_iter().flatten()
}

/// The call at a path, without the base path.
pub(crate) fn find(path: &str) -> Option<&'static Call> {
    calls().find(|call| call.path == path)
}

impl Call {
    /// Answers a request whose signature is right, and carries out what it asks for.
    pub(crate) fn answer(&self, body: &[u8], state: &State) -> Reply {
        match Body::read(body, self.fields) {
            Ok(body) => (self.answer)(&body, state),
            Err(sentence) => Reply {
                answer: Answer::text(StatusCode::INTERNAL_SERVER_ERROR, &sentence),
                reason: format!("the body does not match the documentation: {sentence}"),
            },
        }
    }
}

/// An answer, and the reason for it in the log.
pub(crate) struct Reply {
    pub(crate) answer: Answer,
    pub(crate) reason: String,
}

impl Reply {
    fn json(json: &Value, reason: impl Into<String>) -> Reply {
        Reply {
            answer: Answer::json(json.to_string()),
            reason: reason.into(),
        }
    }

    /// A documented error code, which the platform sends as the text of a 400.
    fn rejected(code: &str, reason: impl Into<String>) -> Reply {
        Reply {
            answer: Answer::text(StatusCode::BAD_REQUEST, code),
            reason: reason.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_example_body_matches_the_documented_fields() {
        for call in calls() {
            let body = Body::read(call.example.as_bytes(), call.fields);
            assert!(body.is_ok(), "{}: {:?}", call.path, body.err());
        }
    }

    #[test]
    fn each_path_is_documented_once() {
        let mut paths: Vec<&str> = calls().map(|call| call.path).collect();
        assert_eq!(paths.len(), 13);
        paths.sort_unstable();
        paths.dedup();
        assert_eq!(paths.len(), 13);
    }
}
