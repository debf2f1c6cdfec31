//! The whole client against a server that answers with arbitrary bytes. The first byte says how:
//!
//! d, D  the server itself: the rest is a script; D leaves the connection open for a next request
//! p, P  through a proxy, which the script begins with
//! t     with TLS
//! f     the rest is the body of a 200 answer, sent once with its length and once in chunks
//! e     three digits of status and a body

#![no_main]

use std::path::PathBuf;
use std::time::Duration;

use diyalog::{Client, Config, Error, ErrorCode, HelpStatus};
use diyalog_fuzz::{
    PASSWORD, RIGHT_ANSWER, SECRET, Script, check_error, end_with, is_right, knows_the_secrets,
    play, requests,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((how, rest)) = data.split_first() else {
        return;
    };
    if knows_the_secrets(data) {
        return;
    }
    match how {
        b'f' => framed(rest),
        b'e' => refused(rest),
        b't' => encrypted(rest),
        b'p' | b'P' => scripted(&through_a_proxy(), Script::read(rest, *how == b'P'), true),
        _ => scripted(&plain(), Script::read(rest, *how == b'D'), false),
    }
});

fn plain() -> Config {
    Config::new("http://127.0.0.1:1")
        .credentials("id", SECRET)
        .requester_user_id("45186")
        .timeout(Duration::from_secs(5))
        .max_retries(0)
}

fn through_a_proxy() -> Config {
    // Plain http to a loopback address would go around it.
    plain()
        .endpoint("http://192.0.2.1:1")
        .allow_plain_http(true)
        .proxy(format!("http://user:{PASSWORD}@127.0.0.1:2"))
}

fn look_up(client: &Client) -> Result<HelpStatus, Error> {
    let result = client.is_customer_in_online_help("70022");
    if let Err(error) = &result {
        check_error(error);
        let from_here = [
            ErrorCode::InvalidArgument,
            ErrorCode::InvalidConfig,
            ErrorCode::Resolve,
            ErrorCode::Timeout,
        ];
        assert!(!from_here.contains(&error.code()), "{error}");
    }
    result
}

/// Whatever came, the same client then gets the right answer, and sends each request whole.
fn scripted(config: &Config, script: Script, proxied: bool) {
    let client = Client::new(config).expect("the settings are good");
    play(script);
    let _ = look_up(&client);
    end_with(match proxied {
        true => vec![b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), RIGHT_ANSWER.to_vec()],
        false => vec![RIGHT_ANSWER.to_vec()],
    });
    let status = look_up(&client).expect("the server is right again");
    assert!(is_right(status.staff_id.as_deref()), "{status:?}");
    for request in requests() {
        let heads = request
            .windows(4)
            .filter(|bytes| bytes == b"\r\n\r\n")
            .count();
        let is_one = [b"POST ".as_slice(), b"CONNECT "]
            .iter()
            .any(|verb| request.starts_with(verb));
        assert!(is_one && heads == 1, "{}", request.escape_ascii());
    }
}

/// Not a byte of what a stranger says is taken for an answer.
fn encrypted(script: &[u8]) {
    let ca_file = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/seeds/ca.pem"));
    let config = plain()
        .endpoint("https://127.0.0.1:1")
        .system_trust(false)
        .ca_file(ca_file);
    let client = Client::new(&config).expect("the settings are good");
    play(Script::read(script, false));
    let error = look_up(&client).expect_err("nobody has the certificate");
    assert_eq!(error.http_status(), None);
    for request in requests() {
        assert!(!request.windows(5).any(|bytes| bytes == b"70022"));
    }
}

/// What arrives whole is read as the parser reads it, however it was framed.
fn framed(body: &[u8]) {
    let length = body.len();
    let mut with_length =
        format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n").into_bytes();
    with_length.extend_from_slice(body);
    let mut in_chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for chunk in body.chunks(7) {
        in_chunks.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        in_chunks.extend_from_slice(chunk);
        in_chunks.extend_from_slice(b"\r\n");
    }
    in_chunks.extend_from_slice(b"0\r\n\r\n");

    for answer in [with_length, in_chunks] {
        play(Script::one_answer(answer));
        let client = Client::new(&plain()).expect("the settings are good");
        match (look_up(&client), diyalog::fuzzing::read_answer(body)) {
            (Ok(status), Ok(read)) => assert_eq!(status, read),
            (Err(error), Err(_)) => {
                assert_eq!(error.code(), ErrorCode::InvalidResponse);
                assert_eq!(error.http_status(), Some(200));
            }
            (looked_up, read) => panic!("{looked_up:?} where the body says {read:?}"),
        }
    }
}

/// An error that arrives whole is the one that its status and text stand for.
fn refused(data: &[u8]) {
    let Some((digits, body)) = data.split_first_chunk::<3>() else {
        return;
    };
    let number = digits
        .iter()
        .fold(0, |number, digit| number * 10 + u16::from(digit % 10));
    if number < 201 || matches!(number, 204 | 304) {
        return;
    }
    let mut answer = format!(
        "HTTP/1.1 {number} X\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    answer.extend_from_slice(body);
    play(Script::one_answer(answer));
    let client = Client::new(&plain().clock_correction(false)).expect("the settings are good");
    let error = look_up(&client).expect_err("it is no 200");
    let expected = diyalog::fuzzing::error_of(number, body, "127.0.0.1:1");
    assert_eq!(error, expected);
}
