//! The retry policy: whether a retry fits into the deadline, and the pause before it. Pure.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::{Duration, SystemTime};

/// The first back-off is a random time between 0 and this, the next between 0 and twice this.
const FIRST_BACKOFF: Duration = Duration::from_millis(100);

/// The limit of the doubling.
const LONGEST_BACKOFF: Duration = Duration::from_secs(10);

/// The pause before retry number `retry` (from 0), or `None` if it would not end before the
/// deadline. It is never shorter than `retry_after`.
///
/// Full jitter spreads the retries of many clients that failed at the same moment (Exponential
/// Backoff And Jitter, AWS Architecture Blog, 2015).
pub(crate) fn pause(
    retry: u32,
    retry_after: Option<Duration>,
    remaining: Option<Duration>,
    random: u64,
) -> Option<Duration> {
    let wait = full_jitter(retry, random).max(retry_after.unwrap_or_default());
    remaining.filter(|left| wait < *left).map(|_| wait)
}

fn full_jitter(retry: u32, random: u64) -> Duration {
    let ceiling = FIRST_BACKOFF
        .saturating_mul(1_u32.checked_shl(retry).unwrap_or(u32::MAX))
        .min(LONGEST_BACKOFF);
    ceiling.mul_f64(random as f64 / u64::MAX as f64)
}

/// A random number from the seed that std gives its hash maps, one per thread. A forked child
/// inherits the seed, so process id and time are mixed in.
pub(crate) fn random() -> u64 {
    RandomState::new().hash_one((std::process::id(), SystemTime::now()))
}

/// The wait requested by a `Retry-After` header, which has seconds or an HTTP date.
///
/// A date is compared with the response's own `Date` if it has one, so that clock skew does not
/// matter.
pub(crate) fn retry_after(
    header: &str,
    date: Option<SystemTime>,
    now: SystemTime,
) -> Option<Duration> {
    let header = header.trim();
    if !header.is_empty() && header.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(header.parse().unwrap_or(u64::MAX)));
    }
    let at = httpdate::parse_http_date(header).ok()?;
    Some(at.duration_since(date.unwrap_or(now)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::UNIX_EPOCH;

    const LONG: Option<Duration> = Some(Duration::from_secs(60));

    #[test]
    fn jitter_is_full_and_doubles() {
        for (retry, ceiling) in [(0, 100), (1, 200), (2, 400), (3, 800), (40, 10_000)] {
            assert_eq!(pause(retry, None, LONG, 0), Some(Duration::ZERO));
            let most = pause(retry, None, LONG, u64::MAX).unwrap();
            assert_eq!(most, Duration::from_millis(ceiling));
            let half = pause(retry, None, LONG, u64::MAX / 2).unwrap();
            assert_eq!(half.as_millis(), u128::from(ceiling) / 2);
        }
    }

    #[test]
    fn random_numbers_differ() {
        assert_ne!(random(), random());
    }

    #[test]
    fn the_pause_is_never_shorter_than_retry_after() {
        let second = Some(Duration::from_secs(1));
        assert_eq!(pause(0, second, LONG, u64::MAX), second);
        assert_eq!(
            pause(0, Some(Duration::ZERO), LONG, 0),
            Some(Duration::ZERO)
        );
    }

    #[test]
    fn a_pause_beyond_the_deadline_is_none() {
        let second = Some(Duration::from_secs(1));
        assert_eq!(pause(0, second, second, 0), None);
        assert_eq!(pause(0, None, None, 0), None);
        assert_eq!(pause(0, Some(Duration::MAX), LONG, 0), None);
    }

    #[test]
    fn retry_after_is_parsed_as_seconds_and_as_date() {
        let now = UNIX_EPOCH + Duration::from_secs(1_615_296_512);
        let seconds = |header, date| retry_after(header, date, now).map(|wait| wait.as_secs());
        assert_eq!(seconds("120", None), Some(120));
        assert_eq!(seconds(" 0 ", None), Some(0));
        assert_eq!(seconds("99999999999999999999999", None), Some(u64::MAX));
        assert_eq!(seconds("Tue, 09 Mar 2021 13:28:42 GMT", None), Some(10));
        let server_hour_ahead = Some(now + Duration::from_secs(3600));
        assert_eq!(
            seconds("Tue, 09 Mar 2021 14:28:42 GMT", server_hour_ahead),
            Some(10)
        );
        assert_eq!(seconds("Tue, 09 Mar 2021 13:28:02 GMT", None), Some(0));
        for odd in ["", "soon", "-1", "1.5", "Tue, 99 Mar"] {
            assert_eq!(seconds(odd, None), None, "{odd}");
        }
    }
}
