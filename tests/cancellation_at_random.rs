//! A thousand cancels at random times over a healthy, a slow and a hostile server. Alone in its
//! process, so that descriptors and threads can be counted.
#![cfg(target_os = "linux")]

mod support;

use std::fs;
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use diyalog::{CallOptions, Cancellation, Client, Config, ErrorCode};

use support::raw::{self, Listener};
use support::{Scratch, client, config, wait_until};

const THREADS: usize = 8;
const CALLS_OF_EACH: usize = 125;

/// What a server does with each request, by a number that counts them.
type Reaction = fn(usize) -> (Duration, &'static str);

/// Responds at once.
fn healthy(_: usize) -> (Duration, &'static str) {
    (Duration::ZERO, "")
}

/// Takes up to 3 ms.
fn slow(request: usize) -> (Duration, &'static str) {
    (Duration::from_micros((request * 7919 % 3000) as u64), "")
}

/// Breaks off before, in the middle of and behind responses.
fn hostile(request: usize) -> (Duration, &'static str) {
    let ends = ["", "before", "", "in the middle", "", "behind"];
    (slow(request).0, ends[request % ends.len()])
}

fn serve(stream: &mut (impl std::io::Read + Write), reaction: Reaction, requests: &AtomicUsize) {
    while let Some(request) = raw::read_request(stream) {
        let request = String::from_utf8_lossy(&request).into_owned();
        let customer = request.rsplit('"').nth(1).unwrap_or_default();
        let response = raw::answer(&format!(
            r#"{{"isInHelp":true,"staffId":"staff-of-{customer}"}}"#
        ));
        let (delay, end) = reaction(requests.fetch_add(1, Ordering::SeqCst));
        thread::sleep(delay);
        let sent = match end {
            "before" => return,
            "in the middle" => &response[..response.len() / 2],
            _ => &response[..],
        };
        let is_gone = stream
            .write_all(sent)
            .and_then(|()| stream.flush())
            .is_err();
        if is_gone || !end.is_empty() {
            return;
        }
    }
}

/// How many calls returned their status, and how many were cancelled.
fn cancel_at_random(client: &Client) -> (usize, usize) {
    let (succeeded, cancelled) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (succeeded, cancelled) = (&succeeded, &cancelled);
            scope.spawn(move || {
                for call in 0..CALLS_OF_EACH {
                    let customer = format!("{thread}-{call}");
                    let cancellation = Cancellation::new();
                    let canceller = cancellation.clone();
                    let pause = Duration::from_micros((call * 7919 % 40) as u64 * 100);
                    let cancels = thread::spawn(move || {
                        thread::sleep(pause);
                        canceller.cancel();
                    });
                    let options = CallOptions::new().cancellation(&cancellation);
                    match client.is_customer_in_online_help_with(&customer, options) {
                        Ok(status) => {
                            let staff = format!("staff-of-{customer}");
                            assert_eq!(status.staff_id.as_deref(), Some(&*staff));
                            succeeded.fetch_add(1, Ordering::SeqCst);
                        }
                        Err(error) if error.code() == ErrorCode::Cancelled => {
                            cancelled.fetch_add(1, Ordering::SeqCst);
                        }
                        Err(error) => {
                            assert_eq!(error.code(), ErrorCode::ConnectionLost, "{error}");
                        }
                    }
                    cancels.join().expect("it cancels");
                }
            });
        }
    });
    (succeeded.into_inner(), cancelled.into_inner())
}

fn entries(folder: &str) -> usize {
    fs::read_dir(folder).expect("this is Linux").count()
}

/// Calls, cancels and counts what is left once the client is gone.
fn assert_nothing_is_left(config: &Config, is_hostile: bool) {
    let count = || (entries("/proc/self/fd"), entries("/proc/self/task"));
    let before = count();
    let client = client(config);
    let (succeeded, cancelled) = cancel_at_random(&client);
    assert!(
        succeeded > 0 && cancelled > 0,
        "{succeeded} and {cancelled}"
    );
    if !is_hostile {
        assert_eq!(succeeded + cancelled, THREADS * CALLS_OF_EACH);
    }
    drop(client);
    wait_until("descriptors and threads are gone", || {
        let now = count();
        now.0 <= before.0 && now.1 <= before.1
    });
}

#[test]
fn cancels_at_random_mix_up_and_leave_nothing() {
    static REQUESTS: AtomicUsize = AtomicUsize::new(0);
    let (authority, files) = (diyalog_sandbox::pki::Authority::new("CA"), Scratch::new());
    let ca_file = files.write("ca.pem", authority.pem());
    for (reaction, is_hostile) in [
        (healthy as Reaction, false),
        (slow as Reaction, false),
        (hostile as Reaction, true),
    ] {
        let plain = Listener::start(move |mut stream| serve(&mut stream, reaction, &REQUESTS));
        assert_nothing_is_left(&config(&plain.url("http")), is_hostile);
        let tls = raw::tls_listener(&authority, move |mut stream| {
            serve(&mut stream, reaction, &REQUESTS);
        });
        assert_nothing_is_left(&config(&tls.url("https")).ca_file(&ca_file), is_hostile);
    }
}
