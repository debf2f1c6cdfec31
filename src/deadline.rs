//! The deadline of a call or of one attempt.

use std::time::{Duration, Instant};

/// The time by which a call must end, whatever phase it is in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    at: Instant,
    total: Duration,
    setting: &'static str,
}

impl Deadline {
    pub(crate) fn after(total: Duration) -> Self {
        Deadline {
            at: Instant::now() + total,
            total,
            setting: "timeout_ms",
        }
    }

    /// The deadline of one attempt: at most `limit` from now, and no later than this one.
    pub(crate) fn of_attempt(self, limit: Option<Duration>) -> Self {
        let now = Instant::now();
        match limit {
            Some(total) if now + total < self.at => Deadline {
                at: now + total,
                total,
                setting: "attempt_timeout_ms",
            },
            _ => self,
        }
    }

    /// The remaining time, or `None` once the deadline has passed.
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

    /// The whole time budget.
    pub(crate) fn total(&self) -> Duration {
        self.total
    }

    /// The name of the setting that this deadline comes from.
    pub(crate) fn setting(&self) -> &'static str {
        self.setting
    }
}
