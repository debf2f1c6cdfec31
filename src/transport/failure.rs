//! Why an exchange failed, and how that becomes an error of this library.
//!
//! Connector, socket and TLS put a [`Failure`] into the error that they return to ureq, which passes
//! it on unchanged.

use std::io;

use super::wait::Stopped;
use crate::deadline::Deadline;
use crate::error::{Error, ErrorCode};

/// What a call waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Resolving,
    Connecting,
    /// Connecting to the proxy, and from there to the server.
    Tunnel,
    TlsHandshake,
    Response,
}

impl Phase {
    fn describe(self) -> &'static str {
        match self {
            Phase::Resolving => "looking up the host name",
            Phase::Connecting => "connecting",
            Phase::Tunnel => "connecting through the proxy",
            Phase::TlsHandshake => "in the TLS handshake",
            Phase::Response => "waiting for the response",
        }
    }
}

/// How far a request got on its connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Progress {
    /// The connection came from the pool.
    pub(super) was_idle: bool,
    /// A byte of the request was sent, so the server may have acted on it.
    pub(super) request_sent: bool,
    /// A byte of the response was received.
    pub(super) response_begun: bool,
}

impl Progress {
    /// Before there is a connection.
    const NONE: Progress = Progress {
        was_idle: false,
        request_sent: false,
        response_begun: false,
    };

    /// For failures found above the connection, in what was read.
    const UNKNOWN: Progress = Progress {
        was_idle: true,
        request_sent: true,
        response_begun: true,
    };
}

/// What went wrong.
#[derive(Debug)]
pub(super) enum Cause {
    Stopped(Stopped),
    /// The connection broke or ended.
    Lost(String),
    /// An error with a message of its own.
    Explained(Error),
}

impl From<io::Error> for Cause {
    fn from(error: io::Error) -> Self {
        match inner::<Stopped>(&error) {
            Some(stopped) => Cause::Stopped(*stopped),
            None => Cause::Lost(error.to_string()),
        }
    }
}

impl From<Stopped> for Cause {
    fn from(stopped: Stopped) -> Self {
        Cause::Stopped(stopped)
    }
}

impl From<Error> for Cause {
    fn from(error: Error) -> Self {
        Cause::Explained(error)
    }
}

/// Why an exchange failed, and in which phase.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) cause: Cause,
    pub(super) phase: Phase,
    pub(super) progress: Progress,
    /// The server requested a client certificate and has not responded since.
    pub(super) certificate_requested: bool,
}

impl Failure {
    /// A connection could not be opened.
    pub(super) fn opening(phase: Phase, cause: impl Into<Cause>) -> Self {
        Failure {
            cause: cause.into(),
            phase,
            progress: Progress::NONE,
            certificate_requested: false,
        }
    }

    /// The response is invalid.
    pub(super) fn reading(cause: impl Into<Cause>) -> Self {
        Failure {
            cause: cause.into(),
            phase: Phase::Response,
            progress: Progress::UNKNOWN,
            certificate_requested: false,
        }
    }

    /// Whether a pooled connection was stale. The server has not failed.
    pub(super) fn is_stale_connection(&self) -> bool {
        matches!(self.cause, Cause::Lost(_))
            && self.progress.was_idle
            && !self.progress.response_begun
    }

    /// Whether a pooled connection timed out, as the others in the pool may.
    pub(super) fn is_silent_connection(&self) -> bool {
        matches!(self.cause, Cause::Stopped(Stopped::TimedOut)) && self.progress.was_idle
    }

    /// Extracts this library's failure from ureq's error, or creates one from ureq's own.
    pub(super) fn from_ureq(error: ureq::Error, peer: &str) -> Self {
        match error {
            ureq::Error::Other(inner) => match inner.downcast::<Failure>() {
                Ok(failure) => *failure,
                Err(other) => Failure::reading(Cause::Lost(other.to_string())),
            },
            ureq::Error::Timeout(_) => Failure::reading(Cause::Stopped(Stopped::TimedOut)),
            ureq::Error::Io(error) => Failure::reading(Cause::Lost(error.to_string())),
            other => Failure::reading(Cause::Explained(invalid_response(&other, peer))),
        }
    }

    /// The error that callers see.
    pub(super) fn explain(self, peer: &str, deadline: Deadline) -> Error {
        let phase = self.phase.describe();
        match self.cause {
            Cause::Explained(error) => error,
            Cause::Stopped(Stopped::TimedOut) => Error::new(
                ErrorCode::Timeout,
                format!(
                    "{peer} did not respond within {} ms (the time ran out {phase}); check the network and any firewall, or raise {}",
                    deadline.total().as_millis(),
                    deadline.setting(),
                ),
            ),
            Cause::Stopped(Stopped::Cancelled) => Error::cancelled(phase),
            Cause::Lost(reason) => Error::new(
                ErrorCode::ConnectionLost,
                format!("the connection to {peer} broke {phase} ({reason}); try again"),
            ),
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "failed {}: {:?}", self.phase.describe(), self.cause)
    }
}

impl std::error::Error for Failure {}

impl From<Failure> for ureq::Error {
    fn from(failure: Failure) -> Self {
        ureq::Error::Other(Box::new(failure))
    }
}

/// The error for a response that violates HTTP or this library's limits.
fn invalid_response(reason: &ureq::Error, peer: &str) -> Error {
    let message = match reason {
        ureq::Error::BodyExceedsLimit(limit) => format!(
            "the response of {peer} is larger than {limit} bytes; check that endpoint is the address of the API"
        ),
        ureq::Error::LargeResponseHeader(_, limit) => format!(
            "the response of {peer} has more than {limit} bytes of headers; check that endpoint is the address of the API"
        ),
        other => format!(
            "{peer} did not respond in valid HTTP ({other}); check that endpoint is the address of the API, with https if the port speaks TLS"
        ),
    };
    Error::new(ErrorCode::InvalidResponse, message)
}

/// Adds a hint: many TLS servers close the connection when they receive plain HTTP.
pub(super) fn lost_without_tls(lost: Error) -> Error {
    Error::new(
        lost.code(),
        format!("{lost}; if the port speaks TLS, endpoint must begin with https://"),
    )
}

/// The error of this kind inside an I/O error, if that is what it carries.
pub(super) fn inner<E: std::error::Error + 'static>(error: &io::Error) -> Option<&E> {
    error.get_ref()?.downcast_ref()
}
