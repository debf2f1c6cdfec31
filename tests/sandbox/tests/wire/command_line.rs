//! The program: its first line, its log, its end.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use ureq::tls::{Certificate, RootCerts, TlsConfig};

use crate::client::{Client, Lookup};

/// A running program, ended with the test.
struct Program {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Option<BufReader<ChildStdout>>,
    url: String,
}

impl Program {
    fn start(arguments: &[&str]) -> Program {
        let mut child = Command::new(env!("CARGO_BIN_EXE_diyalog-sandbox"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut program = Program {
            stdin: child.stdin.take(),
            stdout: child.stdout.take().map(BufReader::new),
            child,
            url: String::new(),
        };
        program.url = program.next_line();
        program
    }

    fn next_line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.as_mut().unwrap().read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// The exit code of a program that is about to end.
    fn exit_code(&mut self) -> Option<i32> {
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(5) {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            thread::sleep(Duration::from_millis(5));
        }
        panic!("it does not end");
    }

    fn client(&self) -> Client {
        Client::at(&self.url, TlsConfig::default())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_diyalog-sandbox"))
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn the_first_line_is_the_url_and_the_others_say_what_happened() {
    let mut program = Program::start(&[]);
    assert!(
        program.url.starts_with("http://127.0.0.1:"),
        "{}",
        program.url
    );
    let client = program.client();

    client.ask("70022").unwrap();
    assert_eq!(
        program.next_line(),
        "POST /v1/application/iscustomerinonlinehelp customer 70022 requester 45186 \
         -> 200: in help, inbound, staff 45001"
    );

    let lookup = Lookup {
        secret: b"s3cr3t-access-key\n".to_vec(),
        ..Lookup::of("müşteri\n\x1b")
    };
    client.send(&lookup).unwrap();
    let refused = program.next_line();
    assert!(
        refused.contains(r"customer müşteri\n\u{1b} requester 45186 -> 401"),
        "{refused}"
    );
    assert!(
        refused.ends_with("the secret had a newline at its end"),
        "{refused}"
    );
    let expected = program.next_line();
    assert!(
        expected.starts_with(r"  expected string to sign: POST\napplication/json\n"),
        "{expected}"
    );
    assert!(
        expected.ends_with(r#""}\n/v1/application/iscustomerinonlinehelp"#),
        "{expected}"
    );
    assert!(!format!("{refused}{expected}").contains("s3cr3t"));

    client.control("PUT", "clock", r#"{"offsetSeconds": 5}"#);
    assert_eq!(
        program.next_line(),
        "PUT /sandbox/clock -> 204: clock offset is 5 seconds"
    );
}

#[test]
fn the_options_do_what_they_say() {
    let program = Program::start(&[
        "--base-path=/gw",
        "--access-key-id=id",
        "--access-key-secret",
        "şifre",
        "--clock-offset",
        "-7200",
        "--fault",
        r#"{"kind": "answer", "status": 502}"#,
    ]);
    let origin = program.url.strip_suffix("/gw").unwrap();
    let client = Client::at(origin, TlsConfig::default());
    let lookup = Lookup {
        path: "/gw/v1/application/iscustomerinonlinehelp".to_owned(),
        access_key_id: "id".to_owned(),
        secret: "şifre".as_bytes().to_vec(),
        ..Lookup::of("70022")
    };
    assert_eq!(client.send(&lookup).unwrap().status, 502);
    assert_eq!(client.send(&lookup).unwrap().status, 403);
    let below_the_url = program.client();
    assert_eq!(
        below_the_url
            .control("PUT", "clock", r#"{"offsetSeconds": 0}"#)
            .status,
        204
    );
    assert_eq!(client.send(&lookup).unwrap().status, 200);
}

#[test]
fn the_throw_away_ca_is_written_to_a_file_before_the_url_is_printed() {
    let path = std::env::temp_dir().join(format!("diyalog-sandbox-{}.pem", std::process::id()));
    let program = Program::start(&["--tls", "--ca-file", path.to_str().unwrap()]);
    let pem = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let ca = Certificate::from_pem(&pem).unwrap();
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&[ca]))
        .build();
    assert_eq!(
        Client::at(&program.url, tls).ask("70022").unwrap().status,
        200
    );
}

#[cfg(unix)]
#[test]
fn it_ends_cleanly_on_a_signal() {
    for signal in ["TERM", "INT"] {
        let mut program = Program::start(&[]);
        let id = program.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-s", signal, &id])
                .status()
                .unwrap()
                .success()
        );
        assert_eq!(program.exit_code(), Some(0), "{signal}");
    }
}

#[test]
fn it_ends_with_its_standard_input_where_asked_to() {
    let mut program = Program::start(&["--until-stdin-closes"]);
    assert_eq!(program.client().ask("70022").unwrap().status, 200);
    drop(program.stdin.take());
    assert_eq!(program.exit_code(), Some(0));

    let mut program = Program::start(&[]);
    drop(program.stdin.take());
    assert_eq!(program.client().ask("70022").unwrap().status, 200);
}

#[test]
fn it_goes_on_where_nobody_reads_its_log() {
    let mut program = Program::start(&[]);
    drop(program.stdout.take());
    for _ in 0..3 {
        assert_eq!(program.client().ask("70022").unwrap().status, 200);
    }
}

#[test]
fn mistakes_on_the_command_line_are_told() {
    for (arguments, code, told) in [
        (&["--nonsense"][..], 2, "--nonsense"),
        (&["--listen", "4859"], 2, "4859"),
        (&["--fault", "{}"], 2, "missing field `kind`"),
        (&["--ca-file", "x"], 2, "need --tls"),
        (
            &["--tls", "--client-ca-file", "/nowhere"],
            2,
            "cannot read /nowhere",
        ),
        (&["--listen", "192.0.2.1:0"], 1, "not a loopback address"),
        (&["--base-path", "x"], 1, "not like /gateway/diyalog"),
        (
            &["--tls", "--ca-file", "/nowhere/ca.pem"],
            1,
            "cannot write /nowhere/ca.pem",
        ),
    ] {
        let (status, out, err) = run(arguments);
        assert_eq!(
            (status, out.as_str()),
            (Some(code), ""),
            "{arguments:?}: {err}"
        );
        assert!(
            err.starts_with("diyalog-sandbox: ") && err.contains(told),
            "{err}"
        );
    }
}

#[test]
fn help_tells_what_a_newcomer_needs() {
    let (status, help, _) = run(&["--help"]);
    assert_eq!(status, Some(0));
    for word in [
        "Usage:",
        "70022",
        "müşteri-70025",
        "/sandbox/sessions",
        "close_after",
        "--tls",
    ] {
        assert!(help.contains(word), "{word}");
    }
    assert!(help.lines().all(|line| line.chars().count() <= 80));
}
