//! Clock skew: the client corrects it when the server rejects a date, and only then.

mod support;

use diyalog::ErrorCode;
use diyalog_sandbox::CannedAnswer;

use support::{
    assert_answers, assert_fails, assert_says, client, client_of, config, look_up, sandbox,
};

const HOURS: [i64; 2] = [2 * 3600, -2 * 3600];
const REFUSAL: &str = "Request time may not be correct.";

#[test]
fn clock_skew_costs_one_request_once_per_client() {
    for offset in HOURS {
        let sandbox = sandbox();
        sandbox.set_clock_offset(offset);
        let client = client_of(&sandbox);
        assert_answers(&client);
        assert_eq!(sandbox.request_count(), 2, "the first lookup");
        for _ in 0..5 {
            assert_answers(&client);
        }
        assert_eq!(sandbox.request_count(), 7, "later lookups");
        assert_eq!(sandbox.connection_count(), 1);
    }
}

#[test]
fn clock_correction_does_not_count_as_a_retry() {
    let sandbox = sandbox();
    sandbox.set_clock_offset(HOURS[0]);
    assert_answers(&client(&config(sandbox.url()).max_retries(0)));
}

#[test]
fn changed_clock_skew_is_corrected_again() {
    let sandbox = sandbox();
    let client = client_of(&sandbox);
    for offset in [0, 7200, 0, -7200, 0] {
        sandbox.set_clock_offset(offset);
        assert_answers(&client);
        let before = sandbox.request_count();
        assert_answers(&client);
        assert_eq!(sandbox.request_count(), before + 1);
    }
}

#[test]
fn without_correction_the_error_contains_the_difference() {
    for (offset, difference) in [
        (HOURS[0], "ahead of this machine's"),
        (HOURS[1], "behind this machine's"),
    ] {
        let sandbox = sandbox();
        sandbox.set_clock_offset(offset);
        let client = client(&config(sandbox.url()).clock_correction(false));
        let error = assert_fails(&client, ErrorCode::ClockSkew);
        assert_says(&error, &[difference, "NTP"]);
        // Dates have whole seconds: the difference may be off by one.
        let is_two_hours = ["2 h 0 min 0 s", "2 h 0 min 1 s", "1 h 59 min 59 s"]
            .iter()
            .any(|difference| error.message().contains(difference));
        assert!(is_two_hours, "{error}");
        assert_eq!(error.http_status(), Some(403));
        assert!(!error.is_retryable());
        assert_eq!(sandbox.request_count(), 1);
    }
}

#[test]
fn clock_is_corrected_at_most_once_per_call() {
    let sandbox = sandbox();
    sandbox.push_fault_times(CannedAnswer::new(403).body(REFUSAL), 10);
    let error = assert_fails(&client_of(&sandbox), ErrorCode::ClockSkew);
    assert_says(&error, &["0 h 0 min"]);
    assert_eq!(sandbox.request_count(), 2);
}

/// The date of a cached response is in the past.
#[test]
fn response_with_age_does_not_set_the_clock() {
    let sandbox = sandbox();
    let aged = CannedAnswer::new(403)
        .header("Age", "60")
        .header("Date", "Tue, 09 Mar 2021 13:28:32 GMT")
        .body(REFUSAL);
    sandbox.push_fault(aged);
    let client = client_of(&sandbox);
    assert_fails(&client, ErrorCode::ClockSkew);
    assert_eq!(sandbox.request_count(), 1, "no date to correct with");
    assert_answers(&client);
    assert_eq!(sandbox.request_count(), 2, "the clock is unchanged");
}

#[test]
fn response_without_a_valid_date_does_not_set_the_clock() {
    for refusal in [
        CannedAnswer::new(403).without_header("Date"),
        CannedAnswer::new(403).header("Date", "yesterday"),
    ] {
        let sandbox = sandbox();
        sandbox.push_fault(refusal.body(REFUSAL));
        assert_fails(&client_of(&sandbox), ErrorCode::ClockSkew);
        assert_eq!(sandbox.request_count(), 1);
    }
}

/// A 403 is about the clock only with the server's documented text.
#[test]
fn other_403_does_not_set_the_clock() {
    let sandbox = sandbox();
    let forbidden = CannedAnswer::new(403).header("Date", "Tue, 09 Mar 2021 13:28:32 GMT");
    sandbox.push_fault(forbidden.body("Forbidden"));
    let client = client_of(&sandbox);
    assert_fails(&client, ErrorCode::HttpStatus);
    assert_answers(&client);
    assert_eq!(sandbox.request_count(), 2);
}

/// A forged rejection: the server's clock is in 2035.
fn rejection_from_2035() -> CannedAnswer {
    CannedAnswer::new(403)
        .header("Date", "Mon, 01 Jan 2035 00:00:00 GMT")
        .body(REFUSAL)
}

/// Regression: after one 403 with a wrong date, every later call failed.
#[test]
fn wrong_date_fails_one_call_only() {
    let unauthorized = CannedAnswer::new(401).body("Authorization failed");
    let without_date = CannedAnswer::new(403).without_header("Date").body(REFUSAL);
    for then in [unauthorized, without_date] {
        let sandbox = sandbox();
        let client = client(&config(sandbox.url()).max_retries(0));
        assert_answers(&client);
        sandbox.push_fault(rejection_from_2035());
        sandbox.push_fault(then);
        look_up(&client).expect_err("two rejections");
        let before = sandbox.request_count();
        assert_answers(&client);
        assert_eq!(sandbox.request_count(), before + 1, "with its own clock");
    }
}

#[test]
fn corrected_clock_outlives_a_wrong_date() {
    let sandbox = sandbox();
    sandbox.set_clock_offset(HOURS[0]);
    let client = client(&config(sandbox.url()).max_retries(0));
    assert_answers(&client);
    sandbox.push_fault(rejection_from_2035());
    sandbox.push_fault(CannedAnswer::new(401).body("Authorization failed"));
    look_up(&client).expect_err("two rejections");
    let before = sandbox.request_count();
    assert_answers(&client);
    assert_eq!(sandbox.request_count(), before + 1);
}
