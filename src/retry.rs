//! When to try again: how long to wait before it, and whether it is worth it. Pure.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::{Duration, SystemTime};

/// The first back-off is drawn from 0 to this, the next from 0 to twice this, and so on.
const FIRST_BACKOFF: Duration = Duration::from_millis(100);

/// No back-off is drawn from more than this, however many retries there are.
const LONGEST_BACKOFF: Duration = Duration::from_secs(10);

/// How long to wait before retry number `retry` (from 0), or `None` where the wait would not end
/// before the deadline.
///
/// Full jitter spreads the retries of many clients that failed at the same moment evenly over
/// the time (Exponential Backoff And Jitter, AWS Architecture Blog, 2015). A server that names a
/// time is not asked before it.
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

/// A random number that spreads retries: std seeds its hash maps with one per thread. A forked child
/// inherits that seed, so what tells it from its siblings is mixed in.
pub(crate) fn random() -> u64 {
    RandomState::new().hash_one((std::process::id(), SystemTime::now()))
}

/// The wait that a `Retry-After` header asks for: seconds, or an HTTP date.
///
/// A date is held against the server's own `Date` where the answer has one, so that clock skew
/// does not matter.
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
    fn draws_differ() {
        assert_ne!(random(), random());
    }

    #[test]
    fn the_server_is_not_asked_before_its_time() {
        let second = Some(Duration::from_secs(1));
        assert_eq!(pause(0, second, LONG, u64::MAX), second);
        assert_eq!(
            pause(0, Some(Duration::ZERO), LONG, 0),
            Some(Duration::ZERO)
        );
    }

    #[test]
    fn a_wait_that_does_not_fit_is_none() {
        let second = Some(Duration::from_secs(1));
        assert_eq!(pause(0, second, second, 0), None);
        assert_eq!(pause(0, None, None, 0), None);
        assert_eq!(pause(0, Some(Duration::MAX), LONG, 0), None);
    }

    #[test]
    fn retry_after_is_read_in_both_forms() {
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
