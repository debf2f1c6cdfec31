//! The facts of a call that cannot be passed through ureq and rustls.
//!
//! A deadline is passed down as ureq's timeout, and a failure comes back in its error. Three facts
//! have no such way: what can end the call early, that a connection was opened for a request which
//! then succeeded, and that a server requested a client certificate, which rustls reports to a
//! resolver shared by all sessions. Both libraries are blocking, so a request stays on the calling
//! thread, and thread-locals can hold them. They have no destructors: those run after `dlclose`,
//! when their code may be gone.

use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::rc::Rc;

use crate::interruption::Interruption;

thread_local! {
    static INTERRUPTION: Cell<ManuallyDrop<Option<Rc<Interruption>>>> =
        const { Cell::new(ManuallyDrop::new(None)) };
    static CONNECTION_OPENED: Cell<bool> = const { Cell::new(false) };
    static CERTIFICATE_REQUESTED: Cell<bool> = const { Cell::new(false) };
}

/// Ends the exchange when dropped, and restores the one around it: an interrupt callback may call
/// this library.
pub(super) struct UnderWay {
    interruption_around: Option<Rc<Interruption>>,
    connection_opened_around: bool,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        drop(replace_interruption(self.interruption_around.take()));
        CONNECTION_OPENED.set(self.connection_opened_around);
    }
}

/// Starts an exchange, for which no connection was opened yet.
pub(super) fn begin(interruption: Option<&Rc<Interruption>>) -> UnderWay {
    UnderWay {
        interruption_around: replace_interruption(interruption.cloned()),
        connection_opened_around: CONNECTION_OPENED.replace(false),
    }
}

/// What can end the call under way, if anything can.
pub(super) fn interruption() -> Option<Rc<Interruption>> {
    let interruption = replace_interruption(None);
    drop(replace_interruption(interruption.clone()));
    interruption
}

fn replace_interruption(with: Option<Rc<Interruption>>) -> Option<Rc<Interruption>> {
    ManuallyDrop::into_inner(INTERRUPTION.replace(ManuallyDrop::new(with)))
}

/// Records that a connection was opened.
pub(super) fn set_connection_opened() {
    CONNECTION_OPENED.set(true);
}

/// Whether a connection was opened for the exchange under way.
pub(super) fn connection_opened() -> bool {
    CONNECTION_OPENED.get()
}

/// Records that the server requested a client certificate.
pub(super) fn set_certificate_requested() {
    CERTIFICATE_REQUESTED.set(true);
}

/// Returns whether the server requested a client certificate since the last call of this function.
pub(super) fn take_certificate_requested() -> bool {
    CERTIFICATE_REQUESTED.replace(false)
}
