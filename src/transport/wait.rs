//! Limits each wait, so that deadlines and cancellations are noticed in time.

use std::fmt;
use std::io;
use std::time::{Duration, Instant};

use ureq::unversioned::transport::NextTimeout;

use super::current_call;
use crate::interruption::Cancelled;

/// The longest single wait. Linux rounds long socket timeouts up: one of 10 s ended 238 ms late, one
/// of 17 s 1,433 ms. Up to 250 ms they are exact to 10 ms, whatever the kernel's tick.
pub(super) const LONGEST: Duration = Duration::from_millis(250);

/// Why a wait ended before its event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stopped {
    /// The deadline passed.
    TimedOut,
    /// The call was cancelled.
    Cancelled,
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stopped::TimedOut => "the deadline passed",
            Stopped::Cancelled => "the call was cancelled",
        })
    }
}

impl std::error::Error for Stopped {}

impl From<Cancelled> for Stopped {
    fn from(_: Cancelled) -> Self {
        Stopped::Cancelled
    }
}

impl From<Stopped> for io::Error {
    fn from(stopped: Stopped) -> Self {
        io::Error::other(stopped)
    }
}

/// The end of ureq's timeout. Every request has one: `Transport::exchange` sets it.
pub(super) fn end_of(timeout: &NextTimeout) -> Instant {
    let now = Instant::now();
    now.checked_add(*timeout.after).unwrap_or(now)
}

/// The duration of the next wait.
pub(super) fn next(until: Instant) -> Result<Duration, Stopped> {
    let mut longest = LONGEST;
    if let Some(interruption) = current_call::interruption() {
        interruption.check()?;
        longest = interruption.slice();
    }
    match until.checked_duration_since(Instant::now()) {
        // Zero would mean no timeout at all to a socket.
        Some(left) if !left.is_zero() => Ok(left.min(longest).max(Duration::from_millis(1))),
        _ => Err(Stopped::TimedOut),
    }
}

/// Call after a wait that ended before its event, before the next wait.
pub(super) fn ended() {
    if let Some(interruption) = current_call::interruption() {
        interruption.wait_ended();
    }
}

/// Call before the waits for a peer that may send forever, with no lock held.
pub(super) fn begins() {
    if let Some(interruption) = current_call::interruption() {
        interruption.wait_begins();
    }
}

/// Whether a wait ended by its timeout or a signal, so that it may be renewed.
pub(super) fn is_renewable(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted
    )
}
