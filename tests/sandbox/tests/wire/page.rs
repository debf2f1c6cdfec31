//! The page under `/sandbox/`, as far as it needs no browser.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use diyalog_sandbox::{Options, Sandbox};
use serde_json::json;

use crate::client::{Answer, Client, LOOKUP_PATH, Lookup, sandbox_and_client};

fn submit(client: &Client, form: &str, fields: &str) -> Answer {
    let headers = [(
        "content-type",
        "application/x-www-form-urlencoded".to_owned(),
    )];
    let path = format!("/sandbox/form/{form}");
    client
        .exchange("POST", &path, &headers, fields.as_bytes())
        .unwrap()
}

fn get(client: &Client, path: &str) -> Answer {
    client.exchange("GET", path, &[], b"").unwrap()
}

#[test]
fn everything_below_sandbox_is_closed_to_other_pages() {
    let (_sandbox, client) = sandbox_and_client();
    client.ask("70022").unwrap();
    for path in [
        "",
        "page.css",
        "page.js",
        "icon.svg",
        "requests/1",
        "requests/2",
        "sessions",
        "nothing",
        "form/start",
    ] {
        let answer = get(&client, &format!("/sandbox/{path}"));
        let policy = answer.header("content-security-policy").unwrap();
        for rule in [
            "default-src 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(rule), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path}");
        }
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
}

#[test]
fn a_foreign_origin_is_rejected_and_leaves_no_trace() {
    let (sandbox, client) = sandbox_and_client();
    let foreign = ("origin", "http://127.0.0.1:1".to_owned());
    let session = json!({"customerId": "1", "helpType": "inbound", "staffId": "1"}).to_string();
    for (path, body) in [
        ("/sandbox/sessions", session.as_str()),
        ("/sandbox/form/end", "customerId=70022"),
        (LOOKUP_PATH, "{}"),
    ] {
        let answer = client
            .exchange(
                "POST",
                path,
                std::slice::from_ref(&foreign),
                body.as_bytes(),
            )
            .unwrap();
        assert_eq!(answer.status, 403, "{path}");
    }
    assert_eq!(sandbox.sessions().len(), 3);
    assert_eq!(sandbox.request_count(), 0);
}

#[test]
fn a_form_does_the_same_as_the_control_call_and_leads_back() {
    let (_sandbox, client) = sandbox_and_client();
    let started = submit(
        &client,
        "start",
        "customerId=m%C3%BC%C5%9Fteri+1&helpType=outbound&staffId=5",
    );
    assert_eq!(
        (started.status, started.header("location")),
        (303, Some("../"))
    );
    let answer = client.ask("müşteri 1").unwrap().json();
    assert_eq!(answer["staffId"], "5");
    for (form, fields, message) in [
        ("start", "", "customerId is empty."),
        ("end", "customerId=nobody", "nobody is in no session."),
        ("fault", "kind=fire", "unknown variant `fire`"),
        ("fault", "kind=delay&milliseconds=soon", "invalid type"),
        ("clock", "offsetSeconds=soon", "whole number"),
        ("nothing", "", "no such form"),
    ] {
        let answer = submit(&client, form, fields);
        assert!([400, 404].contains(&answer.status), "{form} {fields}");
        assert!(
            answer.body.contains(message),
            "{form} {fields}: {}",
            answer.body
        );
        assert_eq!(answer.header("content-type"), Some("text/plain"));
    }
}

#[test]
fn what_a_request_holds_is_text_on_the_page() {
    let (_sandbox, client) = sandbox_and_client();
    let attack = "<script>alert(1)</script>\"'&";
    let mut headers = Lookup::of(attack).headers();
    headers[2].1 = attack.to_owned();
    client
        .exchange("POST", LOOKUP_PATH, &headers, &Lookup::of(attack).body)
        .unwrap();
    submit(
        &client,
        "start",
        "customerId=%3Cb%3E&helpType=%3Ci%3E&staffId=%22%3E",
    );
    for path in ["/sandbox/", "/sandbox/requests/1"] {
        let page = get(&client, path).body;
        assert!(page.contains("&lt;script&gt;"), "{path}");
        assert!(!page.contains("<script>alert"), "{path}");
        assert!(!page.contains("<b>") && !page.contains("<i>"), "{path}");
    }
}

#[test]
fn the_secret_of_the_command_line_is_not_on_the_page() {
    let sandbox = Sandbox::start(Options {
        access_key_secret: b"of-a-user".to_vec(),
        ..Options::default()
    })
    .unwrap();
    let page = get(&Client::of(&sandbox), "/sandbox/").body;
    assert!(!page.contains("of-a-user"));
    assert!(page.contains("as given on the command line"));
}

#[test]
fn a_lookup_of_four_mebibytes_is_explained_in_short() {
    let (_sandbox, client) = sandbox_and_client();
    let large = Lookup {
        path: format!("{LOOKUP_PATH}/"),
        ..Lookup::of(&"x".repeat(4_000_000))
    };
    client
        .exchange("POST", LOOKUP_PATH, &large.headers(), &large.body)
        .unwrap();
    let page = get(&client, "/sandbox/requests/1").body;
    assert!(page.contains("characters more"));
    assert!(page.contains("a slash at its end"));
    assert!(page.len() < 40_000, "{}", page.len());
    assert!(get(&client, "/sandbox/").body.len() < 40_000);
}

/// Reads the stream of events until a line holds this; the lines up to it.
fn events_until(sandbox: &Sandbox, position: &str, last: &str, act: impl FnOnce()) -> Vec<String> {
    let mut stream = TcpStream::connect(sandbox.address()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    let host = sandbox.address();
    write!(
        stream,
        "GET /sandbox/events?{position} HTTP/1.1\r\nhost: {host}\r\n\r\n"
    )
    .unwrap();
    act();
    let mut lines = Vec::new();
    for line in BufReader::new(stream).lines() {
        let line = line.unwrap();
        let is_last = line.contains(last);
        lines.push(line);
        if is_last {
            break;
        }
    }
    lines
}

fn position(client: &Client) -> String {
    let page = get(client, "/sandbox/").body;
    let (_, rest) = page.split_once("data-position=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

#[test]
fn events_begin_after_what_the_page_has() {
    let (sandbox, client) = sandbox_and_client();
    client.ask("before").unwrap();
    let position = position(&client);
    client.ask("between").unwrap();
    let lines = events_until(&sandbox, &position, "request-3", || {
        client.ask("afterwards").unwrap();
    });
    let text = lines.join("\n");
    assert!(text.contains("content-type: text/event-stream"), "{text}");
    assert!(
        text.contains("request-2") && !text.contains("request-1\""),
        "{text}"
    );

    let events = events_until(&sandbox, &position, "event: sections", || {});
    assert!(
        events.join("\n").contains("request-2"),
        "sections follow the requests"
    );
}

#[test]
fn a_page_of_an_earlier_run_is_reloaded() {
    let (sandbox, _client) = sandbox_and_client();
    for position in ["", "1.5", "nonsense"] {
        let lines = events_until(&sandbox, position, "event: reload", || {});
        assert!(
            lines.last().unwrap().contains("event: reload"),
            "{position}"
        );
    }
}

#[test]
fn the_page_does_not_count_as_a_request() {
    let (sandbox, client) = sandbox_and_client();
    let opened = get(&client, "/");
    assert_eq!(
        (opened.status, opened.header("location")),
        (303, Some("/sandbox/"))
    );
    get(&client, "/sandbox/");
    submit(&client, "sign", "method=POST&path=/v1/a");
    assert_eq!(
        (sandbox.request_count(), sandbox.connection_count()),
        (0, 0)
    );
}

#[test]
fn the_workbench_signs_the_line_ends_that_were_typed() {
    let (_sandbox, client) = sandbox_and_client();
    // Browsers send each line end of a text area as CR LF.
    let fields =
        "method=POST&path=/v1/a&contentType=a&requester=1&accessKeyId=k&body=%7B%0D%0A%7D%0D%0A";
    let page = submit(&client, "sign", fields).body;
    assert!(page.contains("--data-raw '{\n}\n'"), "{page}");
    assert!(!page.contains('\r'));
}
