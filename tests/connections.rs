//! The connection pool: reused by all threads, dead connections replaced, responses never mixed up.

mod support;

use std::io::Write;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use diyalog::ErrorCode;
use diyalog_sandbox::pki::Authority;
use diyalog_sandbox::{CannedAnswer, Fault};

use support::raw::{self, Listener};
use support::{
    Scratch, assert_answers, assert_fails, client, client_of, config, look_up, look_up_at_once,
    sandbox, wait_until,
};

const THREADS: usize = 8;

#[test]
fn consecutive_lookups_share_a_connection() {
    let sandbox = sandbox();
    let client = client_of(&sandbox);
    for _ in 0..50 {
        assert_answers(&client);
    }
    assert_eq!(sandbox.connection_count(), 1);
    // An error response keeps the connection, too.
    for status in [400, 404, 302] {
        sandbox.push_fault(CannedAnswer::new(status).body("no"));
        assert_fails(&client, ErrorCode::HttpStatus);
    }
    assert_answers(&client);
    assert_eq!(sandbox.connection_count(), 1);
    drop(client);
    wait_until("the connection is closed", || {
        sandbox.open_connections() == 0
    });
}

#[test]
fn consecutive_lookups_share_a_connection_over_tls() {
    let sandbox = support::tls_sandbox();
    let files = Scratch::new();
    let ca_file = files.write("ca.pem", sandbox.ca_pem());
    let client = client(&config(sandbox.url()).ca_file(ca_file));
    for _ in 0..20 {
        assert_answers(&client);
    }
    assert_eq!(sandbox.connection_count(), 1);
}

#[test]
fn threads_share_idle_connections() {
    let sandbox = sandbox();
    let client = client_of(&sandbox);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| (0..50).for_each(|_| assert_answers(&client)));
        }
    });
    assert_eq!(sandbox.request_count(), 400);
    assert!(sandbox.connection_count() <= THREADS as u64);
}

#[test]
fn idle_connections_are_limited_by_the_setting() {
    for idle in [0, 1, 3, 8] {
        let sandbox = sandbox();
        let client = client(&config(sandbox.url()).max_idle_connections(idle));
        look_up_at_once(&sandbox, &client, THREADS);
        assert_eq!(sandbox.connection_count(), THREADS as u64);
        let kept = idle as u64;
        wait_until("the others are closed", || {
            sandbox.open_connections() == kept
        });
        look_up_at_once(&sandbox, &client, THREADS);
        assert_eq!(sandbox.connection_count(), 2 * THREADS as u64 - kept);
    }
}

#[test]
fn dead_pooled_connection_is_replaced_without_a_retry() {
    let sandbox = sandbox();
    let client = client(&config(sandbox.url()).max_retries(0));
    for lookups in 1..=3 {
        sandbox.push_fault(Fault::CloseAfter);
        assert_answers(&client);
        wait_until("the server has closed it", || {
            sandbox.open_connections() == 0
        });
        assert_eq!(sandbox.connection_count(), lookups);
        assert_eq!(sandbox.request_count(), lookups, "nothing was sent twice");
    }
}

#[test]
fn many_dead_pooled_connections_are_replaced_in_one_call() {
    let sandbox = sandbox();
    let client = client(&config(sandbox.url()).max_retries(0));
    look_up_at_once(&sandbox, &client, THREADS);
    // All of them are lost at their next use.
    sandbox.push_fault_times(Fault::CloseAfter, 100);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| assert_answers(&client));
        }
    });
    sandbox.clear_faults();
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| assert_answers(&client));
        }
    });
}

/// Responds to the first request of each connection, sends these bytes for the second, and closes.
fn dies_at_the_second(last_words: &'static [u8]) -> Listener {
    Listener::start(move |mut stream| {
        if raw::read_request(&mut stream).is_some() {
            let _ = stream.write_all(&raw::not_in_help());
        }
        if raw::read_request(&mut stream).is_some() {
            let _ = stream.write_all(last_words);
        }
    })
}

/// The server closes after the probe of the idle connection.
#[test]
fn connection_lost_during_the_request_is_replaced_once() {
    let server = dies_at_the_second(b"");
    let client = client(&config(&server.url("http")).max_retries(0));
    for lookups in 1..=5 {
        assert!(!look_up(&client).expect("a response").is_in_help);
        assert_eq!(server.accepted(), lookups);
    }
}

/// The server has acted on the request: a byte of the response arrived.
#[test]
fn truncated_response_is_requested_again_only_as_a_retry() {
    for last_words in [
        &b"HTTP/1.1 200 OK\r\nContent-Le"[..],
        b"HTTP/1.1 200 OK\r\nContent-Length: 70\r\n\r\n{\"isIn",
    ] {
        let server = dies_at_the_second(last_words);
        let client = client(&config(&server.url("http")).max_retries(0));
        look_up(&client).expect("a response");
        assert_fails(&client, ErrorCode::ConnectionLost);
        assert_eq!(server.accepted(), 1);
    }
}

/// Regression: one lookup sent 65 requests, since each of 64 idle connections was lost during it.
#[test]
fn lookup_sends_at_most_one_request_more_than_its_attempts() {
    for retries in [0, 1] {
        let sandbox = sandbox();
        let client = client(&config(sandbox.url()).max_retries(retries));
        look_up_at_once(&sandbox, &client, THREADS);
        let before = sandbox.request_count();
        sandbox.push_fault_times(Fault::Close, 1000);
        assert_fails(&client, ErrorCode::ConnectionLost);
        assert_eq!(sandbox.request_count() - before, 2 + u64::from(retries));
    }
}

#[test]
fn every_lookup_replaces_its_connection_lost_during_the_request() {
    let (arrivals, all_are_there) = (AtomicUsize::new(0), Barrier::new(THREADS));
    let server = Listener::start(move |mut stream| {
        raw::read_request(&mut stream);
        if arrivals.fetch_add(1, Ordering::SeqCst) < THREADS {
            all_are_there.wait();
        }
        let _ = stream.write_all(&raw::not_in_help());
        raw::read_request(&mut stream);
    });
    let client = client(&config(&server.url("http")).max_retries(0));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| look_up(&client).expect("a response"));
        }
    });
    assert_eq!(server.accepted(), THREADS);
    // Each idle connection passes the probe, and is lost.
    look_up(&client).expect("a response");
    assert_eq!(server.accepted(), THREADS + 1);
}

/// Regression: a firewall that forgot its connections drops their packets, and 8 such connections cost
/// 8 deadlines in a row.
#[test]
fn timeout_on_an_idle_connection_empties_the_pool() {
    let (connections, all_are_there) = (AtomicUsize::new(0), Barrier::new(THREADS));
    let server = Listener::start(move |mut stream| {
        let is_among_the_first = connections.fetch_add(1, Ordering::SeqCst) < THREADS;
        while raw::read_request(&mut stream).is_some() {
            if is_among_the_first {
                all_are_there.wait();
            }
            let _ = stream.write_all(&raw::not_in_help());
            if is_among_the_first {
                let _ = std::io::copy(&mut stream, &mut std::io::sink());
            }
        }
    });
    let client = client(&config(&server.url("http")).timeout(Duration::from_millis(500)));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| look_up(&client).expect("a response"));
        }
    });
    assert_eq!(server.accepted(), THREADS);
    assert_fails(&client, ErrorCode::Timeout);
    look_up(&client).expect("on a new connection");
    assert_eq!(server.accepted(), THREADS + 1);
}

#[test]
fn lost_new_connection_is_an_error() {
    let sandbox = sandbox();
    sandbox.push_fault(Fault::Close);
    let client = client(&config(sandbox.url()).max_retries(0));
    assert_fails(&client, ErrorCode::ConnectionLost);
    assert_eq!(sandbox.request_count(), 1);
}

#[test]
fn connection_with_close_is_not_reused() {
    let sandbox = sandbox();
    let client = client_of(&sandbox);
    let last = CannedAnswer::new(200).header("Connection", "close");
    sandbox.push_fault(last.body(r#"{"isInHelp":false}"#));
    look_up(&client).expect("a response");
    assert_answers(&client);
    assert_eq!(sandbox.connection_count(), 2);
}

#[test]
fn http_1_0_connection_is_not_reused() {
    let server = Listener::start(|mut stream| {
        raw::read_request(&mut stream);
        let _ = stream.write_all(b"HTTP/1.0 200 OK\r\n\r\n{\"isInHelp\":false}");
    });
    let client = client(&config(&server.url("http")).max_retries(0));
    for lookups in 1..=3 {
        look_up(&client).expect("a response");
        assert_eq!(server.accepted(), lookups);
    }
}

const NEXT_ONES: &str = r#"{"isInHelp":true,"helpType":"inbound","staffId":"another's"}"#;

/// Sends the response to each request and, after a pause, a stray one, which the next lookup must not
/// return.
fn talk_too_much(stream: &mut (impl std::io::Read + Write), pause: Option<Duration>) {
    while raw::read_request(stream).is_some() {
        let (own, unasked) = (raw::not_in_help(), raw::answer(NEXT_ONES));
        let said = match pause {
            None => stream.write_all(&[own, unasked].concat()),
            Some(pause) => stream.write_all(&own).and_then(|()| {
                let _ = stream.flush();
                thread::sleep(pause);
                stream.write_all(&unasked)
            }),
        };
        if said.and_then(|()| stream.flush()).is_err() {
            return;
        }
    }
}

#[test]
fn trailing_data_is_never_the_next_response() {
    let authority = Authority::new("CA");
    let files = Scratch::new();
    let ca_file = files.write("ca.pem", authority.pem());
    for pause in [None, Some(Duration::from_millis(30))] {
        let plain = Listener::start(move |mut stream| talk_too_much(&mut stream, pause));
        let tls = raw::tls_listener(&authority, move |mut stream| {
            talk_too_much(&mut stream, pause)
        });
        for (server, scheme) in [(plain, "http"), (tls, "https")] {
            let config = config(&server.url(scheme)).max_retries(0).ca_file(&ca_file);
            let client = client(&config);
            for lookups in 1..=4 {
                let status = look_up(&client).expect("a response");
                assert_eq!(status.staff_id, None, "{scheme}, pause {pause:?}");
                assert_eq!(server.accepted(), lookups);
                thread::sleep(pause.unwrap_or_default() * 4);
            }
        }
    }
}

/// Some servers send 408 on an idle connection before they close it.
#[test]
fn unasked_408_on_an_idle_connection_is_never_a_response() {
    let server = Listener::start(|mut stream| {
        raw::read_request(&mut stream);
        let _ = stream.write_all(&raw::not_in_help());
        thread::sleep(Duration::from_millis(30));
        let _ = stream.write_all(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n");
    });
    let client = client(&config(&server.url("http")).max_retries(0));
    for _ in 0..3 {
        look_up(&client).expect("a response");
        thread::sleep(Duration::from_millis(120));
    }
}
