//! Retry-After and Date: a Retry-After header, a Date header, and numbers for the clocks, one a
//! line.

#![no_main]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use diyalog::fuzzing::{corrected, pause, retry_after};
use libfuzzer_sys::fuzz_target;

/// 9999-12-31T23:59:59Z.
const LAST_SECOND: u64 = 253_402_300_799;

fuzz_target!(|text: &str| {
    let mut lines = text.split('\n');
    let mut line = || lines.next().unwrap_or_default();
    let (header, date) = (line(), line());
    let mut number = || line().parse::<u64>().unwrap_or_default();
    let (clock, travel, next, random) = (number(), number(), number(), number());

    let date = httpdate::parse_http_date(date).ok();
    let sent = at(clock);
    let received = at(clock.wrapping_add(travel % 100_000));
    let asked = retry_after(header, date, received);
    check_retry_after(header, asked, date.unwrap_or(received));
    check_pause(
        next as u32,
        asked,
        Duration::from_millis(travel % 100_000),
        random,
    );
    if let Some(date) = date {
        check_correction(
            date,
            sent,
            received,
            sent + Duration::from_secs(next % 1_000_000),
        );
    }
});

/// Any time that a machine's clock may show, long before 1970 and after 9999 included.
fn at(seconds: u64) -> SystemTime {
    let seconds = seconds % (4 * LAST_SECOND);
    match seconds.checked_sub(LAST_SECOND) {
        Some(after) => UNIX_EPOCH + Duration::from_secs(after),
        None => UNIX_EPOCH - Duration::from_secs(seconds),
    }
}

fn check_retry_after(header: &str, asked: Option<Duration>, now: SystemTime) {
    let header = header.trim();
    let expected = if header.bytes().all(|byte| byte.is_ascii_digit()) && !header.is_empty() {
        Some(header.bytes().fold(0_u64, |seconds, digit| {
            seconds
                .saturating_mul(10)
                .saturating_add(u64::from(digit - b'0'))
        }))
    } else {
        let date = httpdate::parse_http_date(header).ok();
        date.map(|date| date.duration_since(now).unwrap_or_default().as_secs())
    };
    assert_eq!(asked.map(|wait| wait.as_secs()), expected);
}

fn check_pause(retry: u32, asked: Option<Duration>, left: Duration, random: u64) {
    assert_eq!(pause(retry, asked, None, random), None);
    if let Some(wait) = pause(retry, asked, Some(left), random) {
        assert!(wait < left);
        assert!(wait >= asked.unwrap_or_default());
        assert!(wait <= asked.unwrap_or_default().max(Duration::from_secs(10)));
    }
}

/// A request signed right after the correction carries the server's time.
fn check_correction(date: SystemTime, sent: SystemTime, received: SystemTime, next: SystemTime) {
    let (skew, words, header) = corrected(date, sent, received, next);
    assert_eq!(words.contains("behind"), skew < 0);
    let signed = httpdate::parse_http_date(&header).expect("a date");
    let seconds = |time: SystemTime| match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i128::from(after.as_secs()),
        Err(before) => -i128::from(before.duration().as_secs()),
    };
    let expected = (seconds(next) + i128::from(skew)).clamp(0, i128::from(LAST_SECOND));
    assert_eq!(seconds(signed), expected);
}
