//! The effect of each setting on the wire.

mod support;

use std::time::Duration;

use diyalog::{CallOptions, Client, Config, DateZone, ErrorCode};
use diyalog_sandbox::{
    CannedAnswer, DEFAULT_ACCESS_KEY_ID, DEFAULT_ACCESS_KEY_SECRET, Fault, Options,
    RecordedRequest, Sandbox,
};

use support::{
    CUSTOMER, Scratch, assert_answers, assert_fails, assert_refused, assert_says, client, config,
    has_environment, look_up_at_once, sandbox, tls_sandbox,
};

/// The one request that a lookup with these settings makes.
fn request_with(set: impl FnOnce(Config) -> Config) -> RecordedRequest {
    let sandbox = sandbox();
    assert_answers(&client(&set(config(sandbox.url()))));
    let mut requests = sandbox.requests();
    assert_eq!(requests.len(), 1);
    requests.remove(0)
}

#[test]
fn request_has_the_documented_headers_and_few_others() {
    let request = request_with(|config| config);
    let mut names: Vec<&str> = request
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "content-length",
            "content-type",
            "host",
            "user-agent",
            "x-dlg-authorization",
            "x-dlg-date",
            "x-dlg-requester-userid",
        ]
    );
    assert_eq!(request.method, "POST");
    assert_eq!(request.path, "/v1/application/iscustomerinonlinehelp");
    assert_eq!(request.body, r#"{"customerId":"70022"}"#);
    assert_eq!(request.header("content-type"), Some("application/json"));
    let product = concat!("diyalog/", env!("CARGO_PKG_VERSION"));
    assert_eq!(request.header("user-agent"), Some(product));
}

#[test]
fn user_agent_contains_the_suffix() {
    let request = request_with(|config| config.user_agent_suffix("CallCenter/7.1 (İzmir)"));
    let agent = request.header("user-agent").expect("is sent");
    assert!(agent.starts_with("diyalog/") && agent.ends_with(" CallCenter/7.1 (İzmir)"));
}

#[test]
fn date_ends_with_the_zone_that_is_set() {
    for (zone, ending) in [(DateZone::Gmt, " GMT"), (DateZone::Numeric, " +0000")] {
        let request = request_with(|config| config.date_zone(zone));
        let date = request.header("x-dlg-date").expect("is sent");
        assert!(date.ends_with(ending), "{date}");
    }
}

#[test]
fn requester_of_a_call_overrides_the_clients() {
    let sandbox = sandbox();
    let client = client(&config(sandbox.url()).requester_user_id("45186"));
    assert_answers(&client);
    let for_another = CallOptions::new().requester_user_id("45187");
    client
        .is_customer_in_online_help_with(CUSTOMER, for_another)
        .expect("a response");
    assert_answers(&client);
    let requests = sandbox.requests();
    let requesters = requests
        .iter()
        .map(|request| request.header("x-dlg-requester-userid").expect("is sent"));
    assert_eq!(requesters.collect::<Vec<_>>(), ["45186", "45187", "45186"]);
}

#[test]
fn requester_is_required_for_the_client_or_the_call() {
    let sandbox = sandbox();
    let nobody =
        Config::new(sandbox.url()).credentials(DEFAULT_ACCESS_KEY_ID, DEFAULT_ACCESS_KEY_SECRET);
    let error = assert_fails(&client(&nobody), ErrorCode::InvalidArgument);
    assert_says(&error, &["requester_user_id"]);
    assert_eq!(sandbox.request_count(), 0);
}

#[test]
fn path_follows_the_base_path() {
    let sandbox = Sandbox::start(Options {
        base_path: "/gateway/diyalog".to_owned(),
        ..Options::default()
    })
    .expect("a sandbox starts");
    assert_answers(&client(&config(sandbox.url())));
    assert_answers(&client(&config(&format!("{}/", sandbox.url()))));
    let elsewhere = sandbox.url().replace("/gateway/diyalog", "");
    let error = assert_fails(&client(&config(&elsewhere)), ErrorCode::HttpStatus);
    assert_eq!(error.http_status(), Some(404));
    assert_says(&error, &["endpoint"]);
}

#[test]
fn secret_may_be_bytes() {
    let secret = [0, 159, 146, 150, 10, 255];
    let sandbox = Sandbox::start(Options {
        access_key_secret: secret.to_vec(),
        ..Options::default()
    })
    .expect("a sandbox starts");
    let config = config(sandbox.url()).credentials(DEFAULT_ACCESS_KEY_ID, secret);
    assert_answers(&client(&config));
}

#[test]
fn wrong_credentials_are_reported() {
    let sandbox = sandbox();
    for (id, secret) in [
        (DEFAULT_ACCESS_KEY_ID, "another"),
        ("another", DEFAULT_ACCESS_KEY_SECRET),
    ] {
        let config = config(sandbox.url()).credentials(id, secret);
        let error = assert_fails(&client(&config), ErrorCode::Unauthorized);
        assert_says(&error, &["access_key_id", "access_key_secret"]);
        assert!(!error.message().contains(secret), "{error}");
    }
}

#[test]
fn timeout_of_a_call_overrides_the_clients() {
    let sandbox = sandbox();
    let hurried = Duration::from_millis(100);
    sandbox.push_fault_times(Fault::Silence, 2);
    let patient = client(&config(sandbox.url()));
    let options = CallOptions::new().timeout(hurried);
    let error = patient
        .is_customer_in_online_help_with(CUSTOMER, options)
        .expect_err("no answer");
    assert_says(&error, &["100 ms"]);
    let hurried = client(&config(sandbox.url()).timeout(hurried));
    assert_fails(&hurried, ErrorCode::Timeout);
    assert_answers(&hurried);
}

#[test]
fn plain_http_to_other_machines_is_rejected_unless_allowed() {
    let message = assert_refused(&config("http://api.example"));
    assert!(message.contains("allow_plain_http"), "{message}");
    let allowed = config("http://api.invalid").allow_plain_http(true);
    assert_fails(&client(&allowed), ErrorCode::Resolve);
}

/// The environment wins over earlier settings; others are unchanged.
#[test]
fn environment_overrides_settings() {
    let test = "environment_overrides_settings";
    let (sandbox, files) = (tls_sandbox(), Scratch::new());
    let ca_file = files.write("ca.pem", sandbox.ca_pem());
    let inside = has_environment(
        test,
        &[
            ("DIYALOG_ENDPOINT", sandbox.url()),
            ("DIYALOG_ACCESS_KEY_ID", DEFAULT_ACCESS_KEY_ID),
            ("DIYALOG_ACCESS_KEY_SECRET", DEFAULT_ACCESS_KEY_SECRET),
            ("DIYALOG_REQUESTER_USER_ID", "45188"),
            ("DIYALOG_TIMEOUT_MS", "20000"),
            ("DIYALOG_ATTEMPT_TIMEOUT_MS", "10000"),
            ("DIYALOG_MAX_RETRIES", "0"),
            ("DIYALOG_CA_FILE", ca_file.to_str().expect("is text")),
            ("DIYALOG_PROXY", ""),
        ],
    );
    if inside {
        let config = Config::new("https://elsewhere.invalid")
            .load_env()
            .expect("the variables are valid");
        assert_answers(&Client::new(&config).expect("the settings are valid"));
        return;
    }
    let requests = sandbox.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].header("x-dlg-requester-userid"), Some("45188"));
}

#[test]
fn environment_is_read_only_by_load_env() {
    let test = "environment_is_read_only_by_load_env";
    let variables = [
        ("DIYALOG_ENDPOINT", "https://elsewhere.invalid"),
        ("DIYALOG_REQUESTER_USER_ID", "45188"),
        ("DIYALOG_PROXY", "http://127.0.0.1:9"),
    ];
    if has_environment(test, &variables) {
        let request = request_with(|config| config);
        assert_eq!(request.header("x-dlg-requester-userid"), Some("45186"));
    }
}

#[test]
fn longest_requester_is_sent_and_a_longer_one_rejected() {
    let sandbox = sandbox();
    let longest = "ş".repeat(4096);
    let client = client(&config(sandbox.url()).max_retries(0));
    let look_up_for = |requester: &str| {
        let options = CallOptions::new().requester_user_id(requester);
        client.is_customer_in_online_help_with(CUSTOMER, options)
    };
    look_up_for(&longest).expect("a response");
    let error = look_up_for(&format!("{longest}7")).expect_err("too long");
    assert_eq!(error.code(), ErrorCode::InvalidArgument);
    assert_eq!(error.argument(), Some("requester_user_id"));
    let requests = sandbox.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(
        requests[0].header("x-dlg-requester-userid"),
        Some(longest.as_str())
    );
}

#[test]
fn an_untrimmed_customer_id_is_rejected_before_anything_is_sent() {
    let sandbox = sandbox();
    let client = client(&config(sandbox.url()));
    for id in [
        "70022 ",
        "\t70022",
        "70022\r\n",
        "70\u{0}022",
        "\u{a0}70022",
    ] {
        let error = client
            .is_customer_in_online_help(id)
            .expect_err("not an id");
        assert_eq!(error.code(), ErrorCode::InvalidArgument, "{id:?}");
        assert_eq!(error.argument(), Some("customer_id"), "{id:?}");
    }
    assert_eq!(sandbox.request_count(), 0);
}

#[test]
fn retry_after_reaches_the_caller() {
    let sandbox = sandbox();
    let client = client(&config(sandbox.url()).max_retries(0));
    let answer = |headers: &[(&str, &str)]| {
        let answer = headers
            .iter()
            .fold(CannedAnswer::new(503), |answer, (name, value)| {
                answer.header(name, value)
            });
        sandbox.push_fault(answer);
        assert_fails(&client, ErrorCode::HttpStatus).retry_after()
    };
    assert_eq!(answer(&[]), None);
    let seconds = answer(&[("Retry-After", "120")]);
    assert_eq!(seconds, Some(Duration::from_secs(120)));
    let date = answer(&[
        ("Date", "Tue, 09 Mar 2021 13:28:32 GMT"),
        ("Retry-After", "Tue, 09 Mar 2021 13:28:42 GMT"),
    ]);
    assert_eq!(date, Some(Duration::from_secs(10)));
}

#[test]
fn an_attempt_timeout_leaves_time_for_a_retry() {
    let sandbox = sandbox();
    let hurried = config(sandbox.url()).attempt_timeout(Duration::from_millis(200));
    sandbox.push_fault(Fault::Silence);
    assert_answers(&client(&hurried));
    assert_eq!(sandbox.request_count(), 2);

    sandbox.push_fault_times(Fault::Silence, 2);
    let error = assert_fails(&client(&hurried.max_retries(1)), ErrorCode::Timeout);
    assert_says(&error, &["200 ms", "attempt_timeout_ms"]);
    assert_eq!(sandbox.request_count(), 4);
}

#[test]
fn burst_of_forty_calls_does_not_reconnect() {
    let sandbox = sandbox();
    let client = client(&config(sandbox.url()));
    for _ in 0..3 {
        look_up_at_once(&sandbox, &client, 40);
    }
    assert_eq!(sandbox.connection_count(), 40);
}
