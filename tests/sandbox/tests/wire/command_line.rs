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
fn first_line_is_the_url_and_the_others_are_the_log() {
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
fn every_option_has_its_effect() {
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
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    let program = Program::start(&["--tls", "--ca-file", path.to_str().unwrap()]);
    let pem = std::fs::read(&path).unwrap();
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
fn signal_ends_the_sandbox_cleanly() {
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
fn until_stdin_closes_ends_with_standard_input() {
    let mut program = Program::start(&["--until-stdin-closes"]);
    assert_eq!(program.client().ask("70022").unwrap().status, 200);
    drop(program.stdin.take());
    assert_eq!(program.exit_code(), Some(0));

    let mut program = Program::start(&[]);
    drop(program.stdin.take());
    assert_eq!(program.client().ask("70022").unwrap().status, 200);
}

#[test]
fn closed_log_does_not_stop_the_sandbox() {
    let mut program = Program::start(&[]);
    drop(program.stdout.take());
    for _ in 0..3 {
        assert_eq!(program.client().ask("70022").unwrap().status, 200);
    }
}

/// Runs a shell script beside a sandbox.
#[cfg(unix)]
fn run_beside(options: &[&str], script: &str) -> (Option<i32>, String, String) {
    run(&[options, &["--", "sh", "-c", script]].concat())
}

#[cfg(unix)]
#[test]
fn command_has_endpoint_and_key_in_its_environment() {
    let script = r#"echo "$DIYALOG_ENDPOINT $DIYALOG_ACCESS_KEY_ID $DIYALOG_ACCESS_KEY_SECRET \
        $DIYALOG_REQUESTER_USER_ID ${DIYALOG_CA_FILE-none} ${DIYALOG_PROXY-none}""#;
    let output = Command::new("env")
        .args([
            "DIYALOG_PROXY=http://192.0.2.1:1",
            "DIYALOG_CA_FILE=/nowhere",
        ])
        .args([
            env!("CARGO_BIN_EXE_diyalog-sandbox"),
            "--access-key-id",
            "id",
        ])
        .args(["--", "sh", "-c", script])
        .output()
        .unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    let words: Vec<&str> = out.split_whitespace().collect();
    assert!(words[0].starts_with("http://127.0.0.1:"), "{out}");
    assert_eq!(
        words[1..],
        ["id", "s3cr3t-access-key", "45186", "none", "none"]
    );

    // The server is up, and its certificate's authority is there to be trusted.
    let (code, out, err) = run_beside(
        &["--tls"],
        r#"cat "$DIYALOG_CA_FILE"; echo "$DIYALOG_CA_FILE""#,
    );
    assert_eq!(code, Some(0), "{err}");
    assert!(out.starts_with("-----BEGIN CERTIFICATE-----"), "{out}");
    let ca_file = out.lines().last().unwrap();
    assert!(
        !std::path::Path::new(ca_file).exists(),
        "{ca_file} was temporary"
    );
}

#[cfg(unix)]
#[test]
fn exit_status_is_that_of_the_command() {
    for (script, code) in [("exit 0", 0), ("exit 3", 3), ("kill -KILL $$", 137)] {
        let (status, out, err) = run_beside(&[], script);
        assert_eq!(
            (status, out.as_str(), err.as_str()),
            (Some(code), "", ""),
            "{script}"
        );
    }
    let (status, _, err) = run(&["--", "/nowhere/program", "--help"]);
    assert_eq!(status, Some(127));
    assert!(
        err.starts_with("diyalog-sandbox: cannot run /nowhere/program: "),
        "{err}"
    );
}

#[cfg(unix)]
#[test]
fn sigterm_is_passed_on_to_the_command() {
    let mut program = Program::start(&[
        "--",
        "sh",
        "-c",
        "trap 'exit 9' TERM; echo; while :; do sleep 0.01; done",
    ]);
    let id = program.child.id().to_string();
    assert!(Command::new("kill").arg(id).status().unwrap().success());
    assert_eq!(program.exit_code(), Some(9));
}

#[cfg(unix)]
#[test]
fn log_is_separate_from_the_command_s_output() {
    let script = r#"exec 3<>"/dev/tcp/127.0.0.1/${DIYALOG_ENDPOINT##*:}"
        printf 'GET /sandbox/nothing HTTP/1.0\r\n\r\n' >&3; cat <&3 >/dev/null; echo done"#;
    let (code, out, err) = run(&["--", "bash", "-c", script]);
    assert_eq!((code, out.as_str()), (Some(0), "done\n"), "{err}");
    assert!(err.starts_with("GET /sandbox/nothing -> 404: "), "{err}");

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let (_, _, err) = run(&[
        "--log-file",
        path.to_str().unwrap(),
        "--",
        "bash",
        "-c",
        script,
    ]);
    assert_eq!(err, "");
    let log = std::fs::read_to_string(&path).unwrap();
    assert!(log.starts_with("GET /sandbox/nothing -> 404: "), "{log}");
}

#[test]
fn command_line_errors_are_reported() {
    for (arguments, code, told) in [
        (&["--nonsense"][..], 2, "--nonsense"),
        (&["--listen", "4859"], 2, "4859"),
        (&["--fault", "{}"], 2, "missing field `kind`"),
        (&["--ca-file", "x"], 2, "need --tls"),
        (&["--tls", "--"], 2, "needs a command"),
        (
            &["--until-stdin-closes", "--", "true"],
            2,
            "needs no command",
        ),
        (&["true"], 2, "true"),
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
fn help_has_usage_customers_and_calls() {
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
