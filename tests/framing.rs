//! Responses in every framing that HTTP/1.1 allows, fast and slow, and invalid ones.

mod support;

use std::io::{Read, Write};
use std::thread;
use std::time::Duration;

use diyalog::{Client, ErrorCode};
use diyalog_sandbox::{CannedAnswer, Fault};

use support::raw::{self, Listener};
use support::{Scratch, assert_answers, assert_fails, client, client_of, config, look_up, sandbox};

const BODY: &str = r#"{"isInHelp":true,"helpType":"inbound","staffId":"45001"}"#;

/// A client of a server that sends these bytes for every request, and then closes if `is_closed`.
fn client_of_responses(answer: &str, is_closed: bool) -> (Client, Listener) {
    let answer = answer.replace("BODY", BODY).into_bytes();
    let server = Listener::start(move |mut stream| {
        while raw::read_request(&mut stream).is_some() {
            if stream.write_all(&answer).is_err() || is_closed {
                return;
            }
        }
    });
    (client(&config(&server.url("http")).max_retries(0)), server)
}

#[test]
fn every_framing_of_a_body_is_accepted() {
    let length = BODY.len();
    let chunk = format!("{length:x}\r\nBODY\r\n0\r\n\r\n");
    for (answer, is_closed) in [
        (format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\nBODY"), false),
        (format!("HTTP/1.1 200\r\ncontent-LENGTH:{length}  \r\n\r\nBODY"), false),
        (format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}"), false),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n10;x=y\r\n\"isInHelp\":false\r\n1\r\n}\r\n0\r\nX-Sum: 1\r\n\r\n".to_owned(),
            false,
        ),
        ("HTTP/1.1 200 OK\r\n\r\nBODY".to_owned(), true),
        ("HTTP/1.0 200 OK\r\n\r\nBODY".to_owned(), true),
        (format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\nBODY"), true),
    ] {
        let (client, server) = client_of_responses(&answer, is_closed);
        for lookups in 1..=3 {
            if let Err(error) = look_up(&client) {
                panic!("{error} for {answer:?}");
            }
            assert_eq!(server.accepted(), if is_closed { lookups } else { 1 }, "{answer:?}");
        }
    }
}

/// Some gateways send interim responses (1xx) before the response.
#[test]
fn interim_responses_are_skipped() {
    for interim in [
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 102 Processing\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n",
    ] {
        let length = BODY.len();
        let answer = format!("{interim}HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\nBODY");
        let (client, server) = client_of_responses(&answer, false);
        for _ in 0..2 {
            if let Err(error) = look_up(&client) {
                panic!("{error} after {interim:?}");
            }
        }
        assert_eq!(server.accepted(), 1);
    }
}

#[test]
fn slow_response_within_the_deadline_is_read() {
    let server = Listener::start(|mut stream| {
        stream.set_nodelay(true).expect("a socket has it");
        while raw::read_request(&mut stream).is_some() {
            for byte in raw::not_in_help() {
                thread::sleep(Duration::from_millis(1));
                if stream.write_all(&[byte]).is_err() {
                    return;
                }
            }
        }
    });
    let client = client(&config(&server.url("http")).max_retries(0));
    for _ in 0..2 {
        assert!(!look_up(&client).expect("a response").is_in_help);
    }
    assert_eq!(server.accepted(), 1);
}

#[test]
fn every_framing_of_a_body_is_accepted_over_tls() {
    let sandbox = support::tls_sandbox();
    let files = Scratch::new();
    let ca_file = files.write("ca.pem", sandbox.ca_pem());
    let client = client(&config(sandbox.url()).ca_file(ca_file).max_retries(0));
    sandbox.push_fault_times(Fault::Drip { milliseconds: 1 }, 2);
    assert_answers(&client);
    assert_answers(&client);
    assert_eq!(sandbox.connection_count(), 1);
}

#[test]
fn truncated_response_is_a_lost_connection() {
    for answer in [
        "",
        "HTTP/1.1 200 OK\r\nContent-Le",
        "HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\nBODY",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n38\r\nBODY",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n38\r\nBODY\r\n",
        "HTTP/1.1 503 Busy\r\nContent-Length: 200\r\n\r\nbusy",
    ] {
        let (client, _server) = client_of_responses(answer, true);
        let error = look_up(&client).expect_err("no answer");
        assert_eq!(
            error.code(),
            ErrorCode::ConnectionLost,
            "{error} for {answer:?}"
        );
    }
}

#[test]
fn response_that_is_not_http_is_an_error() {
    let many_headers = "X-Header: x\r\n".repeat(1000);
    for answer in [
        "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n\r\n",
        "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.1 abc OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nNo colon here\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nBODY",
        "HTTP/1.1 200 OK\r\nContent-Length: 56\r\nContent-Length: 57\r\n\r\nBODY",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nBODY\r\n0\r\n\r\n",
        &format!("HTTP/1.1 200 OK\r\n{many_headers}Content-Length: 56\r\n\r\nBODY"),
        "\0\0\0\0",
    ] {
        let (client, server) = client_of_responses(answer, true);
        let error = look_up(&client).expect_err("no answer");
        assert_eq!(
            error.code(),
            ErrorCode::InvalidResponse,
            "{error} for {answer:?}"
        );
        assert_eq!(server.accepted(), 1);
    }
}

/// Neither the announced nor the received length makes the client read more than its limit.
#[test]
fn response_that_is_too_large_is_rejected() {
    let sandbox = sandbox();
    let large = "x".repeat(4 * 1024 * 1024);
    for answer in [
        CannedAnswer::new(200).body(large.as_str()),
        CannedAnswer::new(200)
            .body(large.as_str())
            .without_header("Content-Length"),
        CannedAnswer::new(200).header("Content-Length", "9000000000000"),
    ] {
        sandbox.push_fault(answer);
        let error = look_up(&client(&config(sandbox.url()).max_retries(0))).expect_err("no answer");
        let codes = [ErrorCode::InvalidResponse, ErrorCode::ConnectionLost];
        assert!(codes.contains(&error.code()), "{error}");
    }
    let client = client_of(&sandbox);
    sandbox.push_fault(CannedAnswer::new(404).body(large));
    assert_fails(&client, ErrorCode::HttpStatus);
    assert_answers(&client);
}

/// The server has already closed when the client reads.
#[test]
fn response_followed_by_a_close_is_read() {
    let server = Listener::start(|mut stream| {
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(&raw::not_in_help());
    });
    let client = client(&config(&server.url("http")).max_retries(0));
    for _ in 0..5 {
        assert!(!look_up(&client).expect("a response").is_in_help);
    }
}
