//! HAProxy restarts, by its administrator or after a crash, while lookups run: no caller sees an error.

mod support;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use diyalog::Client;

use support::haproxy::{Haproxy, Pki};
use support::{assert_answers, client, config, look_up, sandbox, wait_until};

const THREADS: usize = 8;
const RESTARTS: usize = 4;

/// The average number of lookups per thread between two restarts.
const LOOKUPS: usize = 10;

fn bank_client(haproxy: &Haproxy, pki: &Pki, max_retries: u32) -> Client {
    let config = config(&haproxy.url("https")).ca_file(pki.ca_file());
    client(&config.max_retries(max_retries))
}

/// Restarts several times while threads look up; returns every error of a caller.
fn errors_under_load(client: &Client, mut restart: impl FnMut()) -> Vec<String> {
    let (done, answers) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        let callers: Vec<_> = (0..THREADS)
            .map(|_| {
                scope.spawn(|| {
                    let mut errors = Vec::new();
                    while !done.load(Ordering::SeqCst) {
                        match look_up(client) {
                            Ok(_) => drop(answers.fetch_add(1, Ordering::SeqCst)),
                            Err(error) => errors.push(error.to_string()),
                        }
                    }
                    errors
                })
            })
            .collect();
        for restarts in 0..=RESTARTS {
            let enough = answers.load(Ordering::SeqCst) + THREADS * LOOKUPS;
            wait_until("lookups are answered", || {
                answers.load(Ordering::SeqCst) >= enough
            });
            if restarts < RESTARTS {
                restart();
            }
        }
        done.store(true, Ordering::SeqCst);
        let errors = callers
            .into_iter()
            .flat_map(|caller| caller.join().expect("ends"));
        errors.collect()
    })
}

fn no_errors() -> Vec<String> {
    Vec::new()
}

/// Succeeds even without retries: the probe finds every dead idle connection.
#[test]
#[ignore = "needs haproxy"]
fn restart_between_two_lookups_is_unnoticed() {
    let (sandbox, pki) = (sandbox(), Pki::new());
    let mut haproxy = Haproxy::start_on_own_port(&pki.bind(), sandbox.address());
    let client = bank_client(&haproxy, &pki, 0);
    for _ in 0..RESTARTS {
        assert_answers(&client);
        haproxy.stop();
        haproxy.start_again();
        assert_answers(&client);
        haproxy.reload();
    }
}

/// A reload (`haproxy -sf`): the new process runs beside the old one on the same port.
#[test]
#[ignore = "needs haproxy"]
fn reload_under_load_is_unnoticed() {
    let (sandbox, pki) = (sandbox(), Pki::new());
    let mut haproxy = Haproxy::start_on_own_port(&pki.bind(), sandbox.address());
    let client = bank_client(&haproxy, &pki, 2);
    assert_eq!(errors_under_load(&client, || haproxy.reload()), no_errors());
}

/// All connections break at once, while the port stays open, as with a systemd socket unit.
#[test]
#[ignore = "needs haproxy"]
fn kill_under_load_with_the_port_open_is_unnoticed() {
    let (sandbox, pki) = (sandbox(), Pki::new());
    let mut haproxy = Haproxy::start(&pki.bind(), sandbox.address());
    let client = bank_client(&haproxy, &pki, 2);
    let errors = errors_under_load(&client, || {
        haproxy.stop();
        haproxy.start_again();
    });
    assert_eq!(errors, no_errors());
}

/// For a moment nothing listens. Two retries with a back-off from 100 ms do not always cover it, more
/// do.
#[test]
#[ignore = "needs haproxy"]
fn kill_under_load_with_the_port_closed_is_unnoticed() {
    let (sandbox, pki) = (sandbox(), Pki::new());
    let mut haproxy = Haproxy::start_on_own_port(&pki.bind(), sandbox.address());
    let client = bank_client(&haproxy, &pki, 12);
    let errors = errors_under_load(&client, || {
        haproxy.stop();
        thread::sleep(Duration::from_millis(100));
        haproxy.start_again();
    });
    assert_eq!(errors, no_errors());
}
