//! What the layers below ureq need to know of the call under way.
//!
//! ureq hands a timeout to its connectors and transports, but only one fixed when the agent is
//! made, or at the price of a copy of its whole configuration per request. As ureq is blocking,
//! everything that a request does happens on the calling thread, inside `Transport::post`; so
//! what belongs to the call waits in a thread-local until then. It has no destructor: those of
//! thread-locals run after `dlclose`, when their code may be gone.

use std::cell::Cell;
use std::time::Duration;

use crate::deadline::Deadline;

/// What a call is waiting for, as messages tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Resolving,
    Connecting,
    /// Connecting to the proxy, and asking it to connect to the server.
    Tunnel,
    TlsHandshake,
    Answer,
}

impl Phase {
    pub(super) fn describe(self) -> &'static str {
        match self {
            Phase::Resolving => "looking up the host name",
            Phase::Connecting => "connecting",
            Phase::Tunnel => "connecting through the proxy",
            Phase::TlsHandshake => "in the TLS handshake",
            Phase::Answer => "waiting for the answer",
        }
    }
}

#[derive(Clone, Copy)]
struct Call {
    deadline: Deadline,
    phase: Phase,
    connected: bool,
    certificate_wanted: bool,
}

thread_local! {
    static CALL: Cell<Option<Call>> = const { Cell::new(None) };
}

/// The call is under way until this is dropped. It keeps the call around it: a log callback must
/// not call the library, but where one does, nobody's deadline is lost.
pub(super) struct UnderWay {
    around: Option<Call>,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        CALL.set(self.around);
    }
}

pub(super) fn begin(deadline: Deadline) -> UnderWay {
    let call = Call {
        deadline,
        phase: Phase::Answer,
        connected: false,
        certificate_wanted: false,
    };
    UnderWay {
        around: CALL.replace(Some(call)),
    }
}

/// What is left of the call's time; `None` once the deadline has passed.
///
/// Nothing is left where no call is under way: I/O then has no business here.
pub(super) fn remaining() -> Option<Duration> {
    CALL.get()?.deadline.remaining()
}

pub(super) fn enter(phase: Phase) {
    if let Some(call) = CALL.get() {
        let connected = call.connected || phase != Phase::Answer;
        CALL.set(Some(Call {
            phase,
            connected,
            ..call
        }));
    }
}

pub(super) fn phase() -> Phase {
    CALL.get().map_or(Phase::Answer, |call| call.phase)
}

/// Whether this call opened a connection of its own, rather than taking one from the pool.
pub(super) fn has_connected() -> bool {
    CALL.get().is_some_and(|call| call.connected)
}

/// Notes whether the server has asked for a client certificate and not yet shown, by answering,
/// that it can go without or likes the one it was shown.
pub(super) fn set_certificate_wanted(wanted: bool) {
    if let Some(call) = CALL.get() {
        CALL.set(Some(Call {
            certificate_wanted: wanted,
            ..call
        }));
    }
}

pub(super) fn is_certificate_wanted() -> bool {
    CALL.get().is_some_and(|call| call.certificate_wanted)
}
