//! Retries: after which failures, how often, when, and each with its own signature.

mod support;

use std::time::{Duration, Instant, SystemTime};

use diyalog::{CallOptions, Client, ErrorCode};
use diyalog_sandbox::{CannedAnswer, Fault, Sandbox};

use support::raw::{self, Listener};
use support::{CUSTOMER, assert_answers, assert_fails, client, client_of, config, sandbox};

/// Makes a lookup whose every attempt fails like this; returns its code and the number of attempts.
fn attempts(fault: impl Into<Fault>, max_retries: u32) -> (ErrorCode, u64) {
    let sandbox = sandbox();
    sandbox.push_fault_times(fault, 20);
    let client = client(&config(sandbox.url()).max_retries(max_retries));
    let error = support::look_up(&client).expect_err("an error");
    (error.code(), sandbox.request_count())
}

#[test]
fn transient_failures_are_retried() {
    for status in [408, 429, 502, 503, 504] {
        let expected = (ErrorCode::HttpStatus, 3);
        assert_eq!(attempts(CannedAnswer::new(status), 2), expected, "{status}");
    }
    let server_error = CannedAnswer::new(500).body("NullPointerException");
    assert_eq!(attempts(server_error, 2), (ErrorCode::Server, 3));
    assert_eq!(attempts(Fault::Close, 2), (ErrorCode::ConnectionLost, 3));
    let broken_off = CannedAnswer::new(200)
        .header("Content-Length", "70")
        .body(r#"{"isInHelp""#);
    assert_eq!(attempts(broken_off, 2), (ErrorCode::ConnectionLost, 3));
}

#[test]
fn other_failures_are_not_retried() {
    use ErrorCode::*;
    let answer = |status, text: &str| Fault::from(CannedAnswer::new(status).body(text));
    for (fault, code) in [
        (answer(400, "Required headers not found"), HeadersMissing),
        (
            answer(400, "Authorization failed due to data format not valid"),
            AuthorizationFormat,
        ),
        (
            answer(400, "Authorization failed due to date not valid"),
            DateFormat,
        ),
        (answer(401, "Authorization failed"), Unauthorized),
        (answer(403, "Forbidden by the firewall"), HttpStatus),
        (answer(404, ""), HttpStatus),
        (answer(302, ""), HttpStatus),
        (answer(501, ""), HttpStatus),
        (answer(204, ""), HttpStatus),
        (Fault::Garble, InvalidResponse),
        (answer(200, &" ".repeat(65 * 1024)), InvalidResponse),
    ] {
        let name = fault.to_string();
        assert_eq!(attempts(fault, 2), (code, 1), "{name}");
    }
}

#[test]
fn retries_are_limited_by_max_retries() {
    for retries in [0, 1, 4] {
        let expected = (ErrorCode::HttpStatus, u64::from(retries) + 1);
        assert_eq!(attempts(CannedAnswer::new(503), retries), expected);
    }
}

#[test]
fn successful_retry_hides_the_failure() {
    let sandbox = sandbox();
    sandbox.push_fault(Fault::Close);
    sandbox.push_fault(CannedAnswer::new(503));
    assert_answers(&client_of(&sandbox));
    assert_eq!(sandbox.request_count(), 3);
}

#[test]
fn refused_connection_is_retried() {
    let port = raw::free_port();
    let client = client(&config(&format!("http://127.0.0.1:{port}")).max_retries(40));
    std::thread::scope(|scope| {
        let lookup = scope.spawn(|| support::look_up(&client));
        std::thread::sleep(Duration::from_millis(300));
        let answer = |mut stream: std::net::TcpStream| {
            while raw::read_request(&mut stream).is_some() {
                let _ = std::io::Write::write_all(&mut stream, &raw::not_in_help());
            }
        };
        let _server = Listener::start_on(&format!("127.0.0.1:{port}"), answer);
        let status = lookup.join().unwrap().expect("a response");
        assert!(!status.is_in_help);
    });
}

#[test]
fn unreachable_server_and_unknown_name_have_their_codes() {
    let url = format!("http://127.0.0.1:{}", raw::free_port());
    let error = assert_fails(&client(&config(&url)), ErrorCode::Connect);
    support::assert_says(&error, &["127.0.0.1", "refused"]);
    assert!(error.is_retryable());

    let nowhere = config("https://no-such-host.invalid");
    let error = assert_fails(&client(&nowhere), ErrorCode::Resolve);
    support::assert_says(&error, &["no-such-host.invalid", "DNS"]);
    assert!(error.is_retryable());
}

/// Returns the pause after a first response with this Retry-After; the second attempt succeeds.
fn waited_for(sandbox: &Sandbox, retry_after: &str) -> Duration {
    sandbox.push_fault(CannedAnswer::new(503).header("Retry-After", retry_after));
    let start = Instant::now();
    assert_answers(&client_of(sandbox));
    start.elapsed()
}

#[test]
fn retry_waits_for_retry_after() {
    let sandbox = sandbox();
    assert!(waited_for(&sandbox, "1") >= Duration::from_secs(1));
    // The server's clock is an hour ahead here: the date is compared with the response's Date.
    sandbox.set_clock_offset(3600);
    assert_answers(&client_of(&sandbox));
    let in_two_seconds = SystemTime::now() + Duration::from_secs(3602);
    let waited = waited_for(&sandbox, &httpdate::fmt_http_date(in_two_seconds));
    // HTTP dates have whole seconds, so the pause may be one second shorter.
    assert!(waited >= Duration::from_millis(900), "{waited:?}");
    assert!(waited < Duration::from_secs(20), "{waited:?}");
}

#[test]
fn pause_beyond_the_deadline_returns_the_error_at_once() {
    let sandbox = sandbox();
    let an_hour_ahead = SystemTime::now() + Duration::from_secs(3600);
    for retry_after in ["3600", &httpdate::fmt_http_date(an_hour_ahead)] {
        sandbox.push_fault(CannedAnswer::new(429).header("Retry-After", retry_after));
        let before = sandbox.request_count();
        let start = Instant::now();
        let error = assert_fails(&client_of(&sandbox), ErrorCode::HttpStatus);
        assert_eq!(error.http_status(), Some(429));
        assert!(start.elapsed() < Duration::from_secs(15), "it waited");
        assert_eq!(sandbox.request_count(), before + 1);
    }
}

/// The sandbox records the result of its check of every request, even if a fault replaces the
/// response.
#[test]
fn each_attempt_has_its_own_signature() {
    let sandbox = sandbox();
    sandbox.push_fault(CannedAnswer::new(503).header("Retry-After", "2"));
    assert_answers(&client_of(&sandbox));

    let requests = sandbox.requests();
    let header = |number: usize, name| requests[number].header(name).expect("is sent").to_owned();
    assert_eq!(requests.len(), 2);
    assert!(requests[0].reason.contains("in help"), "{:?}", requests[0]);
    assert_ne!(header(0, "x-dlg-date"), header(1, "x-dlg-date"));
    assert_ne!(
        header(0, "x-dlg-authorization"),
        header(1, "x-dlg-authorization")
    );
    assert_eq!(requests[0].body, requests[1].body);
}

#[test]
fn call_timeout_overrides_the_clients() {
    let sandbox = sandbox();
    sandbox.push_fault(Fault::Silence);
    let client: Client = client_of(&sandbox);
    let hurried = CallOptions::new().timeout(Duration::from_millis(50));
    let error = client
        .is_customer_in_online_help_with(CUSTOMER, hurried)
        .expect_err("no answer");
    assert_eq!(error.code(), ErrorCode::Timeout);
    assert_answers(&client);
}
