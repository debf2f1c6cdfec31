//! No text of the library contains a secret, whatever fails: error messages in Rust and C, log lines
//! with all libraries at level trace, Debug output. secrets_memory.rs searches freed memory.

mod support;

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, ThreadId};
use std::time::Duration;

use diyalog::{CallOptions, Config};
use diyalog_sandbox::DEFAULT_ACCESS_KEY_SECRET;
use diyalog_sandbox::hostile::{self, Hostile, Identity};
use log::{LevelFilter, Log, Metadata, Record};

use support::c::{self, Settings};
use support::raw::{self, Listener};
use support::{CUSTOMER, Scratch, config, sandbox};

const PASSWORD: &str = "proxy-passw0rd";

/// teller:proxy-passw0rd, as sent to a proxy.
const CREDENTIALS_IN_BASE64: &str = "dGVsbGVyOnByb3h5LXBhc3N3MHJk";

/// Records every line of every library, by thread.
struct Everything;

static LINES: Mutex<Vec<(ThreadId, String)>> = Mutex::new(Vec::new());

impl Log for Everything {
    fn enabled(&self, _: &Metadata) -> bool {
        true
    }

    fn log(&self, record: &Record) {
        let line = (thread::current().id(), record.args().to_string());
        LINES.lock().unwrap().push(line);
    }

    fn flush(&self) {}
}

fn listen() {
    // Another test may have set it already.
    let _ = log::set_logger(&Everything);
    log::set_max_level(LevelFilter::Trace);
}

/// The lines that all libraries wrote during this thread's calls, and the bytes dumped in them.
fn logged() -> Vec<String> {
    let this_thread = thread::current().id();
    let mut all = LINES.lock().unwrap();
    let of_this_thread = all.extract_if(.., |(thread, _)| *thread == this_thread);
    let mut lines: Vec<String> = of_this_thread.map(|(_, line)| line).collect();
    lines.push(lines.iter().map(|line| dumped_text(line)).collect());
    lines
}

/// What is after the hexadecimal numbers in a line of a dump.
fn dumped_text(line: &str) -> &str {
    const HEXADECIMAL: usize = 8 * "0000 ".len() + 1;
    let is_dump = line.len() == HEXADECIMAL + 16 && line.is_ascii();
    line.get(HEXADECIMAL..).filter(|_| is_dump).unwrap_or("")
}

/// The secret that a text contains, if any.
fn secret_in(text: &str) -> Option<&str> {
    let known = [
        DEFAULT_ACCESS_KEY_SECRET,
        "DLGA",
        PASSWORD,
        CREDENTIALS_IN_BASE64,
    ];
    let known = known.into_iter().find(|secret| text.contains(secret));
    known.or_else(|| signature_in(text))
}

/// The first text that looks like a signature: 32 bytes in base64.
fn signature_in(text: &str) -> Option<&str> {
    const LENGTH: usize = 43;
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || c == '+' || c == '/';
    text.split_inclusive('=').find(|part| {
        let end = part.strip_suffix('=').unwrap_or("");
        let length = end.chars().rev().take_while(|c| is_base64(*c)).count();
        length >= LENGTH
    })
}

fn check(kind: &str, texts: &[String]) -> Result<(), String> {
    match texts.iter().find_map(|text| Some((secret_in(text)?, text))) {
        Some((secret, text)) => Err(format!("{kind} tells {secret}: {text}")),
        None => Ok(()),
    }
}

#[test]
fn secrets_in_every_form_are_found() {
    let signature = "WHP5qD7jvx16jT+9bbtaRbLOtDiI1A2LCIE2EseLr6A=";
    assert!(signature_in(&format!("x: {signature}\r\n")).is_some());
    assert!(signature_in(&format!("a=b&c={signature}")).is_some());
    assert_eq!(signature_in("connection=close; x-dlg-date=now"), None);
    for text in [DEFAULT_ACCESS_KEY_SECRET, PASSWORD, "DLGA id:x"] {
        assert!(secret_in(&format!("<{text}>")).is_some());
    }
}

/// Rust's texts, C's texts, the callback's lines and everybody's, of one lookup in a mode. Whether
/// the log shows where the signature was.
fn look_up_in(mode: &str, identity: &Identity, ca_file: &Path) -> Result<bool, String> {
    const TIMEOUT: Duration = Duration::from_millis(300);
    let server = |times| Hostile::start(mode, times, identity).expect("it starts");

    let rust = server(10);
    let settings = config(rust.url()).ca_file(ca_file).timeout(TIMEOUT);
    let client = diyalog::Client::new(&settings).expect("good settings");
    let outcome = client.is_customer_in_online_help(CUSTOMER);
    let mut shown = vec![format!("{outcome:?}"), format!("{outcome:#?}")];
    if let Err(error) = &outcome {
        shown.push(error.to_string());
    }
    check("Rust", &shown)?;

    let lines = Mutex::new(Vec::new());
    let c = server(10);
    let client = c::Client::new(&Settings {
        url: c.url(),
        ca_file: Some(ca_file),
        timeout_ms: 300,
        lines: Some(&lines),
        ..Settings::default()
    });
    if let Err(failure) = client.ask() {
        check("C", &[failure.message])?;
    }
    drop(client);
    let lines = lines.into_inner().unwrap();
    check("the callback", &lines)?;

    let logged = logged();
    if mode.starts_with("echoes-") {
        // ureq-proto dumps responses too, which this library cannot prevent.
        return Ok(false);
    }
    check("the log", &logged)?;
    let dump = logged.last().expect("was added");
    Ok(dump.contains("x-dlg-authorization:.****"))
}

#[test]
fn no_text_about_a_broken_response_contains_a_secret() {
    listen();
    let (identity, files) = (Identity::new(), Scratch::new());
    let ca_file = files.write("ca.pem", identity.pem());
    let modes = Mutex::new(hostile::names().into_iter());
    let (faults, shown) = (Mutex::new(Vec::new()), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while let Some(mode) = { modes.lock().unwrap().next() } {
                    match look_up_in(mode, &identity, &ca_file) {
                        Ok(is_shown) => {
                            shown.fetch_add(usize::from(is_shown), Ordering::Relaxed);
                        }
                        Err(fault) => faults.lock().unwrap().push(format!("{mode}: {fault}")),
                    }
                }
            });
        }
    });
    let faults = faults.into_inner().unwrap();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(shown.into_inner() > 150, "the dumps are understood");
}

#[test]
fn no_text_about_a_proxy_contains_its_password() {
    listen();
    let (refuses, silent) = (sandbox(), raw::silent());
    let hangs_up = Listener::start(drop);
    for address in [refuses.address(), silent.address, hangs_up.address] {
        let proxy = format!("http://teller:{PASSWORD}@{address}");
        let lines = Mutex::new(Vec::new());
        let client = c::Client::new(&Settings {
            url: "https://api.bank.example",
            proxy: Some(&proxy),
            timeout_ms: 300,
            lines: Some(&lines),
            ..Settings::default()
        });
        let failure = client.ask().expect_err("no proxy");
        drop(client);
        check("C", &[failure.message]).unwrap();
        check("the callback", &lines.into_inner().unwrap()).unwrap();
        check("the log", &logged()).unwrap();
    }
}

#[test]
fn debug_shows_no_secret() {
    let settings: Config = config("https://api.bank.example")
        .proxy(format!("http://teller:{PASSWORD}@proxy:3128"))
        .ca_file("ca.pem");
    let options = CallOptions::new().requester_user_id("45186");
    let refused = settings.clone().endpoint("no address").proxy("no proxy");
    let refusal = diyalog::Client::new(&refused).expect_err("an error");
    let client = diyalog::Client::new(
        &config("https://127.0.0.1:9").proxy(format!("http://teller:{PASSWORD}@p:1")),
    );
    for text in [
        format!("{settings:?}{settings:#?}"),
        format!("{client:?}{client:#?}"),
        format!("{options:?}"),
        format!("{refusal:?} {refusal}"),
    ] {
        assert_eq!(secret_in(&text), None, "{text}");
    }
    let bad_proxy = format!("ftp://teller:{PASSWORD}@proxy:3128");
    let settings = config("https://api.bank.example").proxy(bad_proxy);
    let refusal = diyalog::Client::new(&settings).expect_err("an error");
    assert_eq!(secret_in(&format!("{refusal:?} {refusal}")), None);
}
