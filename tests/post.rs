//! Any endpoint of the platform by `post`, and signing alone: what reaches the server, and how often.

mod support;

use std::io::Write;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use diyalog::{CallOptions, Client, ErrorCode, Outcome, Queue};

use support::raw::{self, Listener};
use support::{client, config};

const PATH: &str = "/v1/reporting/getcalllist";
const JSON: &str = "{ \"startDate\": 1,\n \"endDate\":2 }";

/// A server that does this with the first requests, and answers the others with `{}`; and the
/// requests that reached it.
fn server(first: &'static [Reaction]) -> (Listener, Arc<Mutex<Vec<String>>>) {
    let requests = Arc::new(Mutex::new(Vec::<String>::new()));
    let seen = Arc::clone(&requests);
    let listener = Listener::start(move |mut stream| {
        while let Some(request) = raw::read_request(&mut stream) {
            let number = {
                let mut seen = seen.lock().unwrap();
                seen.push(String::from_utf8(request).unwrap());
                seen.len()
            };
            let response = match first.get(number - 1) {
                None => raw::answer("{}"),
                Some(Reaction::Respond(response)) => response.as_bytes().to_vec(),
                Some(Reaction::Close) => return,
            };
            if stream.write_all(&response).is_err() {
                return;
            }
        }
    });
    (listener, requests)
}

enum Reaction {
    Respond(&'static str),
    Close,
}
use Reaction::{Close, Respond};

const BUSY: Reaction = Respond("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");
const LIMITED: Reaction = Respond("HTTP/1.1 429 Slow down\r\nContent-Length: 0\r\n\r\n");
const BROKEN: Reaction = Respond("HTTP/1.1 500 Error\r\nContent-Length: 0\r\n\r\n");
const GATEWAY: Reaction = Respond("HTTP/1.1 502 Bad\r\nContent-Length: 0\r\n\r\n");
const OTHER_CLOCK: Reaction = Respond(
    "HTTP/1.1 403 Forbidden\r\nDate: Mon, 01 Jan 2035 00:00:00 GMT\r\nContent-Length: 32\r\n\r\nRequest time may not be correct.",
);

fn client_of(server: &Listener) -> Client {
    client(&config(&server.url("http")))
}

#[test]
fn json_is_sent_and_returned_byte_for_byte() {
    let body = "[ {\"callId\": -9223372036854775808, \"name\": \"\\u015f\"} ]\n";
    let response = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let first = Box::leak(Box::new([Respond(Box::leak(response.into_boxed_str()))]));
    let (server, requests) = server(first);
    let response = client_of(&server).post(PATH, JSON).expect("a response");
    assert_eq!((response.http_status, response.body.as_str()), (200, body));
    let request = requests.lock().unwrap()[0].clone();
    assert!(
        request.starts_with(&format!("POST {PATH} HTTP/1.1\r\n")),
        "{request}"
    );
    assert!(request.ends_with(&format!("\r\n\r\n{JSON}")), "{request}");
    for header in [
        "x-dlg-date: ",
        "x-dlg-requester-userid: 45186",
        "x-dlg-authorization: DLGA ",
    ] {
        assert!(request.contains(header), "{request}");
    }
}

#[test]
fn a_post_that_the_server_may_have_acted_on_is_sent_once() {
    for (first, code) in [
        (&[Close][..], ErrorCode::ConnectionLost),
        (&[BROKEN], ErrorCode::Server),
        (&[GATEWAY], ErrorCode::HttpStatus),
        (
            &[Respond("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")],
            ErrorCode::Timeout,
        ),
    ] {
        let (server, requests) = server(first);
        let options = CallOptions::new().timeout(Duration::from_secs(1));
        let error = client_of(&server)
            .post_with(PATH, JSON, options)
            .unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(!error.is_retryable(), "{error}");
        assert!(error.message().contains("may have acted"), "{error}");
        assert_eq!(requests.lock().unwrap().len(), 1, "{error}");
    }
}

#[test]
fn a_post_that_the_server_did_not_act_on_is_retried() {
    for first in [&[BUSY][..], &[LIMITED], &[BUSY, LIMITED]] {
        let (server, requests) = server(first);
        client_of(&server).post(PATH, JSON).expect("a response");
        assert_eq!(requests.lock().unwrap().len(), first.len() + 1);
    }
    let (server, requests) = server(&[OTHER_CLOCK]);
    client_of(&server).post(PATH, JSON).expect("a response");
    let requests = requests.lock().unwrap();
    assert!(
        requests.len() == 2 && requests[1].contains("2035"),
        "{requests:?}"
    );
}

#[test]
fn a_repeatable_post_is_retried_like_a_lookup() {
    for first in [&[Close][..], &[BROKEN], &[GATEWAY, Close]] {
        let (server, requests) = server(first);
        let options = CallOptions::new().repeatable(true);
        client_of(&server)
            .post_with(PATH, JSON, options)
            .expect("a response");
        assert_eq!(requests.lock().unwrap().len(), first.len() + 1);
    }
}

/// The server closes an idle connection in the moment in which the request is sent.
#[test]
fn a_stale_connection_is_replaced_for_a_repeatable_post_only() {
    for (repeatable, sent) in [(false, 2), (true, 3)] {
        let (server, requests) = server(&[
            Respond("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"),
            Close,
        ]);
        let client = client(&config(&server.url("http")).max_retries(0));
        client.post(PATH, JSON).expect("a response");
        let result = client.post_with(PATH, JSON, CallOptions::new().repeatable(repeatable));
        assert_eq!(result.is_ok(), repeatable);
        assert_eq!(requests.lock().unwrap().len(), sent);
    }
}

#[test]
fn a_post_that_could_not_be_sent_is_retryable() {
    let nobody = format!("http://127.0.0.1:{}", raw::free_port());
    let error = client(&config(&nobody)).post(PATH, JSON).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Connect, "{error}");
    assert!(error.is_retryable());
    assert!(!error.message().contains("may have acted"), "{error}");
}

#[test]
fn invalid_arguments_are_named_and_nothing_is_sent() {
    let (server, requests) = server(&[]);
    let client = client_of(&server);
    let large = format!("\"{}\"", "a".repeat(1024 * 1024));
    for (path, json, argument) in [
        ("v1", "{}", "path"),
        ("/v1?a", "{}", "path"),
        ("/v1#a", "{}", "path"),
        ("/v 1", "{}", "path"),
        ("/v1\n", "{}", "path"),
        ("/ş", "{}", "path"),
        ("/v1", "", "json"),
        ("/v1", "{", "json"),
        ("/v1", "\0", "json"),
        ("/v1", &large, "json"),
    ] {
        let error = client.post(path, json).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidArgument);
        assert_eq!(error.argument(), Some(argument), "{error}");
        if argument == "path" {
            let error = client.sign("POST", path, b"").unwrap_err();
            assert_eq!(error.argument(), Some("path"), "{error}");
        }
    }
    for method in ["", "PO ST", "POST\n"] {
        let error = client.sign(method, PATH, b"").unwrap_err();
        assert_eq!(error.argument(), Some("method"), "{error}");
    }
    assert_eq!((requests.lock().unwrap().len(), server.accepted()), (0, 0));
}

#[test]
fn a_response_that_is_not_json_is_an_error() {
    const NOT_UTF8: &str = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n\"\u{fffd}";
    for first in [
        &[Respond(
            "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>",
        )][..],
        &[Respond("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")],
        &[Respond(NOT_UTF8)],
    ] {
        let (server, _) = server(first);
        let error = client_of(&server).post(PATH, JSON).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidResponse, "{error}");
        assert!(!error.is_retryable());
    }
}

#[test]
fn bodies_of_1_mib_are_accepted_and_larger_responses_rejected() {
    const MIB: usize = 1024 * 1024;
    // Responds with the request's body and as many blanks as the path says.
    let listener = Listener::start(|mut stream| {
        while let Some(request) = raw::read_request(&mut stream) {
            let request = String::from_utf8(request).unwrap();
            let (header, body) = request.split_once("\r\n\r\n").unwrap();
            let path = header.split(' ').nth(1).unwrap();
            let blanks = " ".repeat(path[1..].parse().unwrap());
            if stream
                .write_all(&raw::answer(&format!("{body}{blanks}")))
                .is_err()
            {
                return;
            }
        }
    });
    let client = client_of(&listener);
    let json = format!("\"{}\"", "a".repeat(MIB - 2));
    let response = client.post("/0", &json).expect("a response");
    assert_eq!(response.body, json);
    let error = client.post("/1", &json).unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidResponse, "{error}");
    assert!(error.message().contains("1048576"), "{error}");
    // The connection whose response was too large is not reused.
    let response = client.post("/0", JSON).expect("a response");
    assert_eq!(response.body, JSON);
}

#[test]
fn sign_returns_the_headers_that_post_sends() {
    let (server, requests) = server(&[]);
    let client = client_of(&server);
    client.post(PATH, JSON).expect("a response");
    let request = requests.lock().unwrap()[0].clone();
    // In the same second the same signature.
    let is_the_same = (0..50).any(|_| {
        let signed = client.sign("POST", PATH, JSON.as_bytes()).expect("signed");
        assert_eq!(signed.requester_user_id, "45186");
        request.contains(&signed.authorization) || {
            let _ = client.post(PATH, JSON);
            let last = requests.lock().unwrap().last().cloned().unwrap();
            last.contains(&signed.authorization) && last.contains(&signed.date)
        }
    });
    assert!(is_the_same);
}

#[test]
fn queue_accepts_posts_and_lookups() {
    let (server, requests) = server(&[]);
    let queue = Queue::new(Arc::new(client_of(&server)), 4).expect("a queue");
    queue
        .submit_post(PATH, JSON, CallOptions::new(), 7)
        .expect("is queued");
    let error = queue
        .submit_post("v1", JSON, CallOptions::new(), 8)
        .unwrap_err();
    assert_eq!(error.argument(), Some("path"));
    let completion = queue.next(None).expect("a completion");
    assert_eq!(completion.tag, 7);
    match completion.result {
        Ok(Outcome::Response(response)) => assert_eq!(response.body, "{}"),
        other => panic!("{other:?}"),
    }
    assert!(queue.next(None).is_none());
    assert_eq!(requests.lock().unwrap().len(), 1);
}

/// A server that quotes the request in its error: neither a post's message nor a queued one's has
/// the signature.
#[test]
fn a_quoted_signature_is_in_no_message_of_a_post() {
    let server = Listener::start(|mut stream| {
        while let Some(request) = raw::read_request(&mut stream) {
            let request = String::from_utf8_lossy(&request).into_owned();
            let value = request.lines().find_map(|line| {
                line.to_ascii_lowercase()
                    .starts_with("x-dlg-authorization:")
                    .then(|| line["x-dlg-authorization:".len()..].trim().to_owned())
            });
            let value = value.expect("is signed");
            let (start, end) = value.split_at(value.len() - 20);
            let body = format!(
                "{value} {} {} {start}\r\n{end}",
                value.replace('/', "\\/").replace('+', "\\u002b"),
                value
                    .replace('/', "%2F")
                    .replace('+', "%2b")
                    .replace('=', "%3D"),
            );
            let header = format!("HTTP/1.1 400 Bad\r\nContent-Length: {}\r\n\r\n", body.len());
            if stream
                .write_all(&[header, body].concat().into_bytes())
                .is_err()
            {
                return;
            }
        }
    });
    let client = Arc::new(client_of(&server));
    let assert_redacted = |error: &diyalog::Error| {
        support::assert_says(error, &["responded 400 \"*** *** *** ***\""])
    };
    for _ in 0..20 {
        let error = client.post(PATH, JSON).expect_err("is rejected");
        assert_redacted(&error);
    }
    let queue = Queue::new(client, 4).unwrap();
    for tag in 0..20 {
        match tag % 2 {
            0 => queue.submit_post(PATH, JSON, CallOptions::new(), tag),
            _ => queue.submit("70022", CallOptions::new(), tag),
        }
        .unwrap();
    }
    while let Some(completion) = queue.next(None) {
        let error = completion.result.expect_err("is rejected");
        assert_redacted(&error);
    }
}
