//! What one call overrides of the client's settings.

use std::fmt;
use std::time::Duration;

use log::LevelFilter;

use crate::cancellation::{CancelSources, Cancellation};

/// Per-call overrides of the client's settings.
///
/// ```
/// use std::time::Duration;
/// use diyalog::CallOptions;
///
/// let short = CallOptions::new().timeout(Duration::from_millis(300));
/// let for_another = CallOptions::new().requester_user_id("45187");
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct CallOptions<'a> {
    pub(crate) timeout: Option<Duration>,
    pub(crate) requester_user_id: Option<&'a str>,
    pub(crate) cancel_sources: CancelSources<'a>,
    pub(crate) interrupt: Option<Interrupt<'a>>,
    /// Replaces the level of the client's log callback, and caps the lines for the `log` crate.
    pub(crate) log_level: Option<LevelFilter>,
}

/// Asked on the calling thread while the call waits; true cancels the call.
#[derive(Clone, Copy)]
#[expect(dead_code)]
pub(crate) struct Interrupt<'a>(pub(crate) &'a dyn Fn() -> bool);

impl fmt::Debug for Interrupt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Interrupt")
    }
}

impl<'a> CallOptions<'a> {
    /// No overrides.
    pub fn new() -> Self {
        CallOptions::default()
    }

    /// Time budget for the whole call, retries included.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Staff number sent as the requester.
    pub fn requester_user_id(mut self, user_id: &'a str) -> Self {
        self.requester_user_id = Some(user_id);
        self
    }

    /// Lets other threads cancel this call.
    pub fn cancellation(mut self, cancellation: &'a Cancellation) -> Self {
        self.cancel_sources.of_caller = Some(cancellation);
        self
    }
}
