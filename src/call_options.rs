//! Per-call overrides of the client's settings.

use std::rc::Rc;
use std::time::Duration;

use log::LevelFilter;

use crate::cancellation::Cancellation;
use crate::interruption::{Interrupt, Interruption};

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
    pub(crate) cancellation: Option<&'a Cancellation>,
    /// Of the queue that makes the call.
    pub(crate) queue_cancellation: Option<&'a Cancellation>,
    pub(crate) interrupt: Option<&'a Interrupt>,
    pub(crate) repeatable: bool,
    /// Replaces the level of the client's log callback, and caps the lines for the `log` crate.
    pub(crate) log_level: Option<LevelFilter>,
}

impl<'a> CallOptions<'a> {
    /// Creates options without overrides.
    pub fn new() -> Self {
        CallOptions::default()
    }

    /// Sets the time budget for the whole call, retries included. Default: the client's timeout.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets the staff number sent as the requester. Default: the client's.
    pub fn requester_user_id(mut self, user_id: &'a str) -> Self {
        self.requester_user_id = Some(user_id);
        self
    }

    /// Sets whether the server may receive the same [`post`](crate::Client::post) twice without harm.
    /// If true, it is retried like a lookup. Default false.
    pub fn repeatable(mut self, repeatable: bool) -> Self {
        self.repeatable = repeatable;
        self
    }

    /// What can end the call early, if anything can.
    pub(crate) fn interruption(&self) -> Option<Rc<Interruption>> {
        Interruption::new(self.cancellation, self.queue_cancellation, self.interrupt)
    }

    /// Lets other threads cancel this call.
    pub fn cancellation(mut self, cancellation: &'a Cancellation) -> Self {
        self.cancellation = Some(cancellation);
        self
    }
}
