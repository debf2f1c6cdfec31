//! fork() in the calling process: the child opens its own connections, the parent keeps its own.
#![cfg(unix)]

mod support;

use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use diyalog::{Client, Config};
use diyalog_sandbox::{CannedAnswer, Sandbox};

use support::{
    CUSTOMER, Scratch, assert_answers, c, client, config, look_up, look_up_at_once, sandbox,
    tls_sandbox, wait_until,
};

/// A child that runs longer counts as stuck.
const CHILD_SECONDS: u32 = 20;

/// Runs `work` in a forked child, which then exits. Returns whether it succeeded.
fn in_child(work: impl FnOnce() -> bool) -> bool {
    let child = fork(work);
    let mut status = 0;
    loop {
        // SAFETY: waits for our own child, and writes to the one integer.
        let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
        if waited == child {
            return libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0;
        }
    }
}

fn fork(work: impl FnOnce() -> bool) -> libc::pid_t {
    // SAFETY: the child does what a program that forks does, and leaves by _exit: it runs no
    // destructor and no exit handler of this process. glibc keeps its allocator and its threads
    // usable in the child.
    unsafe {
        let child = libc::fork();
        if child == 0 {
            libc::alarm(CHILD_SECONDS);
            let went_well = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
            libc::_exit(i32::from(!matches!(went_well, Ok(true))));
        }
        assert!(child > 0, "the system forks");
        child
    }
}

/// A server and settings for it, without and with TLS.
fn both_kinds() -> [(Sandbox, Config, Scratch); 2] {
    let (plain, tls) = (sandbox(), tls_sandbox());
    let (no_files, files) = (Scratch::new(), Scratch::new());
    let plain_config = config(plain.url()).max_retries(0);
    let ca_file = files.write("ca.pem", tls.ca_pem());
    let tls_config = config(tls.url()).max_retries(0).ca_file(ca_file);
    [(plain, plain_config, no_files), (tls, tls_config, files)]
}

fn is_answered(client: &Client) -> bool {
    look_up(client).is_ok_and(|status| status.is_in_help)
}

/// The connection of each lookup, in order.
fn connections(sandbox: &Sandbox) -> Vec<u64> {
    let requests = sandbox.requests();
    requests.iter().map(|request| request.connection).collect()
}

#[test]
fn child_opens_its_own_connections() {
    for (sandbox, config, _files) in both_kinds() {
        let client = client(&config);
        assert_answers(&client);
        assert!(in_child(|| is_answered(&client) && is_answered(&client)));
        assert_answers(&client);
        assert!(in_child(|| is_answered(&client)));
        assert_answers(&client);
        let [parents, childs, second] = [1, 2, 3];
        assert_eq!(
            connections(&sandbox),
            [parents, childs, childs, parents, second, parents]
        );
    }
}

#[test]
fn grandchild_opens_its_own_connections() {
    let sandbox = sandbox();
    let client = client(&config(sandbox.url()).max_retries(0));
    assert_answers(&client);
    assert!(in_child(|| {
        is_answered(&client) && in_child(|| is_answered(&client)) && is_answered(&client)
    }));
    assert_answers(&client);
    assert_eq!(connections(&sandbox), [1, 2, 3, 2, 1]);
}

#[test]
fn child_forked_before_the_first_lookup_opens_its_own_connections() {
    let sandbox = sandbox();
    let client = client(&config(sandbox.url()).max_retries(0));
    assert!(in_child(|| is_answered(&client)));
    assert_answers(&client);
    assert_eq!(connections(&sandbox), [1, 2]);
}

/// Dropping the client in a child must not end the parent's TLS session, nor block on a lock that
/// another thread of the parent held.
#[test]
fn child_that_drops_the_client_does_not_affect_the_parent() {
    for (sandbox, config, _files) in both_kinds() {
        let mut client = Some(client(&config));
        assert_answers(client.as_ref().expect("is there"));
        assert!(in_child(|| {
            drop(client.take());
            true
        }));
        assert!(in_child(|| {
            let answered = client.as_ref().is_some_and(is_answered);
            drop(client.take());
            answered
        }));
        for _ in 0..3 {
            assert_answers(client.as_ref().expect("is there"));
        }
        assert_eq!(connections(&sandbox), [1, 2, 1, 1, 1]);
    }
}

/// The parent's other threads may be in any state at the fork.
#[test]
fn forking_while_threads_look_up_affects_neither_side() {
    for (sandbox, config, _files) in both_kinds() {
        let client = client(&config);
        // More connections than the threads use at once: some are idle when the process forks.
        look_up_at_once(&sandbox, &client, 8);
        let (done, answers) = (AtomicBool::new(false), AtomicU64::new(0));
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while !done.load(Ordering::SeqCst) {
                        let status = look_up(&client).expect("a response in the parent");
                        assert!(status.is_in_help);
                        answers.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
            wait_until("the threads look up", || answers.load(Ordering::SeqCst) > 8);
            let went_well = (0..30)
                .map(|_| in_child(|| is_answered(&client) && is_answered(&client)))
                .filter(|went_well| *went_well)
                .count();
            let seen = answers.load(Ordering::SeqCst);
            wait_until("the threads make more lookups", || {
                answers.load(Ordering::SeqCst) > seen + 8
            });
            done.store(true, Ordering::SeqCst);
            assert_eq!(went_well, 30, "successful children");
        });
    }
}

/// Several threads of the child may make its first call at once.
#[test]
fn threads_of_a_child_share_its_connections() {
    let sandbox = sandbox();
    let client = client(&config(sandbox.url()).max_retries(0));
    assert_answers(&client);
    assert!(in_child(|| {
        thread::scope(|scope| {
            let callers: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| (0..10).all(|_| is_answered(&client))))
                .collect();
            callers
                .into_iter()
                .all(|caller| caller.join().is_ok_and(|answered| answered))
        })
    }));
    assert_answers(&client);
    let connections = connections(&sandbox);
    assert_eq!(connections.len(), 82);
    assert!(sandbox.connection_count() <= 9);
    assert_eq!(connections.iter().filter(|number| **number == 1).count(), 2);
}

/// A name is looked up in the child as in the parent.
#[test]
fn child_resolves_names_itself() {
    let sandbox = sandbox();
    let url = sandbox.url().replace("127.0.0.1", "localhost");
    let client = client(&config(&url));
    assert_answers(&client);
    assert!(in_child(|| {
        client.is_customer_in_online_help(CUSTOMER).is_ok()
    }));
    assert_eq!(connections(&sandbox), [1, 2]);
}

/// Siblings that fail at the same moment, such as workers of a pre-forking server, spread their retries
/// as unrelated processes do.
#[test]
fn siblings_pause_differently_before_a_retry() {
    let (sandbox, files) = (sandbox(), Scratch::new());
    sandbox.push_fault_times(CannedAnswer::new(503), 100);
    let lines = Mutex::new(Vec::new());
    let client = c::Client::new(&c::Settings {
        url: sandbox.url(),
        lines: Some(&lines),
        ..c::Settings::default()
    });
    let pauses_of = |child: &str| {
        let file = files.at(child);
        assert!(in_child(|| {
            for _ in 0..3 {
                client.ask().expect_err("the server is busy");
            }
            let lines = lines.lock().unwrap();
            let pauses: Vec<&str> = lines.iter().filter_map(|line| pause_in(line)).collect();
            fs::write(&file, pauses.join(" ")).is_ok()
        }));
        let pauses = fs::read_to_string(&file).expect("was written");
        assert_eq!(pauses.split(' ').count(), 6, "two retries of three calls");
        pauses
    };
    assert_ne!(pauses_of("first"), pauses_of("second"));
}

/// The milliseconds at the end of the line about a failed attempt, if it is retried.
fn pause_in(line: &str) -> Option<&str> {
    line.strip_suffix(" ms")?.split(' ').next_back()
}
