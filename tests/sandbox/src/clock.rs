//! The sandbox's clock, and its two text formats.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The largest offset in either direction, about 31 years. Every shifted time is between 1970 and
/// 9999, the range of HTTP dates.
pub(crate) const MAX_OFFSET_SECONDS: i64 = 1_000_000_000;

/// The system's clock with an offset that can be changed while the sandbox runs.
pub(crate) struct Clock {
    offset_seconds: AtomicI64,
}

impl Clock {
    pub(crate) fn with_offset(seconds: i64) -> Result<Clock, String> {
        let clock = Clock {
            offset_seconds: AtomicI64::new(0),
        };
        clock.set_offset(seconds)?;
        Ok(clock)
    }

    pub(crate) fn set_offset(&self, seconds: i64) -> Result<(), String> {
        if !(-MAX_OFFSET_SECONDS..=MAX_OFFSET_SECONDS).contains(&seconds) {
            return Err(format!(
                "a clock offset has to be between -{MAX_OFFSET_SECONDS} and {MAX_OFFSET_SECONDS} seconds"
            ));
        }
        self.offset_seconds.store(seconds, Ordering::SeqCst);
        Ok(())
    }

    pub(crate) fn offset(&self) -> i64 {
        self.offset_seconds.load(Ordering::SeqCst)
    }

    /// Seconds since 1970 by the sandbox's clock.
    pub(crate) fn now(&self) -> i64 {
        self.now_milliseconds().div_euclid(1000)
    }

    /// The same in milliseconds.
    pub(crate) fn now_milliseconds(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        since.map_or(0, |since| since.as_millis() as i64) + self.offset() * 1000
    }
}

fn unix_seconds(time: SystemTime) -> i64 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs() as i64)
}

/// The value of a `Date` header.
pub(crate) fn http_date(unix_seconds: i64) -> String {
    let since_epoch = Duration::from_secs(unix_seconds.max(0) as u64);
    httpdate::fmt_http_date(UNIX_EPOCH + since_epoch)
}

/// Parses the value of `x-dlg-date`, `EEE, dd MMM yyyy HH:mm:ss Z`, to seconds since 1970.
///
/// The zone is `GMT`, a sign and four digits, or absent, which counts as GMT. The rest is strict:
/// days of two digits, English names, the right weekday, no year before 1970.
pub(crate) fn parse_request_date(text: &str) -> Option<i64> {
    const LENGTH_WITHOUT_ZONE: usize = "Tue, 09 Mar 2021 13:28:32".len();
    let (local, zone) = text.split_at_checked(LENGTH_WITHOUT_ZONE)?;
    let zone_seconds = match zone {
        "" => 0,
        zone => parse_zone(zone.strip_prefix(' ')?)?,
    };
    Some(parse_as_gmt(local)? - zone_seconds)
}

fn parse_as_gmt(local: &str) -> Option<i64> {
    let canonical = format!("{local} GMT");
    let seconds = unix_seconds(httpdate::parse_http_date(&canonical).ok()?);
    // The HTTP parser accepts two more formats and wrong weekdays. Only dates that it would write
    // itself are accepted here.
    (http_date(seconds) == canonical).then_some(seconds)
}

fn parse_zone(zone: &str) -> Option<i64> {
    if zone == "GMT" {
        return Some(0);
    }
    let (sign, digits) = match zone.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let hours: i64 = digits[..2].parse().ok()?;
    let minutes: i64 = digits[2..].parse().ok()?;
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARCH_2021: i64 = 1_615_296_512;

    #[test]
    fn reads_every_documented_form() {
        for (text, seconds) in [
            ("Tue, 09 Mar 2021 13:28:32 GMT", MARCH_2021),
            ("Tue, 09 Mar 2021 13:28:32 +0000", MARCH_2021),
            ("Tue, 09 Mar 2021 13:28:32 -0000", MARCH_2021),
            ("Tue, 09 Mar 2021 13:28:32", MARCH_2021),
            ("Tue, 09 Mar 2021 16:28:32 +0300", MARCH_2021),
            ("Tue, 09 Mar 2021 07:58:32 -0530", MARCH_2021),
            ("Thu, 29 Feb 2024 23:59:59 GMT", 1_709_251_199),
            ("Thu, 01 Jan 1970 00:00:00 +0100", -3600),
        ] {
            assert_eq!(parse_request_date(text), Some(seconds), "{text}");
        }
    }

    #[test]
    fn rejects_everything_else() {
        for text in [
            "",
            "Tue",
            "now",
            "2021-03-09T13:28:32Z",
            "1615296512",
            "Tue, 9 Mar 2021 13:28:32 GMT",
            "tue, 09 Mar 2021 13:28:32 GMT",
            "Tue, 09 MAR 2021 13:28:32 GMT",
            "Wed, 09 Mar 2021 13:28:32 GMT",
            "Sal, 09 Mar 2021 13:28:32 GMT",
            "Tue, 09 Mar 21 13:28:32 GMT",
            "Tue 09 Mar 2021 13:28:32 GMT",
            "Tuesday, 09-Mar-21 13:28:32 GMT",
            "Tue Mar  9 13:28:32 2021",
            "Tue, 09 Mar 2021 24:00:00 GMT",
            "Tue, 09 Mar 2021 13:60:32 GMT",
            "Mon, 29 Feb 2021 13:28:32 GMT",
            "Tue, 09 Mar 2021 13:28:32GMT",
            "Tue, 09 Mar 2021 13:28:32 ",
            "Tue, 09 Mar 2021 13:28:32  GMT",
            "Tue, 09 Mar 2021 13:28:32 GMT ",
            " Tue, 09 Mar 2021 13:28:32 GMT",
            "Tue, 09 Mar 2021 13:28:32 gmt",
            "Tue, 09 Mar 2021 13:28:32 Z",
            "Tue, 09 Mar 2021 13:28:32 0000",
            "Tue, 09 Mar 2021 13:28:32 +00:00",
            "Tue, 09 Mar 2021 13:28:32 +03",
            "Tue, 09 Mar 2021 13:28:32 +2400",
            "Tue, 09 Mar 2021 13:28:32 +0060",
            "Tue, 09 Mar 2021 13:28:32 ++300",
            "Tue, 09 Mar 2021 13:28:3ş GMT",
        ] {
            assert_eq!(parse_request_date(text), None, "{text}");
        }
    }

    #[test]
    fn clock_runs_with_its_offset_and_rejects_an_invalid_one() {
        let clock = Clock::with_offset(-7200).unwrap();
        let difference = unix_seconds(SystemTime::now()) - clock.now();
        assert!((7200..=7201).contains(&difference), "{difference}");

        assert!(clock.set_offset(MAX_OFFSET_SECONDS + 1).is_err());
        assert!(clock.set_offset(i64::MIN).is_err());
        assert_eq!(clock.offset(), -7200);
    }
}
