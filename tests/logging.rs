//! Log lines: one for each attempt, with the next step, and no secret in any, even if the libraries
//! below log at level trace.

mod support;

use std::sync::Mutex;

use diyalog::Client;
use diyalog_sandbox::pki::Authority;
use diyalog_sandbox::{CannedAnswer, DEFAULT_ACCESS_KEY_SECRET, Fault, Sandbox};
use log::{Level, LevelFilter, Log, Metadata, Record};

use support::raw::{self, Listener};
use support::{Scratch, client, client_of, config, look_up, sandbox, tls_sandbox};

/// Records every line of every library, by thread.
struct Everything;

struct Line {
    thread: std::thread::ThreadId,
    level: Level,
    target: String,
    text: String,
}

static LINES: Mutex<Vec<Line>> = Mutex::new(Vec::new());

impl Log for Everything {
    fn enabled(&self, _: &Metadata) -> bool {
        true
    }

    fn log(&self, record: &Record) {
        LINES.lock().unwrap().push(Line {
            thread: std::thread::current().id(),
            level: record.level(),
            target: record.target().to_owned(),
            text: record.args().to_string(),
        });
    }

    fn flush(&self) {}
}

/// The lines that all libraries wrote during `work` on this thread.
fn lines_of(work: impl FnOnce()) -> Vec<Line> {
    // Another test may have set it already.
    let _ = log::set_logger(&Everything);
    log::set_max_level(LevelFilter::Trace);
    let this_thread = std::thread::current().id();
    let taken = || {
        let mut lines = LINES.lock().unwrap();
        lines
            .extract_if(.., |line| line.thread == this_thread)
            .collect()
    };
    let _: Vec<Line> = taken();
    work();
    taken()
}

/// The levels and texts of this library's lines.
fn own_lines(work: impl FnOnce()) -> Vec<(Level, String)> {
    lines_of(work)
        .into_iter()
        .filter(|line| line.target == "diyalog")
        .map(|line| (line.level, line.text))
        .collect()
}

/// One lookup, with any result.
fn look(client: &Client) -> impl FnOnce() + '_ {
    || drop(look_up(client))
}

fn levels(lines: &[(Level, String)]) -> Vec<Level> {
    lines.iter().map(|(level, _)| *level).collect()
}

#[track_caller]
fn assert_contains(line: &(Level, String), parts: &[&str]) {
    for part in parts {
        assert!(line.1.contains(part), "no \"{part}\" in: {}", line.1);
    }
}

#[test]
fn response_is_one_line() {
    let sandbox = sandbox();
    let client = client_of(&sandbox);
    let first = own_lines(look(&client));
    assert_eq!(levels(&first), [Level::Debug]);
    let address = sandbox.address().to_string();
    assert_contains(&first[0], &[&address, "200", " ms", "new connection"]);
    let second = own_lines(look(&client));
    assert_eq!(levels(&second), [Level::Debug]);
    assert_contains(&second[0], &["idle connection"]);
}

#[test]
fn every_attempt_is_one_line_with_the_next_step() {
    let sandbox = sandbox();
    sandbox.push_fault_times(CannedAnswer::new(503), 3);
    let lines = own_lines(look(&client_of(&sandbox)));
    assert_eq!(levels(&lines), [Level::Warn, Level::Warn, Level::Error]);
    assert_contains(
        &lines[0],
        &["503", " ms into the call; retry 1 of 2 in ", " ms"],
    );
    assert_contains(&lines[2], &["503", " ms into the call; giving up"]);
}

#[test]
fn lost_connection_is_logged_once() {
    let sandbox = sandbox();
    sandbox.push_fault(Fault::Close);
    let lines = own_lines(look(&client_of(&sandbox)));
    assert_eq!(levels(&lines), [Level::Warn, Level::Debug]);
    assert_contains(&lines[0], &["broke", "retry 1 of 2 in "]);
}

#[test]
fn replaced_connection_is_not_logged() {
    let server = Listener::start(|mut stream| {
        use std::io::Write;
        raw::read_request(&mut stream);
        let _ = stream.write_all(&raw::not_in_help());
        raw::read_request(&mut stream);
    });
    let client = client(&config(&server.url("http")));
    for _ in 0..2 {
        assert_eq!(levels(&own_lines(look(&client))), [Level::Debug]);
    }
    assert_eq!(server.accepted(), 2);
}

#[test]
fn clock_correction_is_logged_with_the_difference() {
    let sandbox = sandbox();
    sandbox.set_clock_offset(7200);
    let client = client_of(&sandbox);
    let lines = own_lines(look(&client));
    assert_eq!(levels(&lines), [Level::Warn, Level::Debug]);
    assert_contains(
        &lines[0],
        &[
            "clock",
            "ahead of this machine's",
            "signing again with its time",
        ],
    );
    assert_eq!(levels(&own_lines(look(&client))), [Level::Debug]);
}

/// Every way a request, a response or an error could get into a line, with all libraries at level
/// trace.
#[test]
fn no_line_contains_secret_signature_or_body() {
    let (plain, tls) = (sandbox(), tls_sandbox());
    let files = Scratch::new();
    let ca_file = files.write("ca.pem", tls.ca_pem());
    let trusting = config(tls.url()).ca_file(ca_file);
    let proxy = "http://teller:proxy-passw0rd@127.0.0.1:9";
    let clients = [
        (&plain, client_of(&plain)),
        (&tls, client(&trusting)),
        (&tls, client(&config(tls.url()))),
        (&tls, client(&trusting.clone().proxy(proxy))),
    ];
    let lines = lines_of(|| {
        for (sandbox, client) in &clients {
            provoke_everything(sandbox, client);
        }
    });
    let dumps = lines.iter().map(|line| dumped_text(&line.text));
    let dump: String = dumps.collect();
    assert!(
        dump.contains("x-dlg-authorization:.****"),
        "it is understood"
    );
    assert!(lines.iter().any(|line| line.target == "diyalog"));

    let signatures = [&plain, &tls].into_iter().flat_map(signatures);
    let secrets = signatures.chain([
        DEFAULT_ACCESS_KEY_SECRET.to_owned(),
        "DLGA".to_owned(),
        "proxy-passw0rd".to_owned(),
    ]);
    for secret in secrets {
        assert_absent(&lines, &secret);
    }
    // ureq-proto dumps bodies at level trace, which this library cannot prevent.
    let own: Vec<Line> = lines
        .into_iter()
        .filter(|line| line.target == "diyalog")
        .collect();
    for body in ["customerId", "isInHelp", "70022", "45001"] {
        assert_absent(&own, body);
    }
}

/// Asserts that neither a line nor a dump of bytes over several lines contains the secret.
#[track_caller]
fn assert_absent(lines: &[Line], secret: &str) {
    let dump: String = lines.iter().map(|line| dumped_text(&line.text)).collect();
    assert!(!dump.contains(secret), "a dump contains {secret}");
    if let Some(line) = lines.iter().find(|line| line.text.contains(secret)) {
        panic!("{} contains {secret}: {}", line.target, line.text);
    }
}

/// What is after the hexadecimal numbers in a line of a dump.
fn dumped_text(line: &str) -> &str {
    const HEXADECIMAL: usize = 8 * "0000 ".len() + 1;
    let is_dump = line.len() == HEXADECIMAL + 16 && line.is_ascii();
    line.get(HEXADECIMAL..).filter(|_| is_dump).unwrap_or("")
}

fn provoke_everything(sandbox: &Sandbox, client: &Client) {
    drop(look_up(client));
    for fault in [
        Fault::Close,
        Fault::CloseAfter,
        Fault::from(CannedAnswer::new(302).header("Location", "/other")),
        Fault::from(CannedAnswer::new(401)),
        Fault::from(CannedAnswer::new(500).body("it failed")),
    ] {
        sandbox.push_fault(fault);
        drop(look_up(client));
    }
    sandbox.set_clock_offset(7200);
    drop(look_up(client));
    sandbox.set_clock_offset(0);
    sandbox.clear_faults();
}

fn signatures(sandbox: &Sandbox) -> Vec<String> {
    let requests = sandbox.requests();
    let headers = requests
        .iter()
        .filter_map(|request| request.header("x-dlg-authorization"));
    let signatures = headers.filter_map(|header| header.rsplit_once(':'));
    let signatures: Vec<String> = signatures
        .map(|(_, signature)| signature.to_owned())
        .collect();
    assert!(!signatures.is_empty());
    signatures
}

/// A server's text may quote the request; it is truncated and on one line.
#[test]
fn server_text_is_one_line() {
    let sandbox = sandbox();
    let text = format!("first\r\nsecond \x1b[31m{}", "x".repeat(2000));
    sandbox.push_fault_times(CannedAnswer::new(500).body(text), 3);
    for (_, line) in own_lines(look(&client_of(&sandbox))) {
        assert!(
            line.len() < 1000 && !line.contains(char::is_control),
            "{line}"
        );
    }
}

#[test]
fn untrusted_authority_is_one_line() {
    let server = raw::tls_listener(&Authority::new("CA"), |mut stream| {
        let _ = raw::read_request(&mut stream);
    });
    let lines = own_lines(look(&client(&config(&server.url("https")))));
    assert_eq!(levels(&lines), [Level::Error]);
    assert_contains(&lines[0], &["unknown issuer", "ca_file"]);
}
