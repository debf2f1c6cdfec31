//! What belongs to the call under way on this thread and has no way through ureq and rustls.
//!
//! A deadline travels down as ureq's timeout and a failure travels up as its error. Two facts
//! cannot: that a connection was opened for a request which then succeeded, and that a server
//! requested a client certificate, which rustls reports to a resolver shared by all sessions. Both
//! libraries are blocking, so everything a request does happens on the calling thread. The
//! thread-locals have no destructors: those run after `dlclose`, when their code may be gone.

use std::cell::Cell;

thread_local! {
    static CONNECTION_OPENED: Cell<bool> = const { Cell::new(false) };
    static CERTIFICATE_REQUESTED: Cell<bool> = const { Cell::new(false) };
}

/// Starts an exchange: no connection was opened for it yet.
pub(super) fn begin() {
    CONNECTION_OPENED.set(false);
}

/// Notes that a connection was opened.
pub(super) fn set_connection_opened() {
    CONNECTION_OPENED.set(true);
}

/// Whether a connection was opened for the exchange under way.
pub(super) fn connection_opened() -> bool {
    CONNECTION_OPENED.get()
}

/// Notes that the server requested a client certificate.
pub(super) fn set_certificate_requested() {
    CERTIFICATE_REQUESTED.set(true);
}

/// Whether the server requested a client certificate since this was last called.
pub(super) fn take_certificate_requested() -> bool {
    CERTIFICATE_REQUESTED.replace(false)
}
