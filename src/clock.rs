//! The offset between the server's clock and this machine's. Pure: reads no clock.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The offset of the server's clock, learnt from its responses.
///
/// Starts at zero and lives as long as the client: only the first call pays for a rejected request.
#[derive(Debug, Default)]
pub(crate) struct ServerClock {
    offset: AtomicI64,
}

impl ServerClock {
    /// Seconds to add to this machine's time. Positive if the server is ahead.
    pub(crate) fn offset(&self) -> i64 {
        self.offset.load(Ordering::Relaxed)
    }

    /// Uses this offset for later calls.
    pub(crate) fn keep(&self, offset: i64) {
        self.offset.store(offset, Ordering::Relaxed);
    }
}

/// How far the server's clock is ahead, in seconds, from the `Date` of a response.
///
/// The server wrote the date between sending and receiving. Comparing it with their midpoint halves
/// the error of a slow network.
pub(crate) fn skew(date: SystemTime, sent: SystemTime, received: SystemTime) -> i64 {
    let travel = received.duration_since(sent).unwrap_or_default();
    seconds_since_epoch(date) - seconds_since_epoch(sent + travel / 2)
}

/// A skew as messages describe it: `2 h 0 min 5 s ahead of this machine's`.
pub(crate) fn describe(skew: i64) -> String {
    let direction = if skew < 0 { "behind" } else { "ahead of" };
    let seconds = skew.unsigned_abs();
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    format!(
        "{hours} h {minutes} min {} s {direction} this machine's",
        seconds % 60
    )
}

/// Converts a time of this machine's clock to the server's.
pub(crate) fn shift(time: SystemTime, seconds: i64) -> SystemTime {
    let by = Duration::from_secs(seconds.unsigned_abs());
    let shifted = if seconds < 0 {
        time.checked_sub(by)
    } else {
        time.checked_add(by)
    };
    shifted.unwrap_or(time)
}

fn seconds_since_epoch(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_secs()).unwrap_or(i64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn the_date_is_compared_with_the_midpoint() {
        assert_eq!(skew(at(8200), at(1000), at(1000)), 7200);
        assert_eq!(skew(at(1005), at(1000), at(1010)), 0);
        assert_eq!(skew(at(1000), at(8200), at(8200)), -7200);
        // A clock set back while the request was under way.
        assert_eq!(skew(at(2000), at(1000), at(500)), 1000);
    }

    #[test]
    fn the_offset_moves_the_clock_both_ways() {
        for offset in [7200, -7200] {
            assert_eq!(skew(shift(at(9000), offset), at(9000), at(9000)), offset);
        }
        shift(at(9000), i64::MAX);
    }

    #[test]
    fn a_skew_is_described_in_hours_minutes_and_seconds() {
        assert_eq!(describe(7205), "2 h 0 min 5 s ahead of this machine's");
        assert_eq!(describe(-61), "0 h 1 min 1 s behind this machine's");
    }
}
