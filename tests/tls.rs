//! TLS, terminated by HAProxy in front of the sandbox: which certificates the client trusts, and the
//! errors for the others.

mod support;

use diyalog::{Config, ErrorCode};
use diyalog_sandbox::Sandbox;
use diyalog_sandbox::pki::{self, Authority, Leaf, Validity};

use support::haproxy::{Haproxy, Pki};
use support::raw;
use support::{
    Scratch, assert_answers, assert_fails, assert_refused, assert_says, client, config,
    has_environment, sandbox,
};

/// A sandbox behind HAProxy with this leaf from the bank's authority.
fn bank_with(leaf: &Leaf) -> (Sandbox, Haproxy, Pki) {
    let (sandbox, pki) = (sandbox(), Pki::new());
    let bind = pki.bind_with(&pki.authority.issue(leaf));
    let haproxy = Haproxy::start(&bind, sandbox.address());
    (sandbox, haproxy, pki)
}

fn bank() -> (Sandbox, Haproxy, Pki) {
    bank_with(&Leaf::server(&["localhost"]))
}

fn trusting(haproxy: &Haproxy, pki: &Pki) -> Config {
    config(&haproxy.url("https")).ca_file(pki.ca_file())
}

#[test]
#[ignore = "needs haproxy"]
fn trusted_authority_is_accepted() {
    let (sandbox, haproxy, pki) = bank();
    // In addition to the system's store, and alone.
    for system_trust in [true, false] {
        let client = client(&trusting(&haproxy, &pki).system_trust(system_trust));
        for _ in 0..3 {
            assert_answers(&client);
        }
    }
    assert_eq!(sandbox.request_count(), 6);
    assert_eq!(haproxy.statuses_of(6), [200; 6]);
}

#[test]
#[ignore = "needs haproxy"]
fn any_authority_of_the_ca_file_is_trusted() {
    let (_sandbox, haproxy, pki) = bank();
    let (one, two) = (Authority::new("One"), Authority::new("Two"));
    let bundle = format!(
        "The bank's bundle.\n{}\n# and\n{}\r\n{}",
        one.pem(),
        pki.authority.pem(),
        two.pem()
    );
    let ca_file = pki.write("bundle.pem", bundle);
    assert_answers(&client(&trusting(&haproxy, &pki).ca_file(ca_file)));
}

#[test]
#[ignore = "needs haproxy"]
fn ip_address_on_the_certificate_is_accepted() {
    let (_sandbox, haproxy, pki) = bank_with(&Leaf::server(&["127.0.0.1"]));
    let url = format!("https://127.0.0.1:{}", haproxy.port);
    assert_answers(&client(&config(&url).ca_file(pki.ca_file())));
}

/// Asserts that a lookup fails with this TLS error, without a retry and without sending a request.
#[track_caller]
fn assert_tls_error(config: &Config, sandbox: &Sandbox, says: &[&str]) {
    let error = assert_fails(&client(config), ErrorCode::Tls);
    assert_says(&error, says);
    assert!(!error.is_retryable());
    assert_eq!(error.http_status(), None);
    assert_eq!(sandbox.request_count(), 0);
}

#[test]
#[ignore = "needs haproxy"]
fn unknown_authority_names_ca_file() {
    let (sandbox, haproxy, pki) = bank();
    let says = ["localhost", "unknown issuer", "ca_file"];
    assert_tls_error(&config(&haproxy.url("https")), &sandbox, &says);
    // With the same name, but another key.
    let impostor = pki.write("impostor.pem", Authority::new("The Bank's Own CA").pem());
    let says = ["has the name, but not the key", "ca_file"];
    assert_tls_error(&trusting(&haproxy, &pki).ca_file(impostor), &sandbox, &says);
}

#[test]
#[ignore = "needs haproxy"]
fn wrong_name_lists_the_certificates_names() {
    let (sandbox, haproxy, pki) = bank_with(&Leaf::server(&["api.bank.example", "10.0.0.7"]));
    let says = ["localhost", "wrong name", "api.bank.example", "endpoint"];
    assert_tls_error(&trusting(&haproxy, &pki), &sandbox, &says);
}

#[test]
#[ignore = "needs haproxy"]
fn expired_and_future_certificates_are_reported_with_the_date() {
    for (validity, says) in [
        (Validity::EXPIRED, ["expired on", " GMT", "renew"]),
        (Validity::NOT_YET, ["not yet valid", " GMT", "clock"]),
    ] {
        let leaf = Leaf {
            validity,
            ..Leaf::server(&["localhost"])
        };
        let (sandbox, haproxy, pki) = bank_with(&leaf);
        assert_tls_error(&trusting(&haproxy, &pki), &sandbox, &says);
    }
}

#[test]
#[ignore = "needs haproxy"]
fn self_signed_certificate_is_reported() {
    let (sandbox, pki) = (sandbox(), Pki::new());
    let own = pki::self_signed(&Leaf::server(&["localhost"]));
    let haproxy = Haproxy::start(&pki.bind_with(&own), sandbox.address());
    let says = ["self-signed", "ca_file"];
    assert_tls_error(&trusting(&haproxy, &pki), &sandbox, &says);
}

#[test]
#[ignore = "needs haproxy"]
fn certificate_for_another_purpose_is_rejected() {
    let leaf = Leaf {
        names: vec!["localhost".to_owned()],
        ..Leaf::client("localhost")
    };
    let (sandbox, haproxy, pki) = bank_with(&leaf);
    assert_tls_error(&trusting(&haproxy, &pki), &sandbox, &["not accepted"]);
}

#[test]
#[ignore = "needs haproxy"]
fn tls_1_2_and_1_3_are_accepted() {
    let pki = Pki::new();
    for versions in ["TLSv1.2", "TLSv1.3"] {
        let sandbox = sandbox();
        let bind = format!(
            "{} ssl-min-ver {versions} ssl-max-ver {versions}",
            pki.bind()
        );
        let haproxy = Haproxy::start(&bind, sandbox.address());
        let client = client(&trusting(&haproxy, &pki));
        for _ in 0..3 {
            assert_answers(&client);
        }
        assert_eq!(sandbox.request_count(), 3);
    }
}

#[test]
#[ignore = "needs haproxy"]
fn server_with_old_tls_is_reported() {
    let pki = Pki::new();
    for old in [
        // OpenSSL offers old versions only at security level 0.
        "ssl-min-ver TLSv1.0 ssl-max-ver TLSv1.1 ciphers ALL:@SECLEVEL=0",
        "ssl-max-ver TLSv1.2 ciphers ECDHE-ECDSA-AES128-SHA",
    ] {
        let sandbox = sandbox();
        let haproxy = Haproxy::start(&format!("{} {old}", pki.bind()), sandbox.address());
        let says = ["TLS 1.2 or 1.3", "cipher suites"];
        assert_tls_error(&trusting(&haproxy, &pki), &sandbox, &says);
    }
}

#[test]
fn port_without_tls_is_reported() {
    let sandbox = sandbox();
    let url = sandbox.url().replace("http:", "https:");
    let says = ["does not speak TLS", "port", "http://"];
    assert_tls_error(&config(&url), &sandbox, &says);
}

#[test]
#[ignore = "needs haproxy"]
fn plain_http_to_a_tls_port_suggests_https() {
    let (sandbox, haproxy, _pki) = bank();
    // HAProxy closes the connection without a response.
    let client = client(&config(&haproxy.url("http")).max_retries(0));
    let error = assert_fails(&client, ErrorCode::ConnectionLost);
    assert_says(&error, &["localhost", "speaks TLS", "https://"]);
    assert_eq!(sandbox.request_count(), 0);
}

/// Other servers respond with a TLS alert.
#[test]
fn tls_alert_to_plain_http_suggests_https() {
    let sandbox = support::tls_sandbox();
    let url = sandbox.url().replace("https:", "http:");
    let error = assert_fails(&client(&config(&url)), ErrorCode::InvalidResponse);
    assert_says(&error, &["https if the port speaks TLS"]);
}

#[test]
#[ignore = "needs haproxy"]
fn unavailable_backend_is_retried() {
    let pki = Pki::new();
    let nobody = ([127, 0, 0, 1], raw::free_port()).into();
    let haproxy = Haproxy::start(&pki.bind(), nobody);
    let error = assert_fails(&client(&trusting(&haproxy, &pki)), ErrorCode::HttpStatus);
    assert_eq!(error.http_status(), Some(503));
    assert!(error.is_retryable());
    assert_eq!(
        haproxy.statuses_of(3),
        [503; 3],
        "the first attempt and two more"
    );
}

#[test]
fn unusable_ca_file_is_rejected_by_name() {
    let files = Scratch::new();
    let good = Authority::new("Good").pem().to_owned();
    let damaged = good.replacen("MII", "!!!", 1);
    let not_der = good.lines().take(2).collect::<Vec<_>>().join("\n");
    for (name, content, says) in [
        ("empty.pem", "", "no certificate"),
        ("text.pem", "the CA of the bank", "no certificate"),
        ("damaged.pem", &damaged, "damaged"),
        (
            "cut.pem",
            &format!("{not_der}\n-----END CERTIFICATE-----\n"),
            "cannot be used",
        ),
        ("unended.pem", &not_der, "damaged"),
    ] {
        let path = files.write(name, content);
        let config = config("https://api.example").ca_file(&path);
        let message = assert_refused(&config);
        assert!(message.starts_with("ca_file "), "{message}");
        assert!(
            message.contains(name) && message.contains(says),
            "{message}"
        );
    }
    let missing = config("https://api.example").ca_file(files.at("missing.pem"));
    let message = assert_refused(&missing);
    assert!(message.contains("ca_file") && message.contains("cannot be read"));
}

/// Runs in a process whose system store contains only this sandbox's authority.
#[test]
fn system_store_is_trusted_unless_disabled() {
    let (sandbox, files) = (support::tls_sandbox(), Scratch::new());
    let store = files.write("store.pem", sandbox.ca_pem());
    let other = files.write("other.pem", Authority::new("Other").pem());
    let test = "system_store_is_trusted_unless_disabled";
    let variables = [
        ("SSL_CERT_FILE", store.to_str().expect("is text")),
        ("OTHER_CA", other.to_str().expect("is text")),
        ("SANDBOX_URL", sandbox.url()),
    ];
    if !has_environment(test, &variables) {
        assert_eq!(sandbox.request_count(), 2);
        return;
    }
    let [url, other] = ["SANDBOX_URL", "OTHER_CA"].map(|name| std::env::var(name).unwrap());
    let config = config(&url);
    assert_answers(&client(&config));
    let with_other = config.ca_file(other);
    assert_answers(&client(&with_other));
    let error = assert_fails(&client(&with_other.system_trust(false)), ErrorCode::Tls);
    assert_says(&error, &["unknown issuer"]);
}

#[test]
fn empty_system_store_is_reported() {
    let files = Scratch::new();
    let nothing = files.write("nothing.pem", "");
    let test = "empty_system_store_is_reported";
    let variables = [
        ("SSL_CERT_FILE", nothing.to_str().expect("is text")),
        ("SSL_CERT_DIR", files.path().to_str().expect("is text")),
    ];
    if has_environment(test, &variables) {
        let message = assert_refused(&config("https://api.example"));
        assert!(
            message.contains("store") && message.contains("ca_file"),
            "{message}"
        );
        let ca_file = Scratch::new();
        let ca_file = ca_file.write("ca.pem", Authority::new("CA").pem());
        client(&config("https://api.example").ca_file(ca_file));
    }
}
