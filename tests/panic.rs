//! A panic inside a call, seen from C: INTERNAL with a message, nothing on stderr, and the client and
//! its pool stay usable.
//!
//! A logger that panics causes it: ureq and this library log at every step of a lookup, on the calling
//! thread. The library has no code for these tests.

mod support;

use std::cell::Cell;
use std::process::Command;
use std::sync::Mutex;

use diyalog_sandbox::{CannedAnswer, Fault};
use log::{LevelFilter, Log, Metadata, Record};

use support::c::Client;
use support::{sandbox, wait_until};

const INTERNAL: i32 = 90;

#[track_caller]
fn assert_answers(client: &Client) {
    match client.ask() {
        Ok(staff) => assert_eq!(staff, "45001"),
        Err(failure) => panic!("{failure:?}"),
    }
}

#[track_caller]
fn assert_panics(client: &Client, step: &'static str) {
    STEP.set(Some(step));
    let outcome = client.ask();
    assert_eq!(STEP.take(), None, "{step} was not logged");
    let failure = outcome.expect_err("a panic");
    assert_eq!((failure.code, failure.is_retryable), (INTERNAL, false));
    for part in ["a bug in diyalog", "on purpose, at", step, "report it"] {
        let message = &failure.message;
        assert!(message.contains(part), "no \"{part}\" in: {message}");
    }
}

thread_local! {
    /// The next line of this thread that contains this text panics.
    static STEP: Cell<Option<&'static str>> = const { Cell::new(None) };
}

struct Panics;

impl Log for Panics {
    fn enabled(&self, _: &Metadata) -> bool {
        STEP.get().is_some()
    }

    fn log(&self, record: &Record) {
        let line = record.args().to_string();
        if let Some(step) = STEP.get()
            && line.contains(step)
        {
            STEP.set(None);
            panic!("on purpose, at {step}");
        }
    }

    fn flush(&self) {}
}

/// The steps of a lookup on a pooled connection, by the text that is logged there.
const STEPS: [&str; 5] = [
    "POST http",     // before anything
    "Use pooled",    // inside ureq's pool, which is locked
    "Request {",     // with a connection, before anything is sent
    "Response {",    // after the header of the response is read
    "responded 200", // at the end
];

/// True in a process of its own, whose stderr must stay empty. Outside, it runs the test of this
/// name in there, and the caller is to return.
fn is_quiet_inside(test: &str) -> bool {
    const INSIDE: &str = "DIYALOG_TEST_PANICS";
    static ONCE: Mutex<bool> = Mutex::new(false);
    if std::env::var(INSIDE).is_ok_and(|inside| inside == test) {
        let mut is_set = ONCE.lock().unwrap();
        if !*is_set {
            log::set_logger(&Panics).expect("the first logger");
            log::set_max_level(LevelFilter::Trace);
            *is_set = true;
        }
        return true;
    }
    let program = std::env::current_exe().expect("this test's program");
    let output = Command::new(program)
        .args(["--exact", test, "--nocapture"])
        .env(INSIDE, test)
        .output()
        .expect("the test's program runs");
    let (stdout, stderr) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{stdout}{stderr}");
    assert_eq!(stderr, "", "stderr belongs to the program");
    false
}

#[test]
fn panic_at_any_step_is_internal_and_the_client_stays_usable() {
    if !is_quiet_inside("panic_at_any_step_is_internal_and_the_client_stays_usable") {
        return;
    }
    let sandbox = sandbox();
    let client = Client::of(sandbox.url());
    for step in STEPS {
        for _ in 0..3 {
            assert_answers(&client);
            assert_panics(&client, step);
        }
        assert_answers(&client);
    }
    // The pool still reuses connections.
    let before = sandbox.connection_count();
    for _ in 0..10 {
        assert_answers(&client);
    }
    assert_eq!(sandbox.connection_count(), before);
    drop(client);
    wait_until("every connection is closed", || {
        sandbox.open_connections() == 0
    });
}

#[test]
fn panic_on_a_new_connection_is_internal() {
    if !is_quiet_inside("panic_on_a_new_connection_is_internal") {
        return;
    }
    let sandbox = sandbox();
    for step in STEPS {
        if step != "Use pooled" {
            let client = Client::of(sandbox.url());
            assert_panics(&client, step);
            assert_answers(&client);
        }
    }
}

/// Steps between attempts and after the last one.
#[test]
fn panic_between_attempts_is_internal() {
    if !is_quiet_inside("panic_between_attempts_is_internal") {
        return;
    }
    let sandbox = sandbox();
    let client = Client::of(sandbox.url());
    for (fault, step) in [
        (Fault::from(CannedAnswer::new(503)), "retry 1 of"),
        (Fault::from(CannedAnswer::new(404)), "404"),
        (Fault::CloseAfter, "Return to pool"),
    ] {
        sandbox.push_fault(fault);
        assert_panics(&client, step);
        sandbox.clear_faults();
        assert_answers(&client);
    }
}

/// Lookups of other threads on the same client succeed, even with a connection checked out.
#[test]
fn panic_does_not_affect_other_threads() {
    if !is_quiet_inside("panic_does_not_affect_other_threads") {
        return;
    }
    let sandbox = sandbox();
    let client = Client::of(sandbox.url());
    assert_answers(&client);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| (0..200).for_each(|_| assert_answers(&client)));
        }
        scope.spawn(|| {
            // A panic with the pool locked may also fail the calls that wait for the lock.
            let steps = STEPS.iter().filter(|step| **step != "Use pooled");
            steps
                .cycle()
                .take(100)
                .for_each(|step| assert_panics(&client, step));
        });
    });
    assert_answers(&client);
}
