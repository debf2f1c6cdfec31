//! A failed attempt, with what the retry decision needs.

use std::time::SystemTime;

use crate::clock;
use crate::error::{Error, ErrorCode};
use crate::retry;
use crate::transport::{FailedExchange, HttpResponse};

/// A failed attempt.
pub(crate) struct FailedAttempt {
    pub(crate) error: Error,
    /// How far the server's clock is ahead, if the response shows it.
    pub(crate) skew: Option<i64>,
    /// The server may have acted on the request.
    pub(crate) may_have_acted: bool,
}

impl FailedAttempt {
    /// A response other than 200. `host` names the server in the message.
    pub(crate) fn of_response(response: &HttpResponse, host: &str) -> Self {
        let received = SystemTime::now();
        let mut error = Error::from_response(response.status, &response.body, host);
        let date = response.header("date").and_then(parse_http_date);
        let retry_after = response
            .header("retry-after")
            .and_then(|header| retry::retry_after(header, date, received));
        if let Some(wait) = retry_after {
            error = error.with_retry_after(wait);
        }
        let is_about_clock = error.code() == ErrorCode::ClockSkew;
        // A response with an Age comes from a cache: its date is in the past.
        let skew = date
            .filter(|_| is_about_clock && !response.has("age"))
            .map(|date| clock::skew(date, response.sent, received));
        FailedAttempt {
            error: match skew {
                Some(skew) => error.with_detail(&format!("its clock is {}", clock::describe(skew))),
                None => error,
            },
            skew,
            // A server that responds with one of these did not process the request.
            may_have_acted: !is_about_clock && !matches!(response.status, 429 | 503),
        }
    }

    /// Whether the server rejected the date or the signature.
    pub(crate) fn is_rejection(&self) -> bool {
        matches!(
            self.error.code(),
            ErrorCode::ClockSkew | ErrorCode::Unauthorized | ErrorCode::DateFormat
        )
    }
}

impl From<Error> for FailedAttempt {
    fn from(error: Error) -> Self {
        FailedAttempt {
            error,
            skew: None,
            may_have_acted: true,
        }
    }
}

impl From<FailedExchange> for FailedAttempt {
    fn from(failed: FailedExchange) -> Self {
        FailedAttempt {
            may_have_acted: failed.may_have_arrived,
            ..failed.error.into()
        }
    }
}

fn parse_http_date(date: &str) -> Option<SystemTime> {
    httpdate::parse_http_date(date).ok()
}
