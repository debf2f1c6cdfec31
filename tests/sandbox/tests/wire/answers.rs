//! Every documented answer, and the checks that lead to it.

use diyalog_sandbox::{Options, Sandbox};
use serde_json::{Value, json};

use crate::client::{Client, LOOKUP_PATH, Lookup, date_in, sandbox_and_client};

const VECTORS: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../signing-vectors.json"
));

#[test]
fn each_customer_gets_the_documented_answer() {
    let (_sandbox, client) = sandbox_and_client();
    for (customer_id, expected) in [
        (
            "70022",
            json!({"isInHelp": true, "helpType": "inbound", "staffId": "45001"}),
        ),
        (
            "70023",
            json!({"isInHelp": true, "helpType": "outbound", "staffId": "45002"}),
        ),
        (
            "70024",
            json!({"isInHelp": false, "helpType": "", "staffId": null}),
        ),
        (
            "müşteri-70025",
            json!({"isInHelp": true, "helpType": "inbound", "staffId": "temsilci-şule"}),
        ),
        ("70026", json!({"isInHelp": false, "errorCode": 400})),
        ("", json!({"isInHelp": false, "errorCode": 400})),
        ("a\"b\\c\n", json!({"isInHelp": false, "errorCode": 400})),
    ] {
        let answer = client.ask(customer_id).unwrap();
        assert_eq!(answer.status, 200, "{customer_id}");
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.json(), expected, "{customer_id}");
    }
}

#[test]
fn a_body_without_a_customer_id_is_answered_500_in_plain_text() {
    let (_sandbox, client) = sandbox_and_client();
    for body in [
        &b"nonsense"[..],
        b"[]",
        b"\"70022\"",
        b"{}",
        br#"{"customerId": 70022}"#,
        br#"{"customerId": null}"#,
        br#"{"customerid": "70022"}"#,
        br#"{"customerId": "70022"} x"#,
        b"{\"customerId\": \"\xff\"}",
    ] {
        let answer = client.send(&Lookup::with_body(body)).unwrap();
        let text = "The body has to be a JSON object with a string customerId";
        assert_eq!(answer.summary(), (500, Some("text/plain"), text));
    }
}

#[test]
fn each_error_of_authentication_has_its_status_and_text() {
    let (_sandbox, client) = sandbox_and_client();
    let good = Lookup::of("70022");
    let send = |headers: &[(&str, String)]| {
        client
            .exchange("POST", LOOKUP_PATH, headers, &good.body)
            .unwrap()
    };

    for missing in [
        "x-dlg-date",
        "x-dlg-requester-userid",
        "x-dlg-authorization",
    ] {
        let mut headers = good.headers();
        headers.retain(|(name, _)| *name != missing);
        assert_eq!(
            send(&headers).summary(),
            (400, Some("text/plain"), "Required headers not found"),
            "{missing}"
        );
    }

    let mut headers = good.headers();
    headers[3].1 = headers[3].1.replace("DLGA ", "Basic ");
    assert_eq!(
        send(&headers).summary(),
        (
            400,
            Some("text/plain"),
            "Authorization failed due to data format not valid"
        )
    );

    let odd_date = Lookup {
        date: "yesterday".to_owned(),
        ..good.clone()
    };
    assert_eq!(
        client.send(&odd_date).unwrap().summary(),
        (
            400,
            Some("text/plain"),
            "Authorization failed due to date not valid"
        )
    );

    for wrong in [
        Lookup {
            access_key_id: "another".to_owned(),
            ..good.clone()
        },
        Lookup {
            secret: b"another".to_vec(),
            ..good.clone()
        },
    ] {
        assert_eq!(
            client.send(&wrong).unwrap().summary(),
            (401, Some("text/plain"), "Authorization failed")
        );
    }

    for seconds in [-1000, 1000] {
        let late = Lookup {
            date: date_in(seconds),
            ..good.clone()
        };
        assert_eq!(
            client.send(&late).unwrap().summary(),
            (403, Some("text/plain"), "Request time may not be correct.")
        );
    }
}

#[test]
fn only_documented_calls_are_served_and_only_to_post() {
    let (_sandbox, client) = sandbox_and_client();
    for path in [
        "/",
        "/v1/application/finishonlinehelps",
        "/v1/application/iscustomerinonlinehelp/",
    ] {
        let answer = client.exchange("POST", path, &[], b"{}").unwrap();
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (404, Some("text/plain"))
        );
    }
    for method in ["GET", "PUT", "DELETE"] {
        let body: &[u8] = if method == "PUT" { b"{}" } else { b"" };
        let answer = client.exchange(method, LOOKUP_PATH, &[], body).unwrap();
        assert_eq!(
            (answer.status, answer.header("allow")),
            (405, Some("POST")),
            "{method}"
        );
    }
}

#[test]
fn the_date_in_the_signature_may_have_a_numeric_zone_or_none() {
    let (_sandbox, client) = sandbox_and_client();
    for zone in ["GMT", "+0000", ""] {
        let date = date_in(0).replace("GMT", zone).trim_end().to_owned();
        let lookup = Lookup {
            date,
            ..Lookup::of("70022")
        };
        assert_eq!(client.send(&lookup).unwrap().status, 200, "{zone}");
    }
    let in_istanbul = date_in(3 * 3600).replace("GMT", "+0300");
    let lookup = Lookup {
        date: in_istanbul,
        ..Lookup::of("70022")
    };
    assert_eq!(client.send(&lookup).unwrap().status, 200);
}

#[test]
fn the_content_type_is_signed_as_received() {
    let (_sandbox, client) = sandbox_and_client();
    let content_type = "application/json; charset=utf-8".to_owned();
    let lookup = Lookup {
        content_type,
        ..Lookup::of("70022")
    };
    assert_eq!(client.send(&lookup).unwrap().status, 200);
}

#[test]
fn a_base_path_belongs_to_the_path_and_to_the_signature() {
    let options = Options {
        base_path: "/gateway/diyalog/".to_owned(),
        ..Options::default()
    };
    let sandbox = Sandbox::start(options).unwrap();
    let client = Client::of(&sandbox);
    assert_eq!(sandbox.url(), format!("{}/gateway/diyalog", client.origin));

    let path = format!("/gateway/diyalog{LOOKUP_PATH}");
    let lookup = Lookup {
        path: path.clone(),
        ..Lookup::of("70022")
    };
    assert_eq!(client.send(&lookup).unwrap().status, 200);
    assert_eq!(client.ask("70022").unwrap().status, 404);

    let signed_without_it = Lookup::of("70022");
    let answer = client.exchange(
        "POST",
        &path,
        &signed_without_it.headers(),
        &signed_without_it.body,
    );
    assert_eq!(answer.unwrap().status, 401);
    let reason = &sandbox.requests()[2].reason;
    assert!(
        reason.ends_with("the path was signed without the base path"),
        "{reason}"
    );
}

#[test]
fn every_vector_is_accepted_at_the_time_it_was_made() {
    let lookups: Vec<Value> = serde_json::from_str::<Vec<Value>>(VECTORS)
        .unwrap()
        .into_iter()
        .filter(|vector| vector["path"].as_str().unwrap().ends_with(LOOKUP_PATH))
        .collect();
    assert!(lookups.len() >= 8);
    let march_2021 = httpdate::parse_http_date("Tue, 09 Mar 2021 13:28:32 GMT").unwrap();
    let since_then = march_2021.elapsed().unwrap().as_secs() as i64;

    for vector in lookups {
        let text = |name: &str| vector[name].as_str().unwrap().to_owned();
        let access_key_secret = match vector["secret_hex"].as_str() {
            Some(_) => b"\x00\xff\x10\x80\x7f\x0a\x0d".repeat(5),
            None => text("secret").into_bytes(),
        };
        let sandbox = Sandbox::start(Options {
            clock_offset: -since_then,
            base_path: text("path").strip_suffix(LOOKUP_PATH).unwrap().to_owned(),
            access_key_id: text("access_key_id"),
            access_key_secret,
            ..Options::default()
        })
        .unwrap();
        let headers = [
            ("content-type", text("content_type")),
            ("x-dlg-date", text("date")),
            ("x-dlg-requester-userid", "45186".to_owned()),
            ("x-dlg-authorization", text("x-dlg-authorization")),
        ];
        let client = Client::of(&sandbox);
        let answer = client.exchange("POST", &text("path"), &headers, text("body").as_bytes());
        assert_eq!(answer.unwrap().status, 200, "{}", vector["name"]);
    }
}

#[test]
fn every_answer_carries_the_date_of_the_sandbox_clock() {
    let (sandbox, client) = sandbox_and_client();
    sandbox.set_clock_offset(7200);
    let answers = [
        client.ask("70022").unwrap(),
        client
            .send(&Lookup {
                date: date_in(7200),
                ..Lookup::of("70022")
            })
            .unwrap(),
        client.exchange("POST", "/", &[], b"{}").unwrap(),
        client.control("GET", "sessions", ""),
        client.control("PUT", "sessions", "{}"),
    ];
    assert_eq!(
        answers.each_ref().map(|answer| answer.status),
        [403, 200, 404, 200, 405]
    );
    for answer in answers {
        let date = httpdate::parse_http_date(answer.header("date").unwrap()).unwrap();
        let ahead = date
            .duration_since(std::time::SystemTime::now())
            .unwrap()
            .as_secs();
        assert!((7190..=7200).contains(&ahead), "{ahead}");
    }
}

#[test]
fn invalid_options_are_rejected() {
    let foreign = Options {
        listen: "0.0.0.0:0".parse().unwrap(),
        ..Options::default()
    };
    let odd_path = Options {
        base_path: "gateway?".to_owned(),
        ..Options::default()
    };
    let odd_clock = Options {
        clock_offset: i64::MAX,
        ..Options::default()
    };
    for options in [foreign, odd_path, odd_clock] {
        let problem = Sandbox::start(options).unwrap_err();
        assert_eq!(
            problem.kind(),
            std::io::ErrorKind::InvalidInput,
            "{problem}"
        );
    }
}
