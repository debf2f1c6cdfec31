//! The state of one call.

use std::rc::Rc;
use std::thread;
use std::time::Duration;

use http::HeaderValue;
use log::LevelFilter;

use crate::deadline::Deadline;
use crate::error::Error;
use crate::interruption::{Cancelled, Interruption};

/// The state that the attempts of one call share.
pub(crate) struct Call {
    pub(crate) deadline: Deadline,
    pub(crate) interruption: Option<Rc<Interruption>>,
    pub(crate) log_level: Option<LevelFilter>,
    pub(crate) requester_user_id: HeaderValue,
    /// Seconds by which the server's clock is ahead; 0 until a response shows it.
    pub(crate) clock_offset: i64,
    pub(crate) clock_corrected: bool,
    pub(crate) connection_replaced: bool,
    pub(crate) retries: u32,
}

impl Call {
    /// Fails if the call was cancelled before it began.
    pub(crate) fn check_not_cancelled(&self) -> Result<(), Error> {
        match &self.interruption {
            Some(interruption) => interruption
                .check()
                .map_err(|Cancelled| Error::cancelled_unsent()),
            None => Ok(()),
        }
    }

    /// Sleeps before a retry. Fails if the call is cancelled meanwhile.
    pub(crate) fn sleep(&self, pause: Duration) -> Result<(), Error> {
        match &self.interruption {
            Some(interruption) => interruption
                .sleep(pause)
                .map_err(|Cancelled| Error::cancelled("before a retry")),
            None => {
                thread::sleep(pause);
                Ok(())
            }
        }
    }
}
