//! Host names: silent name servers, unreachable addresses, IPv6. Each test has a network namespace of
//! its own.

mod support;

use std::net::{TcpListener, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use diyalog::{CallOptions, Client, ErrorCode};
use diyalog_sandbox::{Options, Sandbox, TlsOptions};

use support::namespace::is_inside;
use support::{CUSTOMER, assert_answers, assert_fails, assert_says, client, config, look_up};

const NAME_SERVER: (&str, &str) = (
    "/etc/resolv.conf",
    "nameserver 127.0.0.1\noptions timeout:5 attempts:2\n",
);
const MOST_LATE: Duration = Duration::from_millis(100);

/// Receives queries and never responds.
fn silent_name_server() -> UdpSocket {
    UdpSocket::bind("127.0.0.1:53").expect("nobody else is in this network")
}

/// The number of threads of this process that resolve names.
fn helper_threads() -> usize {
    thread_names().filter(|name| name == "diyalog-dns").count()
}

fn thread_names() -> impl Iterator<Item = String> {
    let tasks = std::fs::read_dir("/proc/self/task").expect("this is Linux");
    tasks.filter_map(|task| {
        // A thread may have ended since.
        let name = std::fs::read_to_string(task.ok()?.path().join("comm")).ok()?;
        Some(name.trim_end().to_owned())
    })
}

fn late_by(client: &Client, deadline: Duration) -> Duration {
    let options = CallOptions::new().timeout(deadline);
    let start = Instant::now();
    let error = client
        .is_customer_in_online_help_with(CUSTOMER, options)
        .expect_err("no answer");
    assert_eq!(error.code(), ErrorCode::Timeout, "{error}");
    assert_says(&error, &["api.bank.example", "looking up the host name"]);
    start.elapsed().saturating_sub(deadline)
}

#[test]
#[ignore = "needs namespaces"]
fn silent_name_server_costs_the_deadline_and_one_thread() {
    let test = "silent_name_server_costs_the_deadline_and_one_thread";
    if !is_inside(test, &[NAME_SERVER]) {
        return;
    }
    let _name_server = silent_name_server();
    let client = client(&config("https://api.bank.example"));
    for deadline in [Duration::from_millis(300), Duration::from_secs(1)] {
        // The best of three: a busy machine may delay this process.
        let late = (0..3)
            .map(|_| late_by(&client, deadline))
            .find(|late| *late <= MOST_LATE);
        assert!(late.is_some(), "late with a deadline of {deadline:?}");
    }
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..20 {
                    late_by(&client, Duration::from_millis(20));
                    assert!(helper_threads() <= 1);
                }
            });
        }
    });
    assert_eq!(helper_threads(), 1, "the query is still under way");
}

#[test]
#[ignore = "needs namespaces"]
fn silent_name_server_of_the_proxy_times_out() {
    let test = "silent_name_server_of_the_proxy_times_out";
    if !is_inside(test, &[NAME_SERVER]) {
        return;
    }
    let _name_server = silent_name_server();
    let through = config("https://127.0.0.1").proxy("http://proxy.bank.example:3128");
    let error = assert_fails(
        &client(&through.timeout(Duration::from_millis(300))),
        ErrorCode::Timeout,
    );
    assert_says(&error, &["looking up the host name"]);
}

/// Nothing listens on port 53 here.
#[test]
#[ignore = "needs namespaces"]
fn failed_query_is_not_cached() {
    let test = "failed_query_is_not_cached";
    if !is_inside(test, &[NAME_SERVER, ("/etc/hosts", "")]) {
        return;
    }
    let lost = client(&config("https://api.bank.example").max_retries(0));
    let error = assert_fails(&lost, ErrorCode::Resolve);
    assert_says(&error, &["api.bank.example", "DNS"]);
    let sandbox = support::sandbox();
    std::fs::write("/etc/hosts", "127.0.0.1 api.bank.example\n").expect("it is this test's own");
    let url = format!("http://api.bank.example:{}", sandbox.address().port());
    assert_answers(&client(&config(&url).allow_plain_http(true)));
    // A failure is not cached.
    assert_fails(&lost, ErrorCode::Connect);
}

const TWO_ADDRESSES: (&str, &str) = (
    "/etc/hosts",
    "::1 api.bank.example\n127.0.0.1 api.bank.example\n",
);

/// IPv6 comes first and refuses the connection.
#[test]
#[ignore = "needs namespaces"]
fn refused_ipv6_falls_back_to_ipv4() {
    if !is_inside("refused_ipv6_falls_back_to_ipv4", &[TWO_ADDRESSES]) {
        return;
    }
    let sandbox = support::sandbox();
    let url = format!("http://api.bank.example:{}", sandbox.address().port());
    let client = client(&config(&url).allow_plain_http(true).max_retries(0));
    for _ in 0..3 {
        assert_answers(&client);
    }
    assert_eq!(sandbox.connection_count(), 1);
}

#[test]
#[ignore = "needs namespaces"]
fn refused_ipv4_falls_back_to_ipv6() {
    if !is_inside("refused_ipv4_falls_back_to_ipv6", &[TWO_ADDRESSES]) {
        return;
    }
    let listen = "[::1]:0".parse().unwrap();
    let sandbox = Sandbox::start(Options {
        listen,
        ..Options::default()
    })
    .expect("IPv6 is up");
    let url = format!("http://api.bank.example:{}", sandbox.address().port());
    assert_answers(&client(&config(&url).allow_plain_http(true).max_retries(0)));
}

#[test]
#[ignore = "needs namespaces"]
fn endpoint_can_be_an_ipv6_address() {
    if !is_inside("endpoint_can_be_an_ipv6_address", &[]) {
        return;
    }
    let files = support::Scratch::new();
    for tls in [None, Some(TlsOptions::default())] {
        let sandbox = Sandbox::start(Options {
            listen: "[::1]:0".parse().unwrap(),
            tls,
            ..Options::default()
        })
        .expect("IPv6 is up");
        assert!(sandbox.url().contains("//[::1]:"));
        let config = match sandbox.ca_pem() {
            "" => config(sandbox.url()),
            ca_pem => config(sandbox.url()).ca_file(files.write("ca.pem", ca_pem)),
        };
        assert_answers(&client(&config));
        let requests = sandbox.requests();
        assert!(requests[0].header("host").unwrap().starts_with("[::1]:"));
    }
}

/// IPv6 comes first and is unreachable: packets are dropped.
#[test]
#[ignore = "needs namespaces"]
fn unreachable_address_leaves_time_for_the_next() {
    let test = "unreachable_address_leaves_time_for_the_next";
    if !is_inside(test, &[TWO_ADDRESSES]) {
        return;
    }
    let sandbox = support::sandbox();
    let port = sandbox.address().port();
    // The same port of the other address, with a full accept queue.
    let _full = support::raw::full_accept_queue_on(([0, 0, 0, 0, 0, 0, 0, 1], port).into());
    let url = format!("http://api.bank.example:{port}");
    let config = config(&url).allow_plain_http(true).max_retries(0);
    let client = client(
        &config
            .timeout(Duration::from_secs(2))
            .max_idle_connections(0),
    );
    assert_answers(&client);
    // The address that worked is tried first from now on.
    let start = Instant::now();
    assert_answers(&client);
    assert!(start.elapsed() < Duration::from_millis(500));
}

#[test]
#[ignore = "needs namespaces"]
fn ip_address_needs_no_thread() {
    if !is_inside("ip_address_needs_no_thread", &[]) {
        return;
    }
    for listen in ["127.0.0.1:0", "[::1]:0"] {
        let sandbox = Sandbox::start(Options {
            listen: listen.parse().unwrap(),
            ..Options::default()
        })
        .expect("a sandbox starts");
        let client = client(&config(sandbox.url()));
        assert_no_helper_thread_during(|| {
            for _ in 0..200 {
                assert_answers(&client);
            }
        });
        assert_eq!(sandbox.connection_count(), 1);
    }
}

#[test]
#[ignore = "needs namespaces"]
fn name_needs_a_thread_for_the_first_connection_only() {
    let test = "name_needs_a_thread_for_the_first_connection_only";
    if !is_inside(test, &[TWO_ADDRESSES]) {
        return;
    }
    let sandbox = support::sandbox();
    let url = format!("http://api.bank.example:{}", sandbox.address().port());
    let config = config(&url).allow_plain_http(true);
    // With and without connections in the pool.
    for idle in [8, 0] {
        let client = client(&config.clone().max_idle_connections(idle));
        assert_answers(&client);
        assert_no_helper_thread_during(|| {
            for _ in 0..200 {
                assert_answers(&client);
            }
        });
    }
}

/// Asserts that no thread is started meanwhile, however short-lived.
fn assert_no_helper_thread_during(work: impl FnOnce()) {
    // One of them may still be about to end.
    support::wait_until("the helper has gone", || helper_threads() == 0);
    let before = thread_names().count() + 1;
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let mut most = 0;
            while !done.load(Ordering::SeqCst) {
                most = most.max(thread_names().count());
            }
            most
        });
        work();
        done.store(true, Ordering::SeqCst);
        assert_eq!(
            watcher.join().expect("ends"),
            before,
            "this one and the watcher"
        );
    });
}

/// The server moved to another address: the cached address is dropped.
#[test]
#[ignore = "needs namespaces"]
fn moved_name_is_resolved_again() {
    if !is_inside("moved_name_is_resolved_again", &[TWO_ADDRESSES]) {
        return;
    }
    std::fs::write("/etc/hosts", "127.0.0.2 api.bank.example\n").expect("it is this test's own");
    let here = TcpListener::bind("127.0.0.2:0").expect("a free port");
    let port = here.local_addr().expect("has an address").port();
    drop(here);
    let url = format!("http://api.bank.example:{port}");
    let client = client(&config(&url).allow_plain_http(true).max_retries(0));
    let first = Sandbox::start(Options {
        listen: ([127, 0, 0, 2], port).into(),
        ..Options::default()
    });
    assert_answers(&client);
    drop(first);
    std::fs::write("/etc/hosts", "127.0.0.3 api.bank.example\n").expect("it is this test's own");
    let _second = Sandbox::start(Options {
        listen: ([127, 0, 0, 3], port).into(),
        ..Options::default()
    })
    .expect("nobody else is in this network");
    // The cached address is unreachable now: one call fails, and the next resolves the name again.
    assert_eq!(look_up(&client).unwrap_err().code(), ErrorCode::Connect);
    assert_answers(&client);
}
