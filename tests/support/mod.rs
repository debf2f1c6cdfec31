//! Shared by the tests of the network.

// Every test binary uses a part of it.
#![allow(dead_code)]

pub mod c;
pub mod haproxy;
#[cfg(target_os = "linux")]
pub mod memory;
pub mod namespace;
pub mod raw;
pub mod squid;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use diyalog::{Client, Config, Error, ErrorCode, HelpStatus};
use diyalog_sandbox::{
    DEFAULT_ACCESS_KEY_ID, DEFAULT_ACCESS_KEY_SECRET, Fault, Options, Sandbox, TlsOptions,
};
use tempfile::TempDir;

/// A customer who is in help in every sandbox.
pub const CUSTOMER: &str = "70022";

/// Valid settings for a server at `url`, with a deadline that is long enough on a busy machine.
pub fn config(url: &str) -> Config {
    Config::new(url)
        .credentials(DEFAULT_ACCESS_KEY_ID, DEFAULT_ACCESS_KEY_SECRET)
        .requester_user_id("45186")
        .timeout(Duration::from_secs(30))
}

pub fn client(config: &Config) -> Client {
    Client::new(config).expect("the settings are valid")
}

pub fn client_of(sandbox: &Sandbox) -> Client {
    client(&config(sandbox.url()))
}

pub fn sandbox() -> Sandbox {
    Sandbox::start(Options::default()).expect("a sandbox starts")
}

pub fn tls_sandbox() -> Sandbox {
    let tls = Some(TlsOptions::default());
    Sandbox::start(Options {
        tls,
        ..Options::default()
    })
    .expect("a sandbox starts")
}

pub fn look_up(client: &Client) -> Result<HelpStatus, Error> {
    client.is_customer_in_online_help(CUSTOMER)
}

#[track_caller]
pub fn assert_answers(client: &Client) {
    let status = look_up(client).expect("an answer");
    assert!(status.is_in_help && status.staff_id.is_some(), "{status:?}");
}

/// Makes this many lookups at once, each on a connection of its own: the sandbox responds only after
/// all were sent.
#[track_caller]
pub fn look_up_at_once(sandbox: &Sandbox, client: &Client, lookups: usize) {
    let (before, barrier) = (sandbox.request_count(), Barrier::new(lookups));
    sandbox.push_fault_times(Fault::Delay { milliseconds: 300 }, lookups as u32);
    thread::scope(|scope| {
        for _ in 0..lookups {
            scope.spawn(|| {
                barrier.wait();
                assert_answers(client);
            });
        }
    });
    assert_eq!(sandbox.request_count(), before + lookups as u64);
}

/// Asserts that a lookup fails with this code; returns its error.
#[track_caller]
pub fn assert_fails(client: &Client, code: ErrorCode) -> Error {
    let error = look_up(client).expect_err("an error");
    assert_eq!(error.code(), code, "{error}");
    error
}

/// Asserts that the settings are rejected; returns the message.
#[track_caller]
pub fn assert_refused(config: &Config) -> String {
    let error = Client::new(config).expect_err("the settings are rejected");
    assert_eq!(error.code(), ErrorCode::InvalidConfig, "{error}");
    error.message().to_owned()
}

#[track_caller]
pub fn assert_says(error: &Error, parts: &[&str]) {
    for part in parts {
        assert!(error.message().contains(part), "no \"{part}\" in: {error}");
    }
}

/// Waits until a condition holds that another thread or process brings about.
#[track_caller]
pub fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < end, "waited in vain: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Runs the test of this name in a process of its own with these environment variables and without any
/// about proxies. Returns true in that process, and false in the original one, where the caller returns.
#[track_caller]
pub fn has_environment(test: &str, variables: &[(&str, &str)]) -> bool {
    const INSIDE: &str = "DIYALOG_TEST_ENVIRONMENT";
    if std::env::var(INSIDE).is_ok_and(|inside| inside == test) {
        return true;
    }
    let mut again = Command::new(std::env::current_exe().expect("this test's program"));
    again
        .args(["--include-ignored", "--exact", test])
        .env(INSIDE, test);
    for name in ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"] {
        again.env_remove(name).env_remove(name.to_lowercase());
    }
    let output = again.envs(variables.iter().copied()).output();
    let output = output.expect("the test's program runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{test} with {variables:?}: {text}");
    false
}

/// Also finds programs that Debian installs outside an ordinary user's PATH.
pub fn command(name: &str) -> Command {
    let mut command = Command::new(name);
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{path}:/usr/sbin:/sbin"));
    command
}

/// A directory that is removed when the test ends.
pub struct Scratch(TempDir);

impl Scratch {
    pub fn new() -> Self {
        Scratch(TempDir::new().expect("a directory of our own"))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The path of a file of this name.
    pub fn at(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// Writes a file and returns its path.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.at(name);
        fs::write(&path, content).expect("the file is written");
        path
    }
}

/// A process that ends with the test at the latest.
pub struct Process(pub Child);

impl Process {
    /// Ends it at once, as a crash would.
    pub fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}
