//! Redirects are not followed: the signed headers reach no other address.

mod support;

use diyalog::ErrorCode;
use diyalog_sandbox::CannedAnswer;

use support::{assert_answers, assert_fails, assert_says, client_of, sandbox};

#[test]
fn redirect_to_another_host_is_not_followed() {
    let (server, other) = (sandbox(), sandbox());
    let client = client_of(&server);
    for status in [300, 301, 302, 303, 304, 307, 308] {
        let location = format!("{}/v1/application/iscustomerinonlinehelp", other.url());
        server.push_fault(CannedAnswer::new(status).header("Location", &location));
        let error = assert_fails(&client, ErrorCode::HttpStatus);
        assert_eq!(error.http_status(), Some(status));
        assert!(!error.is_retryable());
        if ![300, 304].contains(&status) {
            assert_says(&error, &["redirect", "endpoint"]);
        }
    }
    assert_eq!(other.connection_count(), 0);
    assert_eq!(server.request_count(), 7);
    assert_answers(&client);
}

#[test]
fn redirect_to_another_path_is_not_followed() {
    let server = sandbox();
    let moved = CannedAnswer::new(308).header("Location", "/elsewhere");
    server.push_fault(moved.body("Moved"));
    assert_fails(&client_of(&server), ErrorCode::HttpStatus);
    assert_eq!(server.request_count(), 1);
}

/// The response ends inside its header.
#[test]
fn truncated_redirect_is_a_lost_connection() {
    use std::io::Write;
    use support::raw::{self, Listener};
    let server = Listener::start(|mut stream| {
        raw::read_request(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\n");
    });
    let config = support::config(&server.url("http")).max_retries(0);
    assert_fails(&support::client(&config), ErrorCode::ConnectionLost);
}
