//! A cancel ends a call in any phase within 100 ms, and no other call.

mod support;

use std::net::UdpSocket;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use diyalog::{CallOptions, Cancellation, Client, Error, ErrorCode};
use diyalog_sandbox::{CannedAnswer, Fault};

use support::namespace::is_inside;
use support::raw::{self, Listener};
use support::{
    CUSTOMER, Scratch, assert_answers, assert_says, client, client_of, config, sandbox, wait_until,
};

const CALLS: usize = 32;
const MOST_LATE: Duration = Duration::from_millis(100);

fn look_up_until(client: &Client, cancellation: &Cancellation) -> Error {
    let options = CallOptions::new().cancellation(cancellation);
    client
        .is_customer_in_online_help_with(CUSTOMER, options)
        .expect_err("is cancelled")
}

/// Asserts that 32 hanging calls end in time after a cancel; returns the error of one. Tries several
/// times: a busy machine may delay this process, but a late client is late every time.
#[track_caller]
fn assert_cancels(client: &Client, is_hanging: impl Fn() -> bool) -> Error {
    let mut late = Vec::new();
    for _ in 0..3 {
        let cancellation = Cancellation::new();
        let (started, returned) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let (latest, error) = thread::scope(|scope| {
            let calls: Vec<_> = (0..CALLS)
                .map(|_| {
                    scope.spawn(|| {
                        started.fetch_add(1, Ordering::SeqCst);
                        let error = look_up_until(client, &cancellation);
                        returned.fetch_add(1, Ordering::SeqCst);
                        (Instant::now(), error)
                    })
                })
                .collect();
            wait_until("all calls hang", || {
                started.load(Ordering::SeqCst) == CALLS && is_hanging()
            });
            thread::sleep(Duration::from_millis(50));
            assert_eq!(returned.load(Ordering::SeqCst), 0, "they hang");
            let cancelled = Instant::now();
            cancellation.cancel();
            let ended = calls
                .into_iter()
                .map(|call| call.join().expect("the call returns"));
            let (latest, error) = ended.max_by_key(|(at, _)| *at).expect("there are calls");
            (latest.saturating_duration_since(cancelled), error)
        });
        assert_eq!(error.code(), ErrorCode::Cancelled, "{error}");
        assert!(!error.is_retryable());
        if latest <= MOST_LATE {
            return error;
        }
        late.push(latest);
    }
    panic!("ended {late:?} after the cancel");
}

#[test]
fn cancel_while_waiting_for_the_response() {
    let server = raw::silent();
    let error = assert_cancels(&client(&config(&server.url("http"))), || {
        server.accepted() >= CALLS
    });
    assert_says(&error, &["cancelled", "waiting for the response"]);
}

#[test]
fn cancel_in_the_tls_handshake() {
    let server = raw::silent();
    let error = assert_cancels(&client(&config(&server.url("https"))), || {
        server.accepted() >= CALLS
    });
    assert_says(&error, &["cancelled", "in the TLS handshake"]);
}

#[test]
fn cancel_while_waiting_for_the_proxy() {
    let proxy = raw::silent();
    let config = config("https://api.example").proxy(proxy.url("http"));
    let error = assert_cancels(&client(&config), || proxy.accepted() >= CALLS);
    assert_says(&error, &["cancelled", "connecting through the proxy"]);
}

#[test]
fn cancel_while_connecting() {
    let server = raw::full_accept_queue();
    let client = client(&config(&format!("http://{}", server.address)));
    let error = assert_cancels(&client, || true);
    assert_says(&error, &["cancelled", "connecting"]);
}

#[test]
fn cancel_while_resolving() {
    let name_server = [(
        "/etc/resolv.conf",
        "nameserver 127.0.0.1\noptions timeout:30\n",
    )];
    if !is_inside("cancel_while_resolving", &name_server) {
        return;
    }
    let _silent = UdpSocket::bind("127.0.0.1:53").expect("root in this network");
    let client = client(&config("https://api.bank.example"));
    let error = assert_cancels(&client, || true);
    assert_says(&error, &["cancelled", "looking up the host name"]);
}

#[test]
fn cancel_while_waiting_for_the_response_over_tls() {
    let sandbox = support::tls_sandbox();
    sandbox.push_fault_times(Fault::Silence, 1000);
    let files = Scratch::new();
    let ca_file = files.write("ca.pem", sandbox.ca_pem());
    let client = client(&config(sandbox.url()).ca_file(ca_file));
    assert_cancels(&client, || sandbox.request_count() >= CALLS as u64);
}

#[test]
fn cancel_while_sending() {
    // Larger than the buffers of both sockets.
    let customer = "7".repeat(16 * 1024 * 1024);
    let server = Listener::start(|stream| {
        thread::sleep(Duration::from_secs(30));
        drop(stream);
    });
    let client = client(&config(&server.url("http")));
    let cancellation = Cancellation::new();
    let (cancelled, error) = thread::scope(|scope| {
        let call = scope.spawn(|| {
            let options = CallOptions::new().cancellation(&cancellation);
            client.is_customer_in_online_help_with(&customer, options)
        });
        wait_until("it is connected", || server.accepted() == 1);
        thread::sleep(Duration::from_millis(500));
        let cancelled = Instant::now();
        cancellation.cancel();
        (cancelled, call.join().expect("the call returns"))
    });
    assert_eq!(
        error.expect_err("is cancelled").code(),
        ErrorCode::Cancelled
    );
    assert!(
        cancelled.elapsed() <= 3 * MOST_LATE,
        "{:?}",
        cancelled.elapsed()
    );
}

#[test]
fn cancel_in_the_pause_before_a_retry() {
    let sandbox = sandbox();
    sandbox.push_fault_times(CannedAnswer::new(503).header("Retry-After", "20"), 1000);
    let client = client_of(&sandbox);
    let error = assert_cancels(&client, || sandbox.request_count() >= CALLS as u64);
    assert_says(&error, &["cancelled", "before a retry"]);
    sandbox.clear_faults();
    assert_answers(&client);
}

#[test]
fn cancel_before_the_call_sends_nothing() {
    let sandbox = sandbox();
    let client = client_of(&sandbox);
    let cancellation = Cancellation::new();
    cancellation.cancel();
    let error = look_up_until(&client, &cancellation);
    assert_eq!(error.code(), ErrorCode::Cancelled);
    assert_eq!(
        (sandbox.request_count(), sandbox.connection_count()),
        (0, 0)
    );
    assert_answers(&client);
}

#[test]
fn cancel_after_the_call_does_nothing() {
    let sandbox = sandbox();
    let client = client_of(&sandbox);
    let cancellation = Cancellation::new();
    let options = CallOptions::new().cancellation(&cancellation);
    let status = client.is_customer_in_online_help_with(CUSTOMER, options);
    assert!(status.expect("a response").is_in_help);
    cancellation.cancel();
    assert_answers(&client);
    assert_eq!(sandbox.connection_count(), 1, "the connection is reused");
}

/// The response may still arrive: it must not be read.
#[test]
fn connection_of_a_cancelled_call_is_not_reused() {
    let sandbox = sandbox();
    let client = client_of(&sandbox);
    assert_answers(&client);
    sandbox.push_fault(Fault::Delay { milliseconds: 300 });
    let cancellation = Cancellation::new();
    thread::scope(|scope| {
        let call = scope.spawn(|| look_up_until(&client, &cancellation));
        wait_until("it waits", || sandbox.request_count() == 2);
        cancellation.cancel();
        assert_eq!(
            call.join().expect("the call returns").code(),
            ErrorCode::Cancelled
        );
    });
    assert_answers(&client);
    assert_eq!(sandbox.connection_count(), 2);
}

#[test]
fn cancellation_ends_only_the_calls_that_use_it() {
    let (first, second) = (raw::silent(), raw::silent());
    let clients = [&first, &second].map(|server| client(&config(&server.url("http"))));
    let (cancellation, other) = (Cancellation::new(), Cancellation::new());
    let bystander_ended = AtomicBool::new(false);
    thread::scope(|scope| {
        let calls = [0, 1].map(|index| {
            let (client, cancellation) = (&clients[index], &cancellation);
            scope.spawn(move || look_up_until(client, cancellation))
        });
        scope.spawn(|| {
            look_up_until(&clients[0], &other);
            bystander_ended.store(true, Ordering::SeqCst);
        });
        wait_until("all wait", || {
            (first.accepted(), second.accepted()) == (2, 1)
        });
        cancellation.cancel();
        for call in calls {
            assert_eq!(
                call.join().expect("the call returns").code(),
                ErrorCode::Cancelled
            );
        }
        assert!(!bystander_ended.load(Ordering::SeqCst));
        other.cancel();
    });
}
