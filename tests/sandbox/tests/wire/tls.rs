//! TLS: whom the sandbox convinces, and whom it lets in.

use diyalog_sandbox::pki::{Authority, Issued, Leaf, Validity, self_signed};
use diyalog_sandbox::{Options, Sandbox, TlsOptions};
use ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig};

use crate::client::{Answer, Client};

fn sandbox_with(tls: TlsOptions) -> Sandbox {
    Sandbox::start(Options {
        tls: Some(tls),
        ..Options::default()
    })
    .unwrap()
}

fn trusting(ca_pem: &str) -> TlsConfig {
    trusting_and_showing(ca_pem, None)
}

fn trusting_and_showing(ca_pem: &str, shown: Option<&Issued>) -> TlsConfig {
    let ca = Certificate::from_pem(ca_pem.as_bytes()).unwrap();
    let client_certificate = shown.map(|issued| {
        ClientCert::new_with_certs(
            &[Certificate::from_pem(issued.certificate_pem.as_bytes()).unwrap()],
            PrivateKey::from_pem(issued.key_pem.as_bytes()).unwrap(),
        )
    });
    TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&[ca]))
        .client_cert(client_certificate)
        .build()
}

fn ask(sandbox: &Sandbox, tls: TlsConfig) -> Result<Answer, String> {
    Client::with_tls(sandbox, tls)
        .ask("70022")
        .map_err(|problem| format!("{problem:?}"))
}

#[test]
fn client_that_trusts_the_throw_away_ca_is_accepted() {
    let sandbox = sandbox_with(TlsOptions::default());
    assert!(sandbox.url().starts_with("https://127.0.0.1:"));
    assert_eq!(
        ask(&sandbox, trusting(sandbox.ca_pem())).unwrap().json()["staffId"],
        "45001"
    );

    let by_name = format!("https://localhost:{}", sandbox.address().port());
    let client = Client::at(&by_name, trusting(sandbox.ca_pem()));
    assert_eq!(client.ask("70022").unwrap().status, 200);
}

#[test]
fn everybody_else_is_not() {
    let sandbox = sandbox_with(TlsOptions::default());
    let told = ask(&sandbox, trusting(Authority::new("another").pem())).unwrap_err();
    assert!(
        told.contains("UnknownIssuer") || told.contains("BadSignature"),
        "{told}"
    );
    assert_eq!(sandbox.request_count(), 0);
}

#[test]
fn certificate_can_be_invalid_in_each_way() {
    let good = TlsOptions::default();
    let elsewhere = vec!["diyalog.example".to_owned()];
    for (tls, expected) in [
        (
            TlsOptions {
                server_names: elsewhere,
                ..good.clone()
            },
            "NotValidForName",
        ),
        (
            TlsOptions {
                validity: Validity::EXPIRED,
                ..good.clone()
            },
            "Expired",
        ),
        (
            TlsOptions {
                validity: Validity::NOT_YET,
                ..good.clone()
            },
            "NotValidYet",
        ),
    ] {
        let sandbox = sandbox_with(tls);
        let told = ask(&sandbox, trusting(sandbox.ca_pem())).unwrap_err();
        assert!(told.contains(expected), "{expected}: {told}");
    }

    let self_signed = sandbox_with(TlsOptions {
        self_signed: true,
        ..good
    });
    let told = ask(&self_signed, trusting(Authority::new("another").pem())).unwrap_err();
    assert!(told.contains("UnknownIssuer"), "{told}");
    assert_eq!(
        ask(&self_signed, trusting(self_signed.ca_pem()))
            .unwrap()
            .status,
        200
    );
}

#[test]
fn a_client_certificate_can_be_required() {
    let clients = Authority::new("clients");
    let sandbox = sandbox_with(TlsOptions {
        require_client_certificate: Some(clients.pem().to_owned()),
        ..TlsOptions::default()
    });
    let ca_pem = sandbox.ca_pem();
    let showing = |issued: &Issued| ask(&sandbox, trusting_and_showing(ca_pem, Some(issued)));

    assert_eq!(
        showing(&clients.issue(&Leaf::client("call-center")))
            .unwrap()
            .status,
        200
    );

    assert!(ask(&sandbox, trusting(ca_pem)).is_err());
    assert!(showing(&Authority::new("others").issue(&Leaf::client("call-center"))).is_err());
    assert!(showing(&clients.issue(&Leaf::server(&["call-center"]))).is_err());
    assert!(showing(&self_signed(&Leaf::client("call-center"))).is_err());
    assert_eq!(sandbox.request_count(), 1);
}

#[test]
fn invalid_tls_options_are_rejected() {
    let good = TlsOptions::default();
    for tls in [
        TlsOptions {
            server_names: Vec::new(),
            ..good.clone()
        },
        TlsOptions {
            server_names: vec!["müşteri".to_owned()],
            ..good.clone()
        },
        TlsOptions {
            require_client_certificate: Some("no PEM".to_owned()),
            ..good.clone()
        },
    ] {
        let problem = Sandbox::start(Options {
            tls: Some(tls),
            ..Options::default()
        })
        .unwrap_err();
        assert_eq!(problem.kind(), std::io::ErrorKind::InvalidInput);
    }
}

#[test]
fn the_keys_are_pem_of_the_usual_kind() {
    let issued = Authority::new("any").issue(&Leaf::server(&["localhost", "127.0.0.1"]));
    assert!(
        issued
            .certificate_pem
            .starts_with("-----BEGIN CERTIFICATE-----")
    );
    assert!(issued.key_pem.starts_with("-----BEGIN PRIVATE KEY-----"));
}

#[test]
fn the_page_is_its_own_origin_with_tls_too() {
    let sandbox = sandbox_with(TlsOptions {
        server_names: vec!["127.0.0.1".to_owned(), "sandbox.example".to_owned()],
        ..TlsOptions::default()
    });
    let client = Client::with_tls(&sandbox, trusting(sandbox.ca_pem()));
    let set_clock = |host: &str, origin: &str| {
        let headers = [("host", host.to_owned()), ("origin", origin.to_owned())];
        let path = "/sandbox/form/clock";
        let answer = client.exchange("POST", path, &headers, b"offsetSeconds=0");
        answer.unwrap().status
    };
    let address = sandbox.address().to_string();
    assert_eq!(set_clock(&address, &format!("https://{address}")), 303);
    assert_eq!(set_clock(&address, &format!("http://{address}")), 403);
    assert_eq!(set_clock("sandbox.example", "https://sandbox.example"), 303);
    assert_eq!(set_clock("another.example", "https://another.example"), 403);

    let fields = b"method=POST&path=/v1/a&contentType=a&requester=1&accessKeyId=k";
    let signed = client
        .exchange("POST", "/sandbox/form/sign", &[], fields)
        .unwrap();
    let command = "--cacert ca.pem 'https://127.0.0.1:";
    assert!(signed.body.contains(command), "{}", signed.body);
}
