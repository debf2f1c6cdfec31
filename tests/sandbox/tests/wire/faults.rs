//! Each fault, as a client meets it.

use std::time::{Duration, Instant};

use diyalog_sandbox::{CannedAnswer, Fault, Options, Sandbox};

use crate::client::{Client, Lookup, sandbox_and_client};

/// Queues a fault through the control call, as other languages do.
fn queue(client: &Client, json: &str) {
    let answer = client.control("POST", "faults", json);
    assert_eq!(answer.status, 204, "{}", answer.body);
}

fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(5), "never: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn delay_answers_late_and_normally() {
    let (sandbox, client) = sandbox_and_client();
    queue(&client, r#"{"kind": "delay", "milliseconds": 150}"#);
    let start = Instant::now();
    assert_eq!(client.ask("70022").unwrap().json()["staffId"], "45001");
    assert!(start.elapsed() >= Duration::from_millis(150));

    client.ask("70022").unwrap();
    let reasons = sandbox.requests().into_iter().map(|request| request.reason);
    assert_eq!(
        reasons.collect::<Vec<_>>(),
        [
            "in help, inbound, staff 45001; fault: delay of 150 ms",
            "in help, inbound, staff 45001",
        ]
    );
}

#[test]
fn drip_answers_byte_by_byte() {
    let (_sandbox, client) = sandbox_and_client();
    queue(&client, r#"{"kind": "drip", "milliseconds": 5}"#);
    let start = Instant::now();
    let answer = client.ask("70026").unwrap();
    assert_eq!(answer.body, r#"{"isInHelp": false, "errorCode": 400}"#);
    assert_eq!(answer.header("content-length"), Some("37"));
    assert!(start.elapsed() >= Duration::from_millis(37 * 5));
}

#[test]
fn silence_never_answers_and_others_are_served_meanwhile() {
    let (sandbox, client) = sandbox_and_client();
    queue(&client, r#"{"kind": "silence"}"#);
    let address = sandbox.address();
    let lookup = Lookup::of("70022");
    let mut silent = crate::connections::send_raw(address, &lookup);
    wait_until("the request arrived", || sandbox.request_count() == 1);

    assert_eq!(client.ask("70022").unwrap().status, 200);
    silent
        .set_read_timeout(Some(Duration::from_millis(100)))
        .unwrap();
    let read = std::io::Read::read(&mut silent, &mut [0]);
    assert!(read.is_err(), "it timed out, and was not closed: {read:?}");
    assert_eq!(sandbox.requests()[0].status, None);
    assert!(
        sandbox.requests()[0]
            .reason
            .starts_with("fault: silence, in place of 200")
    );

    let open = sandbox.open_connections();
    drop(silent);
    wait_until("the client's leaving is noticed", || {
        sandbox.open_connections() == open - 1
    });
}

#[test]
fn close_closes_without_an_answer() {
    let (sandbox, client) = sandbox_and_client();
    queue(&client, r#"{"kind": "close"}"#);
    let mut stream = crate::connections::send_raw(sandbox.address(), &Lookup::of("70022"));
    let mut received = Vec::new();
    std::io::Read::read_to_end(&mut stream, &mut received).unwrap();
    assert!(received.is_empty());
    assert_eq!(sandbox.requests()[0].status, None);
}

#[test]
fn garble_answers_what_is_not_json() {
    let (_sandbox, client) = sandbox_and_client();
    queue(&client, r#"{"kind": "garble"}"#);
    let answer = client.ask("70022").unwrap();
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("application/json"))
    );
    assert!(serde_json::from_str::<serde_json::Value>(&answer.body).is_err());
}

#[test]
fn close_after_leaves_a_dead_connection_behind() {
    let (sandbox, client) = sandbox_and_client();
    queue(&client, r#"{"kind": "close_after"}"#);
    let asking = Client::of(&sandbox);
    let answer = asking.ask("70022").unwrap();
    assert_eq!((answer.status, answer.header("connection")), (200, None));
    // The connection of the control call does not count.
    wait_until("the server has closed it", || {
        sandbox.open_connections() == 0
    });

    assert_eq!(sandbox.connection_count(), 1);
    assert_eq!(client.ask("70022").unwrap().status, 200);
}

#[test]
fn canned_response_is_sent_as_given() {
    let (sandbox, client) = sandbox_and_client();
    queue(
        &client,
        r#"{"kind": "answer", "status": 503, "body": "meşgul", "times": 2, "headers":
            {"Retry-After": "1", "Date": "some day", "Set-Cookie": ["a=1", "b=2"]}}"#,
    );
    for _ in 0..2 {
        let answer = client.ask("70022").unwrap();
        assert_eq!(answer.summary(), (503, Some("text/plain"), "meşgul"));
        assert_eq!(answer.header("retry-after"), Some("1"));
        assert_eq!(answer.headers.get_all("set-cookie").iter().count(), 2);
        let dates: Vec<_> = answer.headers.get_all("date").iter().collect();
        assert_eq!(dates, ["some day"]);
    }
    assert_eq!(client.ask("70022").unwrap().status, 200);

    let recorded = &sandbox.requests()[0];
    assert_eq!(recorded.status, Some(503));
    assert_eq!(
        recorded.reason,
        "fault: answer 503, in place of 200, in help, inbound, staff 45001"
    );
}

#[test]
fn headers_can_be_left_out_and_redirects_sent() {
    let (_sandbox, client) = sandbox_and_client();
    queue(
        &client,
        r#"{"kind": "answer", "status": 307, "headers":
            {"Location": "http://127.0.0.1:9/", "date": null, "Content-Type": null}}"#,
    );
    let answer = client.ask("70022").unwrap();
    assert_eq!(answer.summary(), (307, None, ""));
    assert_eq!(answer.header("location"), Some("http://127.0.0.1:9/"));
    assert_eq!(answer.header("date"), None);
}

#[test]
fn content_length_larger_than_the_body_truncates_the_response() {
    let (sandbox, client) = sandbox_and_client();
    sandbox.push_fault(
        CannedAnswer::new(200)
            .header("Content-Length", "100")
            .body("{\"isIn"),
    );
    let problem = client.ask("70022").unwrap_err().to_string();
    assert!(
        problem.contains("disconnected") || problem.contains("closed"),
        "{problem}"
    );
    assert_eq!(client.ask("70022").unwrap().status, 200);
}

#[test]
fn response_without_a_length_is_chunked() {
    let (sandbox, client) = sandbox_and_client();
    let body = "x".repeat(100_000);
    sandbox.push_fault(
        CannedAnswer::new(200)
            .without_header("Content-Length")
            .body(body.as_str()),
    );
    let answer = client.ask("70022").unwrap();
    assert_eq!(answer.header("transfer-encoding"), Some("chunked"));
    assert_eq!(answer.body, body);
}

#[test]
fn faults_are_for_lookups_in_their_order_until_cleared() {
    let (sandbox, client) = sandbox_and_client();
    sandbox.push_fault_times(CannedAnswer::new(502), 2);
    sandbox.push_fault(CannedAnswer::new(504));
    sandbox.push_fault_times(Fault::Garble, u32::MAX);
    assert_eq!(
        client
            .exchange("POST", "/other", &[], b"{}")
            .unwrap()
            .status,
        404
    );
    let statuses: Vec<u16> = (0..4)
        .map(|_| client.ask("70026").unwrap().status)
        .collect();
    assert_eq!(statuses, [502, 502, 504, 200]);

    sandbox.push_fault(CannedAnswer::new(502));
    assert_eq!(client.control("DELETE", "faults", "").status, 204);
    assert_eq!(client.ask("70022").unwrap().json()["isInHelp"], true);
}

#[test]
fn dropping_a_sandbox_ends_it_whatever_hangs() {
    let sandbox = Sandbox::start(Options::default()).unwrap();
    sandbox.push_fault(Fault::Silence);
    let mut stream = crate::connections::send_raw(sandbox.address(), &Lookup::of("70022"));
    wait_until("the request arrived", || sandbox.request_count() == 1);

    let address = sandbox.address();
    let start = Instant::now();
    drop(sandbox);
    assert!(start.elapsed() < Duration::from_secs(3));
    assert_eq!(std::io::Read::read(&mut stream, &mut [0]).unwrap_or(0), 0);
    assert!(std::net::TcpStream::connect(address).is_err());
}
