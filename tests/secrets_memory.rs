//! Freed memory contains no secret: after a client and its settings are freed, the whole memory of the
//! process is searched.
//!
//! The server runs in a process of its own, since it has the secret.
#![cfg(all(target_os = "linux", target_endian = "little"))]

mod support;

use std::io::{BufRead, BufReader};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use diyalog::{CallOptions, Client, Config, Error, ErrorCode, HelpStatus};
use diyalog_sandbox::{CannedAnswer, Fault, Options, Sandbox, TlsOptions};

use support::memory::{Needle, Search};
use support::{CUSTOMER, Process, Scratch, has_environment};

/// An access key's secret, and a proxy's password, masked: see [`Needle`].
const SECRET: &str = "eed492d3e9d297fddff79cc8f1cb91e7cdfc93c6efc19de3d6e296d5f4c090e4";
const PASSWORD: &str =
    "ffd193f2c79cfdc096f7d49de9ce90f3c8e797dcedd692ebc691e1c39de2cf94f0c49cf5d393ecd2";
/// Both, as sent to the proxy.
const CREDENTIALS_IN_BASE64: &str = "c1e2f3d6c7e2f3dceac9d595ebc9c1cceaf3cdc9e894efddeae0ddd7ebf3ffd1f4cfef90f6ede896f1c8e895f7e2fc91f797caddf3f2e090f0edfc97f6fdc698";

const KEY_ID: &str = "1234567-8ABC-DEF0-5432-56712ABCDEF5";

/// What HMAC combines a key with.
const PADS: [u8; 2] = [0x36, 0x5c];

fn secret() -> Needle {
    Needle::from_masked_hex(SECRET)
}

/// The secret itself, and combined with the pads of HMAC.
fn forms_of_the_secret() -> Vec<Needle> {
    let padded = PADS.map(|pad| secret().padded_with(pad).end());
    [secret().end()].into_iter().chain(padded).collect()
}

#[track_caller]
fn assert_gone(search: &mut Search, needles: &[Needle]) {
    let counts = search.count(needles);
    assert!(counts.iter().all(|count| *count == 0), "left: {counts:?}");
}

/// A sandbox in another process.
struct Server {
    url: String,
    /// Kept open: the process ends when it is closed.
    _stdin: ChildStdin,
    says: BufReader<ChildStdout>,
    _process: Process,
}

impl Server {
    fn start(ca_file: &str) -> Self {
        let program = std::env::current_exe().expect("this test's program");
        let mut child = Command::new(program)
            .args(["--exact", "the_server", "--nocapture"])
            .env("DIYALOG_TEST_SERVER", ca_file)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this test's program runs");
        let mut server = Server {
            url: String::new(),
            _stdin: child.stdin.take().expect("is piped"),
            says: BufReader::new(child.stdout.take().expect("is piped")),
            _process: Process(child),
        };
        server.url = server.line();
        server
    }

    /// The next line of its output, without those of the test harness.
    fn line(&mut self) -> String {
        let mut line = String::new();
        loop {
            line.clear();
            assert!(
                self.says.read_line(&mut line).expect("is text") > 0,
                "it ended"
            );
            if let Some((_, said)) = line.trim_end().split_once("says ") {
                return said.to_owned();
            }
        }
    }
}

/// The other process: serves.
#[test]
fn the_server() {
    let Ok(ca_file) = std::env::var("DIYALOG_TEST_SERVER") else {
        return;
    };
    let sandbox = Sandbox::start(Options {
        access_key_secret: secret().reveal(|secret| secret.as_bytes().to_vec()),
        tls: (!ca_file.is_empty()).then(TlsOptions::default),
        ..Options::default()
    });
    let sandbox = sandbox.expect("it starts");
    if !ca_file.is_empty() {
        std::fs::write(ca_file, sandbox.ca_pem()).expect("is written");
    }
    for fault in [
        Fault::Delay { milliseconds: 0 },
        Fault::Close,
        Fault::from(CannedAnswer::new(500).body("it failed")),
        Fault::Silence,
        Fault::Garble,
    ] {
        sandbox.push_fault(fault);
    }
    println!("\nsays {}", sandbox.url());
    // Serves until the test has ended.
    for _ in std::io::stdin().lines() {}
}

/// Uses a client as a program does: responses, errors of all kinds, and responses again.
fn use_client(client: &Client) {
    let ask = || -> Result<HelpStatus, Error> {
        let options = CallOptions::new().timeout(Duration::from_millis(500));
        client.is_customer_in_online_help_with(CUSTOMER, options)
    };
    for _ in 0..8 {
        drop(ask());
    }
    let status = client.is_customer_in_online_help(CUSTOMER);
    assert!(status.expect("the right secret").is_in_help);
}

fn config(url: &str) -> Config {
    let config = Config::new(url).requester_user_id("45186").max_retries(0);
    secret().reveal(|secret| config.credentials(KEY_ID, secret))
}

/// Uses settings in every way that copies them, then a client, and frees both.
fn use_and_free(search: &mut Search, config: Config) {
    let client = Client::new(&config).expect("good settings");
    let copy = config.clone();
    assert!(
        search.count(&[secret().end()])[0] >= 2,
        "what is there is found"
    );
    drop(format!("{config:?}"));
    drop(copy.credentials(KEY_ID, "another"));
    use_client(&client);
    drop((config, client));
}

#[test]
fn freed_memory_has_no_secret() {
    if !has_environment("freed_memory_has_no_secret", &[]) {
        return;
    }
    let (mut search, forms) = (Search::new(), forms_of_the_secret());
    let server = Server::start("");
    use_and_free(&mut search, config(&server.url));
    assert_gone(&mut search, &forms);
}

#[test]
fn freed_memory_has_no_secret_over_tls() {
    if !has_environment("freed_memory_has_no_secret_over_tls", &[]) {
        return;
    }
    let (mut search, forms) = (Search::new(), forms_of_the_secret());
    let files = Scratch::new();
    let ca_file = files.at("ca.pem");
    let server = Server::start(ca_file.to_str().expect("is text"));
    let config = config(&server.url).ca_file(ca_file).system_trust(false);
    use_and_free(&mut search, config);
    assert_gone(&mut search, &forms);
}

/// The environment itself still has the secret.
#[test]
fn freed_memory_has_no_copy_of_the_environments_secret() {
    const TEST: &str = "freed_memory_has_no_copy_of_the_environments_secret";
    let inside = secret().reveal(|secret| {
        let variables = [
            ("DIYALOG_ACCESS_KEY_ID", KEY_ID),
            ("DIYALOG_ACCESS_KEY_SECRET", secret),
            ("DIYALOG_REQUESTER_USER_ID", "45186"),
        ];
        has_environment(TEST, &variables)
    });
    if !inside {
        return;
    }
    let (mut search, mut forms) = (Search::new(), forms_of_the_secret());
    let plain = [forms.remove(0)];
    let before = search.count(&plain)[0];
    assert!(before >= 1, "the environment is there");
    let server = Server::start("");
    let config = Config::new(&server.url).max_retries(0).load_env();
    use_and_free(&mut search, config.expect("good variables"));
    assert_eq!(search.count(&plain), [before]);
    assert_gone(&mut search, &forms);
}

#[test]
fn rejected_settings_leave_no_secret() {
    if !has_environment("rejected_settings_leave_no_secret", &[]) {
        return;
    }
    let (mut search, forms) = (Search::new(), forms_of_the_secret());
    let refused = config("no address at all");
    assert!(Client::new(&refused).is_err());
    drop(refused);
    let unreachable = config("http://127.0.0.1:9");
    drop(Client::new(&unreachable).expect("good settings"));
    drop(unreachable);
    assert_gone(&mut search, &forms);
}

/// ureq's proxy type keeps user name and password in strings that it does not wipe: two copies of the
/// password. This library leaves none.
///
/// The proxy here is not one: it rejects the request after it received the password.
#[test]
fn only_ureqs_copies_of_a_proxys_password_are_left() {
    if !has_environment("only_ureqs_copies_of_a_proxys_password_are_left", &[]) {
        return;
    }
    let mut search = Search::new();
    let server = Server::start("");
    let password = Needle::from_masked_hex(PASSWORD);
    let encoded = Needle::from_masked_hex(CREDENTIALS_IN_BASE64);
    let needles = [password.end(), encoded.end()];
    let (_, address) = server.url.split_once("://").expect("an address");
    let config = password.reveal(|password| {
        let mut url = format!("http://teller:{password}@{address}");
        let config = config("https://127.0.0.1:9").proxy(&url);
        zeroize::Zeroize::zeroize(&mut url);
        config
    });
    let client = Client::new(&config).expect("good settings");
    let error = client
        .is_customer_in_online_help(CUSTOMER)
        .expect_err("no proxy");
    assert_eq!(error.code(), ErrorCode::Proxy, "{error}");
    assert!(search.count(&needles)[0] >= 1, "what is there is found");
    drop((client, config));
    let left = search.count(&needles);
    assert!(left[0] <= 2 && left[1] == 0, "left: {left:?}");
}
