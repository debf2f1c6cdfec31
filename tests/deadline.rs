//! One deadline for the whole call: TIMEOUT is returned at most 100 ms after it, whatever the peer
//! does, with retries enabled.

mod support;

use std::io::Write;
use std::thread;
use std::time::{Duration, Instant};

use diyalog::{CallOptions, Client, Config, Error, ErrorCode};
use diyalog_sandbox::{CannedAnswer, Fault};

use support::raw::{self, Listener};
use support::{CUSTOMER, assert_answers, assert_says, client, client_of, config, sandbox};

const DEADLINES: [Duration; 2] = [Duration::from_millis(300), Duration::from_secs(1)];
const MOST_LATE: Duration = Duration::from_millis(100);

/// The pause of a slow peer before each byte.
const DRIP: Duration = Duration::from_millis(200);

/// Asserts that a call ends with TIMEOUT at its deadline, and at most 100 ms later.
#[track_caller]
fn assert_times_out_in(client: &Client, deadline: Duration, customer: &str) -> Error {
    let options = CallOptions::new().timeout(deadline);
    let mut times = Vec::new();
    // A busy machine may delay this process, but a late client is late every time.
    for _ in 0..3 {
        let start = Instant::now();
        let result = client.is_customer_in_online_help_with(customer, options);
        let took = start.elapsed();
        let error = result.expect_err("no answer");
        assert_eq!(error.code(), ErrorCode::Timeout, "{error}");
        assert!(took >= deadline, "gave up after {took:?} of {deadline:?}");
        if took <= deadline + MOST_LATE {
            return error;
        }
        times.push(took);
    }
    panic!("took {times:?} with a deadline of {deadline:?}");
}

/// Asserts that calls of new clients with these settings end in time; returns the last error.
#[track_caller]
fn assert_times_out(config: &Config) -> Error {
    thread::scope(|scope| {
        let calls = DEADLINES.map(|deadline| {
            scope.spawn(move || assert_times_out_in(&client(config), deadline, CUSTOMER))
        });
        calls
            .map(|call| call.join().expect("in time"))
            .into_iter()
            .next_back()
    })
    .expect("there are deadlines")
}

#[test]
fn silent_server_times_out() {
    let server = raw::silent();
    let error = assert_times_out(&config(&server.url("http")));
    assert_says(
        &error,
        &[
            "127.0.0.1",
            "1000 ms",
            "waiting for the response",
            "raise timeout_ms",
        ],
    );
}

/// Linux rounds long socket timeouts up: one of 5 s ended 118 ms late, one of 10 s 238 ms.
#[test]
fn long_deadline_is_as_exact_as_a_short_one() {
    let (server, tls_server) = (raw::silent(), raw::silent());
    thread::scope(|scope| {
        for (scheme, server) in [("http", &server), ("https", &tls_server)] {
            for seconds in [5, 10] {
                let client = client(&config(&server.url(scheme)));
                scope.spawn(move || {
                    let deadline = Duration::from_secs(seconds);
                    let start = Instant::now();
                    let options = CallOptions::new().timeout(deadline);
                    client
                        .is_customer_in_online_help_with(CUSTOMER, options)
                        .expect_err("no response");
                    let late = start.elapsed().saturating_sub(deadline);
                    assert!(late <= MOST_LATE, "{scheme}, {seconds} s: {late:?} late");
                });
            }
        }
    });
}

#[test]
fn silent_tls_handshake_times_out() {
    let server = raw::silent();
    let error = assert_times_out(&config(&server.url("https")));
    assert_says(&error, &["in the TLS handshake"]);
}

#[test]
fn silent_server_after_the_tls_handshake_times_out() {
    let sandbox = support::tls_sandbox();
    sandbox.push_fault_times(Fault::Silence, 100);
    let files = support::Scratch::new();
    let ca_file = files.write("ca.pem", sandbox.ca_pem());
    let error = assert_times_out(&config(sandbox.url()).ca_file(ca_file));
    assert_says(&error, &["waiting for the response"]);
}

#[test]
fn silent_proxy_times_out() {
    let (server, proxy) = (support::tls_sandbox(), raw::silent());
    let error = assert_times_out(&config(server.url()).proxy(proxy.url("http")));
    assert_says(&error, &["proxy"]);
    assert_eq!(server.connection_count(), 0);
}

#[test]
fn full_accept_queue_times_out() {
    let server = raw::full_accept_queue();
    let error = assert_times_out(&config(&format!("http://{}", server.address)));
    assert_says(&error, &["connecting"]);
}

#[test]
fn response_byte_by_byte_times_out() {
    let sandbox = sandbox();
    let drip = u64::try_from(DRIP.as_millis()).unwrap();
    sandbox.push_fault_times(Fault::Drip { milliseconds: drip }, 100);
    assert_times_out(&config(sandbox.url()));
}

#[test]
fn tls_response_byte_by_byte_times_out() {
    let sandbox = support::tls_sandbox();
    let drip = u64::try_from(DRIP.as_millis()).unwrap();
    sandbox.push_fault_times(Fault::Drip { milliseconds: drip }, 100);
    let files = support::Scratch::new();
    let ca_file = files.write("ca.pem", sandbox.ca_pem());
    assert_times_out(&config(sandbox.url()).ca_file(ca_file));
}

#[test]
fn header_byte_by_byte_times_out() {
    let server = raw::endless(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x", DRIP);
    assert_times_out(&config(&server.url("http")));
}

#[test]
fn tls_handshake_byte_by_byte_times_out() {
    // The header of a long handshake record; its content arrives one byte at a time.
    let server = raw::endless(b"\x16\x03\x03\x3f\xff\x02\x00\x3f\x00", b"\0", DRIP);
    assert_times_out(&config(&server.url("https")));
}

#[test]
fn proxy_byte_by_byte_times_out() {
    let proxy = raw::endless(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x", DRIP);
    assert_times_out(&config("https://api.example").proxy(proxy.url("http")));
}

#[test]
fn silent_tunnel_times_out() {
    let proxy = Listener::start(|mut stream| {
        raw::read_request(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n");
        while raw::read_request(&mut stream).is_some() {}
    });
    assert_times_out(&config("https://api.example").proxy(proxy.url("http")));
}

#[test]
fn server_that_does_not_read_times_out() {
    // Larger than the buffers of both sockets.
    let customer = "7".repeat(64 * 1024 * 1024);
    let server = Listener::start(|stream| {
        thread::sleep(Duration::from_secs(60));
        drop(stream);
    });
    let client = client(&config(&server.url("http")));
    let error = client
        .is_customer_in_online_help_with(
            &customer,
            CallOptions::new().timeout(Duration::from_secs(1)),
        )
        .expect_err("no answer");
    assert_eq!(error.code(), ErrorCode::Timeout, "{error}");
}

#[test]
fn endless_header_is_rejected() {
    let server = raw::endless(
        b"HTTP/1.1 200 OK\r\n",
        b"X-More: xxxxxxxxxxxxxxxxxxxx\r\n",
        Duration::ZERO,
    );
    let client = client(&config(&server.url("http")));
    let error = support::assert_fails(&client, ErrorCode::InvalidResponse);
    assert_says(&error, &["headers"]);
}

/// A pooled connection still has the socket timeouts of the previous call.
#[test]
fn short_deadline_holds_on_a_connection_of_a_longer_call() {
    let sandbox = sandbox();
    let client = client_of(&sandbox);
    for deadline in DEADLINES {
        assert_answers(&client);
        sandbox.push_fault(Fault::Silence);
        sandbox.push_fault_times(Fault::Silence, 2);
        assert_times_out_in(&client, deadline, CUSTOMER);
        sandbox.clear_faults();
    }
}

#[test]
fn retries_end_by_the_deadline() {
    let sandbox = sandbox();
    sandbox.push_fault_times(CannedAnswer::new(503), 10_000);
    let client = client(&config(sandbox.url()).max_retries(u32::MAX));
    let options = CallOptions::new().timeout(DEADLINES[0]);
    let start = Instant::now();
    let error = client
        .is_customer_in_online_help_with(CUSTOMER, options)
        .expect_err("no answer");
    // If the next pause does not fit, the server's error is returned at once. If the time runs out
    // during an attempt, it is TIMEOUT.
    let is_timeout = error.code() == ErrorCode::Timeout;
    assert!(is_timeout || error.http_status() == Some(503), "{error}");
    assert!(start.elapsed() <= DEADLINES[0] + MOST_LATE);
    assert!(sandbox.request_count() > 1);
}

#[test]
fn retry_has_only_the_remaining_time() {
    let sandbox = sandbox();
    for _ in 0..10 {
        sandbox.push_fault(Fault::Close);
        sandbox.push_fault(Fault::Silence);
    }
    assert_times_out_in(&client_of(&sandbox), DEADLINES[0], CUSTOMER);
}

/// Silence in each phase ends an attempt, and the retry gets as long.
#[test]
fn attempt_timeout_bounds_each_phase() {
    const ATTEMPT: Duration = Duration::from_millis(300);
    // The longest pause between the two attempts is 100 ms.
    const MOST: Duration = Duration::from_millis(2 * 300 + 100 + 2 * 100);
    let (silent, full) = (raw::silent(), raw::full_accept_queue());
    let phases = [
        config(&silent.url("http")),
        config(&silent.url("https")),
        config("https://api.example").proxy(silent.url("http")),
        config(&format!("http://{}", full.address)),
    ];
    for phase in phases {
        let client = client(&phase.attempt_timeout(ATTEMPT).max_retries(1));
        let times: Vec<Duration> = (0..3)
            .map(|_| {
                let start = Instant::now();
                let error = client.is_customer_in_online_help(CUSTOMER).unwrap_err();
                assert_eq!(error.code(), ErrorCode::Timeout, "{error}");
                assert_says(&error, &["attempt_timeout_ms"]);
                let took = start.elapsed();
                assert!(took >= 2 * ATTEMPT, "two attempts in {took:?}: {error}");
                took
            })
            .take_while(|took| *took > MOST)
            .collect();
        assert!(times.len() < 3, "{times:?}");
    }
    // Of three phases, two attempts each reached the server; more if a call was late and repeated.
    assert!(silent.accepted() >= 6);
}
