//! The platform's other documented calls.

use diyalog_sandbox::Fault;
use serde_json::{Value, json};

use crate::client::{Answer, Client, Lookup, sandbox_and_client};

fn call(client: &Client, path: &str, body: &str) -> Answer {
    let request = Lookup {
        path: format!("/v1/{path}"),
        ..Lookup::with_body(body)
    };
    client.send(&request).unwrap()
}

fn answer(client: &Client, path: &str, body: Value) -> Value {
    let answer = call(client, path, &body.to_string());
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("application/json")),
        "{path} {body}: {}",
        answer.body
    );
    answer.json()
}

#[test]
fn finishing_ends_the_conversation_of_these_two_only() {
    let (_sandbox, client) = sandbox_and_client();
    let path = "application/finishonlinehelp";
    for (customer, staff) in [("70022", "45002"), ("70024", "45001"), ("nobody", "45001")] {
        let refused = answer(
            &client,
            path,
            json!({"customerId": customer, "staffId": staff}),
        );
        assert_eq!(
            (&refused["isSuccess"], &refused["errorCode"]),
            (&json!(false), &json!(400)),
            "{customer} {staff}"
        );
    }
    assert_eq!(client.ask("70022").unwrap().json()["isInHelp"], true);

    let body = json!({"customerId": "70022", "staffId": "45001"});
    let finished = answer(&client, path, body.clone());
    assert_eq!(finished["isSuccess"], true);
    assert_eq!(finished.get("errorCode"), None);
    let status = client.ask("70022").unwrap().json();
    assert_eq!(status["isInHelp"], false);
    assert_eq!(status.get("errorCode"), None, "the customer stays known");
    assert_eq!(answer(&client, path, body)["errorCode"], 400);
}

#[test]
fn an_undelivered_interaction_has_each_documented_error_code() {
    let (_sandbox, client) = sandbox_and_client();
    for (body, code) in [
        (json!({"interactionId": "80001", "message": "later"}), None),
        (json!({"sessionId": "90001"}), None),
        (json!({"message": "later"}), Some(400)),
        (json!({"interactionId": null, "sessionId": null}), Some(400)),
        (json!({"interactionId": "1"}), Some(402)),
        (json!({"sessionId": "90002"}), Some(403)),
        // The interaction wins over the session.
        (
            json!({"interactionId": "80002", "sessionId": "90001"}),
            Some(403),
        ),
    ] {
        let answer = answer(
            &client,
            "application/interactionisnotdelivered",
            body.clone(),
        );
        assert_eq!(answer["isSuccess"], code.is_none(), "{body}");
        assert_eq!(
            answer.get("errorCode").and_then(Value::as_u64),
            code,
            "{body}"
        );
        assert!(answer["message"].is_string());
    }
}

#[test]
fn a_transaction_hash_is_40_digits_and_depends_on_both_fields() {
    let (_sandbox, client) = sandbox_and_client();
    let hash = |customer: &str, device: &str| {
        let body = json!({"customerId": customer, "deviceHash": device});
        let answer = answer(&client, "application/gettransactionhashforonlinehelp", body);
        answer["transactionHash"].as_str().unwrap().to_owned()
    };
    let first = hash("70022", "a");
    assert_eq!(first.len(), 40);
    assert!(first.bytes().all(|digit| digit.is_ascii_hexdigit()));
    assert_eq!(first, hash("70022", "a"));
    assert_ne!(first, hash("70022", "b"));
    assert_ne!(first, hash("70023", "a"));
}

#[test]
fn out_of_office_accepts_both_forms_that_the_documentation_leaves_open() {
    let (_sandbox, client) = sandbox_and_client();
    for forward in [json!("45002"), json!(["45002", "45003"])] {
        let body =
            json!({"staffId": "45001", "outOfOfficeMessage": "", "forwardToStaffIds": forward});
        let answer = answer(&client, "application/enableoutofoffice", body);
        assert_eq!(answer["isSuccess"], true);
    }
}

#[test]
fn reports_have_every_documented_field_and_lie_in_the_period() {
    let (_sandbox, client) = sandbox_and_client();
    let (start, end) = (1_615_248_000_000_i64, 1_615_334_400_000_i64);
    let period = |more: Value| {
        let mut body = json!({"startDate": start, "endDate": end});
        body.as_object_mut()
            .unwrap()
            .append(more.clone().as_object_mut().unwrap());
        body
    };

    let helps = answer(
        &client,
        "reporting/getonlinehelplist",
        period(json!({"customerId": "1", "agentId": "2"})),
    );
    let [newest, ended] = helps.as_array().unwrap().as_slice() else {
        panic!("{helps}");
    };
    assert_eq!(
        (&ended["customerNo"], &ended["agentId"]),
        (&json!("1"), &json!("2"))
    );
    assert!(newest["helpRequestedAt"].as_i64() > ended["helpRequestedAt"].as_i64());
    for time in ["helpRequestedAt", "helpStartedAt", "helpEndedAt"] {
        assert!(
            (start..=end).contains(&ended[time].as_i64().unwrap()),
            "{time}"
        );
    }

    let calls = answer(
        &client,
        "reporting/getcalllist",
        period(json!({"callType": "voice", "callUseType": 2})),
    );
    let call = &calls[0];
    assert_eq!(call["callId"].as_i64(), Some(-4_611_686_018_427_387_905));
    assert_eq!(
        (&call["callType"], &call["callUseType"]),
        (&json!("voice"), &json!(2))
    );
    assert_eq!(call.as_object().unwrap().len(), 16);

    let page = |number: u64| period(json!({"staffId": "2", "pageNumber": number, "pageSize": 20}));
    let messages = answer(&client, "reporting/getstaffmessaginglist", page(1));
    assert_eq!(messages[0]["senderId"], "2");
    let none = answer(&client, "reporting/getstaffmessaginglist", page(2));
    assert_eq!(none, json!([]));

    let body = json!({"startDate": end, "endDate": start, "callType": "all"});
    assert_eq!(answer(&client, "reporting/getcalllist", body), json!([]));

    let body = period(json!({"staffId": "2", "customerId": "1"}));
    let detail = answer(&client, "reporting/getmessagingdetail", body);
    assert_eq!(detail["isSuccess"], true);
    assert!(detail["conversationDetailLink"].is_string());
}

#[test]
fn push_is_recorded_with_its_recipients() {
    let (_sandbox, client) = sandbox_and_client();
    let body = json!({"to": ["70022", "70023"], "data": "hello", "senderApp": "bank"});
    let sent = answer(&client, "simplepush/sendpush", body);
    assert_eq!(sent["success"], true);
    assert_eq!(sent["info"], json!({"devices": 2, "failed": []}));
    let push_id = &sent["pushId"];

    let status = answer(
        &client,
        "simplepush/notificationstatus",
        json!({"push_id": push_id}),
    );
    assert_eq!(status["pushId"], *push_id);
    assert!(status["requestAt"].is_i64());

    let of = |to: &str| json!({"push_id": push_id, "to": to}).to_string();
    let path = "simplepush/notificationstatusofuser";
    assert_eq!(call(&client, path, &of("70023")).json()["isSuccess"], true);
    assert_eq!(
        call(&client, path, &of("70024")).summary(),
        (
            400,
            Some("text/plain"),
            "SPECIFIED_PUSH_NOT_FOUND_FOR_GIVEN_USER"
        )
    );
}

#[test]
fn a_push_has_at_most_1000_recipients_and_4096_bytes() {
    let (_sandbox, client) = sandbox_and_client();
    let push = |recipients: usize, bytes: usize| {
        let body = json!({
            "to": vec!["70022"; recipients], "data": "x".repeat(bytes), "senderApp": "bank",
        });
        call(&client, "simplepush/sendpush", &body.to_string())
    };
    assert_eq!(push(1000, 4096).status, 200);
    assert_eq!(
        push(1001, 1).summary(),
        (400, Some("text/plain"), "MAX_PUSHES_PER_REQUEST_EXCEEDED")
    );
    let too_long = push(1, 4097);
    assert_eq!(too_long.status, 500);
    assert!(
        too_long.body.ends_with("at most 4096 bytes as data"),
        "{}",
        too_long.body
    );
}

#[test]
fn a_body_that_lacks_a_documented_field_is_answered_500_with_its_name() {
    let (_sandbox, client) = sandbox_and_client();
    for (path, body, message) in [
        (
            "application/finishonlinehelp",
            "nonsense",
            "a string customerId",
        ),
        (
            "application/finishonlinehelp",
            r#"{"customerId": "1"}"#,
            "a string staffId",
        ),
        (
            "application/gettransactionhashforonlinehelp",
            r#"{"customerId": "1", "deviceHash": 5}"#,
            "a string deviceHash",
        ),
        (
            "application/enableoutofoffice",
            r#"{"staffId": "1", "outOfOfficeMessage": "", "forwardToStaffIds": [1]}"#,
            "a string or an array of strings as forwardToStaffIds",
        ),
        (
            "reporting/getonlinehelplist",
            r#"{"startDate": "yesterday", "endDate": 1}"#,
            "an integer startDate",
        ),
        (
            "reporting/getonlinehelplist",
            r#"{"startDate": 1.5, "endDate": 1}"#,
            "startDate",
        ),
        (
            "reporting/getcalllist",
            r#"{"startDate": 1, "endDate": 1, "callType": "fax"}"#,
            "one of all, video, voice as callType",
        ),
        (
            "reporting/getcalllist",
            r#"{"startDate": 1, "endDate": 1, "callType": "all", "callUseType": 4}"#,
            "an integer from 0 to 3 as callUseType",
        ),
        (
            "reporting/getcustomermessaginglist",
            r#"{"startDate": 1, "endDate": 1, "customerId": "1", "pageNumber": 1, "pageSize": 21}"#,
            "an integer from 1 to 20 as pageSize",
        ),
        (
            "simplepush/sendpush",
            r#"{"to": "1", "data": "", "senderApp": ""}"#,
            "as to",
        ),
        (
            "simplepush/notificationstatus",
            r#"{"push_id": 1}"#,
            "a string push_id",
        ),
        (
            "simplepush/notificationstatus",
            r#"{"push_id": "9"}"#,
            "no such push",
        ),
    ] {
        let answer = call(&client, path, body);
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (500, Some("text/plain")),
            "{path} {body}: {}",
            answer.body
        );
        assert!(
            answer.body.contains(message),
            "{path} {body}: {}",
            answer.body
        );
    }
}

#[test]
fn every_call_is_verified_and_meets_the_faults() {
    let (sandbox, client) = sandbox_and_client();
    let request = Lookup {
        path: "/v1/application/finishonlinehelp".to_owned(),
        ..Lookup::with_body(r#"{"customerId": "70022", "staffId": "45001"}"#)
    };
    let forged = Lookup {
        secret: b"another".to_vec(),
        ..request.clone()
    };
    assert_eq!(client.send(&forged).unwrap().status, 401);
    let sessions = sandbox.sessions().len();
    assert_eq!(sessions, 3, "a forged call acts on nothing");

    sandbox.push_fault(Fault::Close);
    client.send(&request).unwrap_err();
    assert_eq!(
        sandbox.sessions().len(),
        2,
        "the answer was lost, not the call"
    );
    let recorded = sandbox.requests();
    assert_eq!(recorded[1].customer_id.as_deref(), Some("70022"));
    assert_eq!(recorded[1].status, None);
}
