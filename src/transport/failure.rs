//! What ureq reports, told as this library's errors.

use std::io;

use super::call::{self, Phase};
use crate::deadline::Deadline;
use crate::error::{Error, ErrorCode};

/// Wraps an error so that ureq hands it through unseen.
pub(super) fn carry(error: Error) -> ureq::Error {
    ureq::Error::Other(Box::new(error))
}

/// A connection that broke, rather than ended. ureq takes a reset inside a body for its end, and
/// so it does TLS that breaks off; an error of kind `Other` it hands on.
pub(super) fn broken(error: io::Error) -> ureq::Error {
    io::Error::other(error).into()
}

/// The other side closed the connection in the middle of what it had begun to say.
pub(super) fn cut_off() -> ureq::Error {
    broken(io::Error::new(
        io::ErrorKind::UnexpectedEof,
        "Peer disconnected",
    ))
}

/// What went wrong between here and `peer` (`host:port`).
pub(super) fn explain(failure: ureq::Error, peer: &str, deadline: Deadline) -> Error {
    match failure {
        ureq::Error::Other(inner) => match inner.downcast::<Error>() {
            Ok(error) => *error,
            Err(other) => connection_lost(peer, &*other),
        },
        ureq::Error::Timeout(_) => timeout(peer, deadline),
        ureq::Error::Io(error) => connection_lost(peer, &error),
        ureq::Error::ConnectProxyFailed(reason) => proxy_refused(&reason),
        ureq::Error::BodyExceedsLimit(limit) => Error::new(
            ErrorCode::InvalidResponse,
            format!(
                "{peer} answered more than {limit} bytes, which no lookup needs; check that endpoint is the address of the API"
            ),
        ),
        ureq::Error::LargeResponseHeader(_, limit) => Error::new(
            ErrorCode::InvalidResponse,
            format!(
                "{peer} answered more than {limit} bytes of headers; check that endpoint is the address of the API"
            ),
        ),
        other if call::phase() == Phase::Tunnel => Error::new(
            ErrorCode::Proxy,
            format!(
                "what the proxy setting names did not answer as an HTTP proxy does ({other}); check its host and port"
            ),
        ),
        other => Error::new(
            ErrorCode::InvalidResponse,
            format!(
                "{peer} did not answer in proper HTTP ({other}); check that endpoint is the address of the API, with https where the port speaks TLS"
            ),
        ),
    }
}

fn timeout(peer: &str, deadline: Deadline) -> Error {
    Error::new(
        ErrorCode::Timeout,
        format!(
            "{peer} did not answer within {} ms (the time ran out {}); check the network and any firewall, or raise the timeout",
            deadline.total().as_millis(),
            call::phase().describe()
        ),
    )
}

fn connection_lost(peer: &str, reason: &dyn std::error::Error) -> Error {
    Error::new(
        ErrorCode::ConnectionLost,
        format!(
            "the connection to {peer} broke {} ({reason}); trying again may help",
            call::phase().describe()
        ),
    )
}

/// Many a TLS server hangs up on plain HTTP without a word.
pub(super) fn lost_without_tls(lost: Error) -> Error {
    Error::new(
        lost.code(),
        format!("{lost}; where the port speaks TLS, endpoint must begin with https://"),
    )
}

fn proxy_refused(reason: &str) -> Error {
    let advice = if reason.contains("407") {
        "set the proxy with the right user name and password: http://user:password@host:port"
    } else {
        "ask the proxy's administrator to allow CONNECT to the endpoint's host and port"
    };
    Error::new(
        ErrorCode::Proxy,
        format!("the proxy refused the connection ({reason}); {advice}"),
    )
}

/// The error of this kind inside an I/O error, if that is what it carries.
pub(super) fn inner<E: std::error::Error + 'static>(error: &io::Error) -> Option<&E> {
    error.get_ref()?.downcast_ref()
}
