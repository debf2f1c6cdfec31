//! The control calls.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::client::{LOOKUP_PATH, Lookup, sandbox_and_client};

#[test]
fn sessions_start_and_end_while_it_runs() {
    let (_sandbox, client) = sandbox_and_client();
    let session = json!({"customerId": "müşteri/1", "helpType": "outbound", "staffId": "ş"});
    let started = client.control("POST", "sessions", &session.to_string());
    assert_eq!((started.status, started.body.as_str()), (204, ""));

    let in_help = json!({"isInHelp": true, "helpType": "outbound", "staffId": "ş"});
    assert_eq!(client.ask("müşteri/1").unwrap().json(), in_help);
    let listed = client.control("GET", "sessions", "").json();
    assert_eq!(listed.as_array().unwrap().len(), 4);
    assert!(listed.as_array().unwrap().contains(&session));

    let path = "sessions/m%C3%BC%C5%9Fteri%2F1";
    assert_eq!(client.control("DELETE", path, "").status, 204);
    let known = json!({"isInHelp": false, "helpType": "", "staffId": null});
    assert_eq!(client.ask("müşteri/1").unwrap().json(), known);

    let again = client.control("DELETE", path, "");
    assert_eq!(
        (again.status, again.body.as_str()),
        (404, "müşteri/1 is in no session.")
    );
}

#[test]
fn the_library_starts_and_ends_the_same_sessions() {
    let (sandbox, client) = sandbox_and_client();
    sandbox.start_session("70099", "callback", "45009");
    let answer = client.ask("70099").unwrap().json();
    assert_eq!(
        answer,
        json!({"isInHelp": true, "helpType": "callback", "staffId": "45009"})
    );
    assert_eq!(sandbox.sessions().len(), 4);
    assert!(sandbox.end_session("70099"));
    assert!(!sandbox.end_session("70099"));
    assert_eq!(client.ask("70099").unwrap().json()["isInHelp"], false);
}

#[test]
fn the_clock_is_set_and_set_back() {
    let (_sandbox, client) = sandbox_and_client();
    for (offset_seconds, status) in [(7200, 403), (-7200, 403), (600, 200), (0, 200)] {
        let body = json!({ "offsetSeconds": offset_seconds }).to_string();
        assert_eq!(client.control("PUT", "clock", &body).status, 204);
        assert_eq!(
            client.ask("70022").unwrap().status,
            status,
            "{offset_seconds}"
        );
    }
}

#[test]
fn lookups_are_recorded_as_they_came_and_as_they_were_answered() {
    let (_sandbox, client) = sandbox_and_client();
    client.ask("70022").unwrap();
    client
        .send(&Lookup {
            secret: b"wrong".to_vec(),
            ..Lookup::of("70023")
        })
        .unwrap();

    let recorded = client.control("GET", "requests", "").json();
    let [answered, refused] = recorded.as_array().unwrap().as_slice() else {
        panic!("{recorded}");
    };
    assert_eq!(answered["method"], "POST");
    assert_eq!(answered["path"], LOOKUP_PATH);
    assert_eq!(answered["body"], r#"{"customerId":"70022"}"#);
    assert_eq!(answered["customerId"], "70022");
    assert_eq!(answered["status"], 200);
    assert_eq!(answered["reason"], "in help, inbound, staff 45001");
    assert_eq!(answered["connection"], refused["connection"]);
    assert_eq!(answered["expectedStringToSign"], Value::Null);
    assert_eq!(
        (&answered["number"], &refused["number"]),
        (&json!(1), &json!(2))
    );
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let age = now.as_millis() as i64 - answered["receivedAt"].as_i64().unwrap();
    assert!((0..60_000).contains(&age), "{age}");
    let headers = answered["headers"].as_array().unwrap();
    assert!(
        headers.contains(&json!(["x-dlg-requester-userid", "45186"])),
        "{headers:?}"
    );

    assert_eq!(refused["status"], 401);
    let expected = refused["expectedStringToSign"].as_str().unwrap();
    assert!(
        expected.starts_with("POST\napplication/json\n"),
        "{expected}"
    );
    assert!(!recorded.to_string().contains("s3cr3t"));
}

#[test]
fn a_wrong_signature_is_recorded_with_what_was_signed_instead() {
    let (_sandbox, client) = sandbox_and_client();
    let sent = Lookup::of("70022");
    let signed = Lookup {
        path: format!("{LOOKUP_PATH}/"),
        ..sent.clone()
    };
    client
        .exchange("POST", LOOKUP_PATH, &signed.headers(), &sent.body)
        .unwrap();
    let padded_key_id = Lookup {
        access_key_id: format!(" {}", sent.access_key_id),
        ..sent
    };
    client.send(&padded_key_id).unwrap();

    let recorded = client.control("GET", "requests", "").json();
    let expected = recorded[0]["expectedStringToSign"].as_str().unwrap();
    assert_eq!(recorded[0]["signedString"], format!("{expected}/"));
    assert_eq!(recorded[1]["signedString"], Value::Null);
    let reason = recorded[1]["reason"].as_str().unwrap();
    assert!(reason.ends_with("it has white space around it"), "{reason}");
}

#[test]
fn the_counters_leave_control_calls_out() {
    let (sandbox, client) = sandbox_and_client();
    let counted = |requests: u64, connections: u64| {
        let expected = json!({
            "requests": requests, "connections": connections, "openConnections": connections
        });
        // A client of its own, and so a connection of its own.
        let counters = crate::client::Client::of(&sandbox).control("GET", "counters", "");
        assert_eq!(counters.json(), expected);
    };
    counted(0, 0);
    client.ask("70022").unwrap();
    client.ask("70023").unwrap();
    counted(2, 1);
    client.control("GET", "sessions", "");
    counted(2, 1);
    assert_eq!(sandbox.request_count(), 2);
    assert_eq!(sandbox.connection_count(), 1);

    let controlling_first = crate::client::Client::of(&sandbox);
    controlling_first.control("GET", "sessions", "");
    counted(2, 1);
    controlling_first.ask("70022").unwrap();
    counted(3, 2);
}

#[test]
fn invalid_control_input_is_reported_in_one_sentence() {
    let (_sandbox, client) = sandbox_and_client();
    for (method, call, body, status, told) in [
        ("POST", "sessions", "[", 400, "A session is started with"),
        (
            "POST",
            "sessions",
            r#"{"customerId": "1"}"#,
            400,
            "missing field `helpType`",
        ),
        (
            "POST",
            "sessions",
            r#"{"customerId": "", "helpType": "inbound", "staffId": "1"}"#,
            400,
            "customerId is empty.",
        ),
        (
            "POST",
            "sessions",
            r#"{"customerId": "1", "helpType": "inbound", "staffId": "1", "x": 1}"#,
            400,
            "unknown field `x`",
        ),
        (
            "PUT",
            "clock",
            r#"{"offsetSeconds": "1"}"#,
            400,
            "The clock is set with",
        ),
        (
            "PUT",
            "clock",
            r#"{"offsetSeconds": 1000000001}"#,
            400,
            "between -1000000000 and",
        ),
        (
            "POST",
            "faults",
            r#"{"kind": "fire"}"#,
            400,
            "unknown variant `fire`",
        ),
        (
            "DELETE",
            "sessions/%ff",
            "",
            400,
            "not percent-encoded UTF-8",
        ),
        (
            "DELETE",
            "sessions/nobody",
            "",
            404,
            "nobody is in no session.",
        ),
        ("PUT", "sessions", "{}", 405, "Only GET, POST"),
        ("GET", "sessions/70022", "", 405, "Only DELETE"),
        ("GET", "clock", "", 405, "Only PUT"),
        ("GET", "faults", "", 405, "Only POST, DELETE"),
        ("POST", "requests", "{}", 405, "Only GET"),
        ("POST", "counters", "{}", 405, "Only GET"),
        ("GET", "nothing", "", 404, "The control calls are"),
    ] {
        let answer = client.control(method, call, body);
        assert_eq!(answer.status, status, "{method} {call} {body}");
        assert_eq!(answer.header("content-type"), Some("text/plain"));
        assert!(
            answer.body.contains(told),
            "{method} {call} {body}: {}",
            answer.body
        );
        assert_eq!(answer.body.lines().count(), 1);
    }
}
