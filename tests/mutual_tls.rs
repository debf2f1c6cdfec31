//! Mutual TLS: HAProxy requests a client certificate.

mod support;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use diyalog::{Config, ErrorCode};
use diyalog_sandbox::Sandbox;
use diyalog_sandbox::pki::{Authority, Leaf, Validity};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection};
use socket2::SockRef;

use support::haproxy::{Haproxy, Pki};
use support::raw::Listener;
use support::{
    Scratch, assert_answers, assert_fails, assert_refused, assert_says, client, command, config,
    sandbox,
};

const VERSIONS: [&str; 2] = ["TLSv1.2", "TLSv1.3"];

/// A sandbox behind a HAProxy that accepts only clients with a certificate of the bank's authority.
fn strict_bank(version: &str) -> (Sandbox, Haproxy, Pki) {
    let (sandbox, pki) = (sandbox(), Pki::new());
    let bind = format!(
        "{} verify required ca-file {} ssl-min-ver {version} ssl-max-ver {version}",
        pki.bind(),
        pki.ca_file().display()
    );
    let haproxy = Haproxy::start(&bind, sandbox.address());
    (sandbox, haproxy, pki)
}

fn trusting(haproxy: &Haproxy, pki: &Pki) -> Config {
    config(&haproxy.url("https")).ca_file(pki.ca_file())
}

#[test]
#[ignore = "needs haproxy"]
fn client_certificate_is_accepted() {
    for version in VERSIONS {
        let (sandbox, haproxy, pki) = strict_bank(version);
        let issued = pki.authority.issue(&Leaf::client("call-center"));
        let (certificate, key) = pki.client_files(&issued);
        let client = client(&trusting(&haproxy, &pki).client_certificate(certificate, key));
        for _ in 0..3 {
            assert_answers(&client);
        }
        assert_eq!(sandbox.request_count(), 3, "{version}");
        assert_eq!(sandbox.connection_count(), 1, "{version}");
    }
}

/// With TLS 1.3 the server's rejection arrives after the request was sent, and the reset of the
/// connection may discard it. Hence many tries.
#[test]
#[ignore = "needs haproxy"]
fn missing_client_certificate_names_the_setting() {
    for version in VERSIONS {
        let (sandbox, haproxy, pki) = strict_bank(version);
        let client = client(&trusting(&haproxy, &pki));
        for _ in 0..40 {
            let error = assert_fails(&client, ErrorCode::Tls);
            assert_says(&error, &["client_certificate_file", "client_key_file"]);
            assert!(!error.is_retryable());
        }
        assert_eq!(sandbox.request_count(), 0, "{version}");
    }
}

#[test]
#[ignore = "needs haproxy"]
fn rejected_client_certificate_is_reported() {
    for version in VERSIONS {
        let (sandbox, haproxy, pki) = strict_bank(version);
        let expired = Leaf {
            validity: Validity::EXPIRED,
            ..Leaf::client("call-center")
        };
        for issued in [
            Authority::new("Another CA").issue(&Leaf::client("call-center")),
            pki.authority.issue(&expired),
        ] {
            let (certificate, key) = pki.client_files(&issued);
            let config = trusting(&haproxy, &pki).client_certificate(certificate, key);
            let error = assert_fails(&client(&config), ErrorCode::Tls);
            assert_says(&error, &["rejected", "client_certificate_file"]);
        }
        assert_eq!(sandbox.request_count(), 0, "{version}");
    }
}

/// The server requests a certificate, but does not require one.
#[test]
#[ignore = "needs haproxy"]
fn optional_client_certificate_may_be_missing() {
    let (sandbox, pki) = (sandbox(), Pki::new());
    let ca_file = pki.ca_file();
    let bind = format!(
        "{} verify optional ca-file {}",
        pki.bind(),
        ca_file.display()
    );
    let haproxy = Haproxy::start(&bind, sandbox.address());
    assert_answers(&client(&trusting(&haproxy, &pki)));
}

/// Converts a key to another format with openssl.
fn convert(key: &Path, to: PathBuf, arguments: &[&str]) -> PathBuf {
    let made = command("openssl")
        .args(arguments)
        .arg("-in")
        .arg(key)
        .arg("-out")
        .arg(&to)
        .output()
        .expect("openssl runs");
    assert!(made.status.success(), "{arguments:?}");
    to
}

#[test]
#[ignore = "needs haproxy"]
fn keys_are_accepted_in_every_format() {
    let (sandbox, haproxy, pki) = strict_bank("TLSv1.3");
    let (certificate, pkcs8) = pki.client_files(&pki.authority.issue(&Leaf::client("ec")));
    let files = Scratch::new();
    let sec1 = convert(&pkcs8, files.at("sec1.key"), &["ec"]);
    assert!(reads(&sec1).contains("BEGIN EC PRIVATE KEY"));
    assert!(reads(&pkcs8).contains("BEGIN PRIVATE KEY"));
    for key in [pkcs8, sec1] {
        let config = trusting(&haproxy, &pki).client_certificate(&certificate, key);
        assert_answers(&client(&config));
    }
    assert_eq!(sandbox.request_count(), 2);
}

fn reads(path: &Path) -> String {
    std::fs::read_to_string(path).expect("the file is there")
}

/// RSA keys are PKCS#8 or PKCS#1. The certificate is self-signed, made by openssl.
#[test]
#[ignore = "needs haproxy"]
fn rsa_keys_are_accepted() {
    let (files, sandbox, pki) = (Scratch::new(), sandbox(), Pki::new());
    let (pkcs8, certificate) = (files.at("pkcs8.key"), files.at("rsa.pem"));
    let made = command("openssl")
        .args([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
        ])
        .args(["-subj", "/CN=call-center", "-keyout"])
        .arg(&pkcs8)
        .arg("-out")
        .arg(&certificate)
        .output();
    assert!(made.expect("openssl runs").status.success());
    let pkcs1 = convert(&pkcs8, files.at("pkcs1.key"), &["rsa", "-traditional"]);
    assert!(reads(&pkcs1).contains("BEGIN RSA PRIVATE KEY"));

    let bind = pki.bind();
    let bind = format!("{bind} verify required ca-file {}", certificate.display());
    let haproxy = Haproxy::start(&bind, sandbox.address());
    for key in [&pkcs8, &pkcs1] {
        let config = trusting(&haproxy, &pki).client_certificate(&certificate, key);
        assert_answers(&client(&config));
    }
}

#[test]
#[ignore = "needs openssl"]
fn unusable_files_are_rejected_by_setting_and_name() {
    let pki = Pki::new();
    let issue = || pki.authority.issue(&Leaf::client("call-center"));
    let (certificate, key) = pki.client_files(&issue());
    let other_key = pki.write("other.key", issue().key_pem);
    let encrypted = convert(
        &key,
        pki.write("encrypted.key", ""),
        &["pkcs8", "-topk8", "-passout", "pass:secret"],
    );
    let encrypted_sec1 = convert(
        &key,
        pki.write("encrypted-sec1.key", ""),
        &["ec", "-aes128", "-passout", "pass:secret"],
    );
    let text = pki.write("text.pem", "not PEM at all");
    let missing = PathBuf::from("/nonexistent/client.key");
    for (certificate, key, says) in [
        (
            &certificate,
            &other_key,
            ["client_key_file", "is not the key"],
        ),
        (&certificate, &encrypted, ["client_key_file", "encrypted"]),
        (
            &certificate,
            &encrypted_sec1,
            ["client_key_file", "encrypted"],
        ),
        (&certificate, &text, ["client_key_file", "no private key"]),
        (
            &certificate,
            &missing,
            ["client_key_file", "cannot be read"],
        ),
        (
            &certificate,
            &certificate,
            ["client_key_file", "no private key"],
        ),
        (&text, &key, ["client_certificate_file", "no certificate"]),
        (&key, &key, ["client_certificate_file", "no certificate"]),
        (
            &missing,
            &key,
            ["client_certificate_file", "cannot be read"],
        ),
    ] {
        let config = config("https://api.example").client_certificate(certificate, key);
        let message = assert_refused(&config);
        for part in says {
            assert!(message.contains(part), "no \"{part}\" in: {message}");
        }
        assert!(!message.contains("secret"), "{message}");
    }
}

/// Line breaks get lost in a variable or in JSON. A message that quoted the line would then contain
/// the key.
#[test]
fn key_without_line_breaks_is_rejected_and_not_quoted() {
    let (files, authority) = (Scratch::new(), Authority::new("Bank"));
    let issued = authority.issue(&Leaf::client("call-center"));
    let certificate = files.write("client.pem", &issued.certificate_pem);
    let lines: Vec<&str> = issued.key_pem.lines().collect();
    let secret = lines[1];
    let bytes = |text: &str| format!("{:?}", text.as_bytes());
    let in_numbers = bytes(&secret[..8]);
    for damaged in [
        lines.concat(),
        lines[..lines.len() - 1].concat(),
        lines[..lines.len() - 1].join("\n"),
        lines.join("\n").replacen(&secret[..8], "\u{7f}", 1),
    ] {
        let key = files.write("joined.key", &damaged);
        let config = config("https://api.example").client_certificate(&certificate, key);
        let message = assert_refused(&config);
        assert!(message.contains("joined.key is damaged"), "{message}");
        assert!(!message.contains(&secret[..8]), "{message}");
        assert!(
            !message.contains(in_numbers.trim_matches(['[', ']'])),
            "{message}"
        );
    }
}

/// A TLS 1.3 server that rejects the client's certificate and closes at once, so that the reset of the
/// connection discards the alert.
fn server_that_resets(authority: &Authority) -> Listener {
    let mut roots = RootCertStore::empty();
    let ca = CertificateDer::from_pem_slice(authority.pem().as_bytes()).expect("is PEM");
    roots.add(ca).expect("is an authority");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .build()
            .expect("has an authority");
    let issued = authority.issue(&Leaf::server(&["127.0.0.1"]));
    let certificate = CertificateDer::from_pem_slice(issued.certificate_pem.as_bytes());
    let key = PrivateKeyDer::from_pem_slice(issued.key_pem.as_bytes());
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("ring speaks it")
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![certificate.expect("is PEM")], key.expect("is PEM"))
        .expect("the key fits");
    let config = Arc::new(config);
    Listener::start(move |mut stream| {
        let mut session = ServerConnection::new(Arc::clone(&config)).expect("a session");
        // The alert is not written.
        while session.is_handshaking() {
            while session.wants_write() {
                session.write_tls(&mut stream).expect("the client reads");
            }
            if !matches!(session.read_tls(&mut stream), Ok(1..))
                || session.process_new_packets().is_err()
            {
                break;
            }
        }
        let _ = SockRef::from(&stream).set_linger(Some(Duration::ZERO));
    })
}

#[test]
fn rejection_lost_in_a_reset_is_reported() {
    let pki = Pki::new();
    let server = server_that_resets(&pki.authority);
    let trusting = config(&server.url("https")).ca_file(pki.ca_file());
    let error = assert_fails(&client(&trusting), ErrorCode::Tls);
    assert_says(&error, &["client_certificate_file", "client_key_file"]);
    assert_eq!(server.accepted(), 1, "it is not retried");

    // With a certificate the network may be the cause.
    let another = Authority::new("Another CA").issue(&Leaf::client("call-center"));
    let (certificate, key) = pki.client_files(&another);
    let config = trusting.client_certificate(certificate, key).max_retries(1);
    let error = assert_fails(&client(&config), ErrorCode::ConnectionLost);
    assert_says(&error, &["client_certificate_file"]);
    assert_eq!(server.accepted(), 3);
}
