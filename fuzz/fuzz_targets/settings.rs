//! Endpoint, proxy, header values and PEM files. Each line is a letter and a value; the values of
//! c, C and k are PEM, in which `|` stands for the end of a line.
//!
//! e endpoint, p proxy, i access key id, r requester, u user agent, c CA file, C and k the
//! client's certificate and key

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;

use diyalog::{Client, Config, ErrorCode};
use diyalog_fuzz::{RIGHT_ANSWER, SECRET, Script, end_with, is_right, play, requests};
use libfuzzer_sys::fuzz_target;

/// Header names of a request, in lower case.
const HEADERS: [&str; 7] = [
    "content-length",
    "content-type",
    "host",
    "user-agent",
    "x-dlg-authorization",
    "x-dlg-date",
    "x-dlg-requester-userid",
];

/// The longest message that quotes nothing of a file or a proxy: names and advice.
const LONGEST_OWN_WORDS: usize = 400;

static FILES: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("diyalog-fuzz-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a temporary folder");
    folder
});

fuzz_target!(|data: &[u8]| {
    let config = read(data);
    match Client::new(&config.config) {
        Ok(client) => accepted(&config, &client),
        Err(error) => {
            assert_eq!(error.code(), ErrorCode::InvalidConfig);
            let message = error.message();
            let setting = error.argument().expect("the setting has a name");
            assert!(message.starts_with(setting), "{message}");
            assert!(
                !message.is_empty() && !message.contains(char::is_control),
                "{message:?}"
            );
            let of_endpoint = config.endpoint.len();
            assert!(
                message.len() <= LONGEST_OWN_WORDS + of_endpoint,
                "{message}"
            );
        }
    }
});

struct Read {
    config: Config,
    endpoint: String,
    has_proxy: bool,
}

fn read(data: &[u8]) -> Read {
    let mut read = Read {
        config: Config::new("http://127.0.0.1:1")
            .credentials("id", SECRET)
            .requester_user_id("45186")
            .allow_plain_http(true)
            .system_trust(false)
            .ca_file(concat!(env!("CARGO_MANIFEST_DIR"), "/seeds/ca.pem"))
            .timeout(Duration::from_secs(5))
            .max_retries(0),
        endpoint: "http://127.0.0.1:1".to_owned(),
        has_proxy: false,
    };
    let (mut certificate, mut key) = (None, None);
    for line in data.split(|byte| *byte == b'\n') {
        let Some((what, value)) = line.split_first() else {
            continue;
        };
        let text = String::from_utf8_lossy(value);
        let config = read.config;
        read.config = match what {
            b'e' => {
                read.endpoint = text.clone().into_owned();
                config.endpoint(text)
            }
            b'p' if text != "environment" => {
                read.has_proxy = !text.trim().is_empty();
                config.proxy(text)
            }
            b'i' => config.credentials(text, SECRET),
            b'r' => config.requester_user_id(text),
            b'u' => config.user_agent_suffix(text),
            b'c' => config.ca_file(file("ca.pem", value)),
            b'C' => {
                certificate = Some(file("client.pem", value));
                config
            }
            b'k' => {
                key = Some(file("client.key", value));
                config
            }
            _ => config,
        };
    }
    if let (Some(certificate), Some(key)) = (certificate, key) {
        read.config = read.config.client_certificate(certificate, key);
    }
    read
}

fn file(name: &str, content: &[u8]) -> PathBuf {
    let path = FILES.join(name);
    let content: Vec<u8> = content
        .iter()
        .map(|byte| if *byte == b'|' { b'\n' } else { *byte })
        .collect();
    fs::write(&path, content).expect("a temporary file");
    path
}

/// What was accepted makes requests that are whole and carry what was set, and nothing else.
fn accepted(config: &Read, client: &Client) {
    let (scheme, rest) = config.endpoint.split_once("://").expect("a scheme");
    assert!(["http", "https"].contains(&scheme.to_ascii_lowercase().as_str()));
    let authority = rest.split('/').next().unwrap_or_default();
    assert!(!authority.is_empty() && !authority.contains('@'));
    assert!(
        rest.bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'?' && byte != b'#')
    );
    if config.has_proxy || scheme.eq_ignore_ascii_case("https") {
        return;
    }

    play(Script::default());
    end_with(vec![RIGHT_ANSWER.to_vec()]);
    let status = client
        .is_customer_in_online_help("70022")
        .expect("the server is right");
    assert!(is_right(status.staff_id.as_deref()));
    let [request] = &requests()[..] else {
        panic!("one request");
    };
    let request = String::from_utf8_lossy(request);
    let (head, body) = request.split_once("\r\n\r\n").expect("a whole head");
    assert_eq!(body, r#"{"customerId":"70022"}"#);
    let mut lines = head.split("\r\n");
    let first = lines.next().unwrap_or_default();
    let path = first
        .strip_prefix("POST ")
        .and_then(|rest| rest.strip_suffix(" HTTP/1.1"));
    assert!(path.is_some_and(|path| path.ends_with("/v1/application/iscustomerinonlinehelp")));
    let mut names: Vec<String> = lines
        .map(|line| {
            line.split(':')
                .next()
                .unwrap_or_default()
                .to_ascii_lowercase()
        })
        .collect();
    names.sort();
    assert_eq!(names, HEADERS);
    assert_eq!(head.split(['\r', '\n']).count(), 2 * HEADERS.len() + 1);
}
