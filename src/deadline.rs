//! The one deadline of a call.

use std::time::{Duration, Instant};

/// When a call must be over, whatever phase it is in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    at: Instant,
    total: Duration,
}

impl Deadline {
    pub(crate) fn after(total: Duration) -> Self {
        Deadline {
            at: Instant::now() + total,
            total,
        }
    }

    /// What is left, or `None` once the deadline has passed.
    pub(crate) fn remaining(&self) -> Option<Duration> {
        self.at
            .checked_duration_since(Instant::now())
            .filter(|left| !left.is_zero())
    }

    /// The time since the call began.
    pub(crate) fn elapsed(&self) -> Duration {
        let began = self.at.checked_sub(self.total);
        began.map_or(self.total, |began| began.elapsed())
    }

    /// The whole time that the call was given.
    pub(crate) fn total(&self) -> Duration {
        self.total
    }
}
