//! Servers and gateways that break the rules of HTTP and TLS. Each mode of the hostile server ends in
//! time with the code of tests/hostile.table, and the same client then makes a correct lookup.

mod support;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use diyalog::{CallOptions, Client, Config, Error, HelpStatus};
use diyalog_sandbox::DEFAULT_ACCESS_KEY_SECRET;
use diyalog_sandbox::hostile::{self, Hostile, Identity, staff_of};

use support::{CUSTOMER, Scratch, client, config};

const TABLE: &str = include_str!("hostile.table");

const TIMEOUT: i32 = 10;
const CONNECTION_LOST: i32 = 15;
const RETRYABLE: [i32; 3] = [TIMEOUT, CONNECTION_LOST, 25];

/// The timeout for modes that never end. The others have as long as a busy machine needs.
const SHORT: Duration = Duration::from_millis(300);

/// The code of each mode.
fn table() -> BTreeMap<&'static str, i32> {
    let lines = TABLE.lines().map(|line| line.split('#').next().unwrap());
    lines
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let (mode, code) = line.trim().split_once(' ').expect("a mode and a code");
            (mode, code.trim().parse().expect("a number"))
        })
        .collect()
}

/// Runs every mode, several at once: most of the time they wait.
fn for_each_mode(check: impl Fn(&str, i32) -> Result<(), String> + Sync) {
    let queue = Mutex::new(table().into_iter());
    let faults = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while let Some((mode, code)) = { queue.lock().unwrap().next() } {
                    if let Err(fault) = check(mode, code) {
                        faults.lock().unwrap().push(format!("{mode}: {fault}"));
                    }
                }
            });
        }
    });
    let faults = faults.into_inner().unwrap();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Servers and clients with one certificate authority.
struct World {
    identity: Identity,
    files: Scratch,
}

impl World {
    fn new() -> Self {
        let (identity, files) = (Identity::new(), Scratch::new());
        files.write("ca.pem", identity.pem());
        World { identity, files }
    }

    fn server(&self, mode: &str, times: usize) -> Hostile {
        Hostile::start(mode, times, &self.identity).expect("it starts")
    }

    fn config(&self, server: &Hostile) -> Config {
        config(server.url())
            .ca_file(self.files.at("ca.pem"))
            .system_trust(false)
    }
}

fn ask(client: &Client, customer: &str, expected: i32) -> Result<HelpStatus, Error> {
    let mut options = CallOptions::new();
    if expected == TIMEOUT {
        options = options.timeout(SHORT);
    }
    client.is_customer_in_online_help_with(customer, options)
}

fn code_of(outcome: &Result<HelpStatus, Error>) -> i32 {
    outcome
        .as_ref()
        .map_or_else(|error| error.code() as i32, |_| 0)
}

fn check_right(outcome: &Result<HelpStatus, Error>, customer: &str) -> Result<(), String> {
    match outcome {
        Ok(status) if status.is_in_help && status.staff_id == Some(staff_of(customer)) => Ok(()),
        other => Err(format!("for {customer}: {other:?}")),
    }
}

fn check_message(error: &Error, server: &Hostile) -> Result<(), String> {
    let message = error.message();
    if message.contains(DEFAULT_ACCESS_KEY_SECRET) || message.contains("DLGA") {
        return Err(format!("tells a secret: {message}"));
    }
    if message.len() > 1024 || message.contains(char::is_control) {
        return Err(format!("is not one short line: {message:?}"));
    }
    if !message.contains("127.0.0.1") {
        return Err(format!("{} is not named: {message}", server.address()));
    }
    if error.is_retryable() != is_retryable(error) {
        return Err(format!("retryable is wrong: {error:?}"));
    }
    Ok(())
}

fn is_retryable(error: &Error) -> bool {
    RETRYABLE.contains(&(error.code() as i32)) || error.http_status() == Some(503)
}

#[test]
fn table_has_every_mode() {
    let mut names = hostile::names();
    names.sort_unstable();
    assert_eq!(table().into_keys().collect::<Vec<_>>(), names);
}

#[test]
fn each_mode_ends_with_its_code_and_the_client_stays_usable() {
    let world = World::new();
    for_each_mode(|mode, expected| {
        let server = world.server(mode, 1);
        let client = client(&world.config(&server).max_retries(0));
        let start = Instant::now();
        let outcome = ask(&client, CUSTOMER, expected);
        let took = start.elapsed();
        match &outcome {
            _ if code_of(&outcome) != expected => {
                return Err(format!("not {expected}: {outcome:?}"));
            }
            Ok(_) => check_right(&outcome, CUSTOMER)?,
            Err(error) => check_message(error, &server)?,
        }
        if expected == TIMEOUT && took > SHORT + Duration::from_secs(1) {
            return Err(format!("took {took:?} of {SHORT:?}"));
        }
        for customer in ["70023", "70024"] {
            check_right(&ask(&client, customer, 0), customer)?;
        }
        Ok(())
    });
}

/// A transient failure is retried, here with success. Any other is returned at once.
#[test]
fn transient_failures_are_retried_and_others_returned() {
    let world = World::new();
    for_each_mode(|mode, code| {
        let server = world.server(mode, 1);
        let outcome = ask(&client(&world.config(&server)), CUSTOMER, code);
        let is_error_that_may_pass = [CONNECTION_LOST, 25].contains(&code);
        if is_error_that_may_pass || mode == "a-refusal-before-the-question" {
            check_right(&outcome, CUSTOMER)
        } else if code_of(&outcome) != code {
            Err(format!("not {code}: {outcome:?}"))
        } else if server.connections() > 1 {
            Err(format!("tried {} times", server.connections()))
        } else {
            Ok(())
        }
    });
}

/// A lost new connection counts as one attempt.
#[test]
fn lasting_failure_is_retried_max_retries_times() {
    let world = World::new();
    for_each_mode(|mode, code| {
        if code != CONNECTION_LOST {
            return Ok(());
        }
        let server = world.server(mode, 100);
        let outcome = ask(
            &client(&world.config(&server).max_retries(2)),
            CUSTOMER,
            code,
        );
        match (code_of(&outcome), server.connections()) {
            (CONNECTION_LOST, 3) => Ok(()),
            (_, connections) => Err(format!("{connections} connections: {outcome:?}")),
        }
    });
}

/// The mode occurs on a pooled connection, and no lookup returns another's response. A connection lost
/// without a byte of a response is replaced silently.
#[test]
fn each_mode_ends_with_its_code_on_a_pooled_connection() {
    let world = World::new();
    for_each_mode(|mode, code| {
        let server = world.server(mode, 0);
        let client = client(&world.config(&server).max_retries(0));
        check_right(&ask(&client, CUSTOMER, 0), CUSTOMER)?;
        server.meet(1);
        let outcome = ask(&client, CUSTOMER, code);
        match code {
            CONNECTION_LOST if code_of(&outcome) == CONNECTION_LOST => {}
            CONNECTION_LOST => check_right(&outcome, CUSTOMER)?,
            // These modes apply to new connections only.
            _ if server.is_still_to_be_met() => check_right(&outcome, CUSTOMER)?,
            _ if code_of(&outcome) != code => return Err(format!("not {code}: {outcome:?}")),
            _ => {}
        }
        check_right(&ask(&client, "70023", 0), "70023")
    });
}

/// Many threads share a client while each mode occurs repeatedly: every successful lookup returns its
/// own response.
#[test]
fn threads_never_receive_each_others_responses() {
    let world = World::new();
    for mode in [
        "a-second-answer-at-once",
        "an-answer-behind-a-204",
        "an-answer-behind-an-empty-error",
        "body-longer-than-its-length",
        "length-and-good-chunks",
        "two-lengths-different",
        "says-close-and-stays",
        "tls-a-second-answer",
        "is-silent-in-the-body",
    ] {
        let server = world.server(mode, 100);
        let client = client(&world.config(&server).max_retries(0));
        thread::scope(|scope| {
            for thread in 0..8 {
                let client = &client;
                scope.spawn(move || {
                    for lookup in 0..25 {
                        let customer = format!("{thread}-{lookup}");
                        let outcome = ask(client, &customer, TIMEOUT);
                        if outcome.is_ok() {
                            check_right(&outcome, &customer).expect(mode);
                        }
                    }
                });
            }
        });
    }
}
