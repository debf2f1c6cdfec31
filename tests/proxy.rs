//! The forward proxy: Squid tunnels the lookup with CONNECT, or the error has the reason.

mod support;

use std::io::Write;

use diyalog::{Config, ErrorCode};
use diyalog_sandbox::{Fault, Sandbox};

use support::raw::{self, Listener, free_port};
use support::squid::{Access, Squid};
use support::{
    Scratch, assert_answers, assert_fails, assert_refused, assert_says, client, config,
    has_environment, look_up, sandbox, tls_sandbox,
};

/// A TLS sandbox and settings that trust it.
fn bank() -> (Sandbox, Config, Scratch) {
    let (sandbox, files) = (tls_sandbox(), Scratch::new());
    let config = config(sandbox.url()).ca_file(files.write("ca.pem", sandbox.ca_pem()));
    (sandbox, config, files)
}

#[test]
#[ignore = "needs squid"]
fn lookup_through_a_proxy_succeeds() {
    let squid = Squid::start(Access::Everybody);
    let (sandbox, config, _files) = bank();
    let through = client(&config.proxy(squid.url()));
    for _ in 0..5 {
        assert_answers(&through);
    }
    assert_eq!(sandbox.connection_count(), 1, "the tunnel is reused");
    drop(through);
    support::wait_until("Squid logs it", || squid.results() == ["TCP_TUNNEL/200"]);
}

#[test]
#[ignore = "needs squid"]
fn dead_tunnel_is_replaced_without_a_retry() {
    let squid = Squid::start(Access::Everybody);
    let (sandbox, config, _files) = bank();
    let through = client(&config.proxy(squid.url()).max_retries(0));
    for lookups in 1..=3 {
        sandbox.push_fault(Fault::CloseAfter);
        assert_answers(&through);
        support::wait_until("it is closed", || sandbox.open_connections() == 0);
        assert_eq!(sandbox.connection_count(), lookups);
    }
}

#[test]
fn plain_http_uses_connect() {
    let proxy = Listener::start(|mut stream| {
        let request = raw::read_request(&mut stream).expect("a request");
        assert!(request.starts_with(b"CONNECT api.example:80 HTTP/1.1\r\n"));
        let _ = stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n");
        while raw::read_request(&mut stream).is_some() {
            let _ = stream.write_all(&raw::not_in_help());
        }
    });
    let config = config("http://api.example").allow_plain_http(true);
    let through = client(&config.proxy(proxy.url("http")));
    assert!(!look_up(&through).expect("a response").is_in_help);
    assert_eq!(proxy.accepted(), 1);
}

/// The proxy would receive the signed request unencrypted, and connect to itself.
#[test]
fn plain_http_to_a_loopback_address_never_uses_a_proxy() {
    let (sandbox, proxy) = (sandbox(), raw::silent());
    for url in [
        sandbox.url().to_owned(),
        sandbox.url().replace("127.0.0.1", "localhost"),
    ] {
        let direct = config(&url).proxy(proxy.url("http"));
        assert_answers(&client(&direct));
        assert_answers(&client(&direct.allow_plain_http(true)));
    }
    assert_eq!(proxy.accepted(), 0);
}

#[test]
#[ignore = "needs squid"]
fn credentials_are_sent_and_checked() {
    let squid = Squid::start(Access::User("teller", "p@ss:word/%"));
    let (sandbox, config, _files) = bank();
    let through = |user: &str| {
        let url = format!("http://{user}127.0.0.1:{}", squid.port);
        client(&config.clone().proxy(url))
    };
    assert_answers(&through("teller:p%40ss%3Aword%2F%25@"));
    assert_eq!(sandbox.request_count(), 1);
    for user in ["", "teller:wrong@", "nobody:p%40ss@", "teller@"] {
        let error = assert_fails(&through(user), ErrorCode::Proxy);
        assert_says(&error, &["proxy", "407", "user name and password"]);
        assert!(!error.is_retryable());
        assert!(!error.message().contains("wrong"), "{error}");
    }
    assert_eq!(sandbox.connection_count(), 1);
}

#[test]
#[ignore = "needs squid"]
fn rejected_connect_is_reported() {
    let squid = Squid::start(Access::Nobody);
    let (sandbox, config, _files) = bank();
    let error = assert_fails(&client(&config.proxy(squid.url())), ErrorCode::Proxy);
    assert_says(&error, &["proxy", "403", "administrator"]);
    assert_eq!(sandbox.connection_count(), 0);
}

#[test]
#[ignore = "needs squid"]
fn unreachable_endpoint_is_reported() {
    let squid = Squid::start(Access::Everybody);
    let nobody = config(&format!("https://127.0.0.1:{}", free_port()));
    let error = assert_fails(&client(&nobody.proxy(squid.url())), ErrorCode::Proxy);
    assert_says(&error, &["proxy", "503"]);
}

#[test]
#[ignore = "needs squid"]
fn tls_errors_through_a_proxy_name_the_server() {
    let squid = Squid::start(Access::Everybody);
    let sandbox = tls_sandbox();
    let distrusting = config(sandbox.url()).proxy(squid.url());
    let error = assert_fails(&client(&distrusting), ErrorCode::Tls);
    assert_says(&error, &["127.0.0.1", "unknown issuer"]);
}

#[test]
fn unreachable_proxy_is_reported() {
    let (_sandbox, config, _files) = bank();
    let nobody = format!("http://127.0.0.1:{}", free_port());
    let error = assert_fails(&client(&config.clone().proxy(nobody)), ErrorCode::Proxy);
    assert_says(&error, &["cannot connect to the proxy", "refused"]);
    let nowhere = config.proxy("http://proxy.invalid:3128");
    let error = assert_fails(&client(&nowhere), ErrorCode::Proxy);
    assert_says(&error, &["proxy.invalid", "does not resolve"]);
}

#[test]
fn server_that_is_no_proxy_is_reported() {
    for answer in [
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "\x15\x03\x01\0\x02\x02\x46",
        "",
    ] {
        let other = Listener::start(move |mut stream| {
            raw::read_request(&mut stream);
            let _ = stream.write_all(answer.as_bytes());
        });
        let config = config("https://api.example").proxy(other.url("http"));
        let error = assert_fails(&client(&config), ErrorCode::Proxy);
        assert_says(&error, &["proxy"]);
        assert_eq!(other.accepted(), 1);
    }
}

/// Read as a response, early data would shift all following responses by one.
#[test]
fn early_data_from_a_proxy_is_rejected() {
    let talkative = Listener::start(|mut stream| {
        raw::read_request(&mut stream);
        let consent = b"HTTP/1.1 200 Connection established\r\n\r\n".to_vec();
        let _ = stream.write_all(&[consent, raw::not_in_help()].concat());
        while raw::read_request(&mut stream).is_some() {
            let _ = stream.write_all(&raw::not_in_help());
        }
    });
    for url in ["http://api.example", "https://api.example"] {
        let config = config(url).allow_plain_http(true);
        let client = client(&config.proxy(talkative.url("http")));
        let error = assert_fails(&client, ErrorCode::Proxy);
        assert_says(&error, &["proxy", "sent data after its CONNECT response"]);
    }
}

#[test]
fn invalid_proxy_is_rejected_without_its_password() {
    for url in [
        "socks5://127.0.0.1:1",
        "http://",
        "https://proxy:443",
        "http://u:s3cr3t@:1",
        "http://u:s3cr3t@proxy:",
        "http://u:s3cr3t@proxy:+80",
        "http://u:s3cr3t@proxy:99999",
        "http://u:s3cr3t@proxy:4294967376",
    ] {
        let message = assert_refused(&config("https://api.example").proxy(url));
        assert!(message.starts_with("proxy "), "{message}");
        assert!(!message.contains("s3cr3t"), "{message}");
    }
}

/// An unreachable proxy: every lookup that uses it fails.
fn dead_end() -> String {
    format!("http://127.0.0.1:{}", free_port())
}

/// ureq's builder reads these variables by default, in its own order and with its own NO_PROXY.
#[test]
fn environment_is_ignored_unless_set() {
    let dead_end = dead_end();
    let test = "environment_is_ignored_unless_set";
    let variables = [
        "ALL_PROXY",
        "all_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "HTTP_PROXY",
        "http_proxy",
    ];
    if !has_environment(test, &variables.map(|name| (name, dead_end.as_str()))) {
        return;
    }
    assert_answers(&client(&config(sandbox().url())));
    let (_sandbox, config, _files) = bank();
    assert_answers(&client(&config));
    assert_answers(&client(&config.clone().proxy("")));
    assert_fails(&client(&config.proxy("environment")), ErrorCode::Proxy);
}

/// Not even ureq's own NO_PROXY.
#[test]
fn no_proxy_does_not_apply_to_a_set_proxy() {
    let test = "no_proxy_does_not_apply_to_a_set_proxy";
    if !has_environment(test, &[("NO_PROXY", "*"), ("no_proxy", "127.0.0.1")]) {
        return;
    }
    let (_sandbox, config, _files) = bank();
    assert_fails(&client(&config.proxy(dead_end())), ErrorCode::Proxy);
}

#[test]
fn https_to_loopback_uses_the_environments_proxy() {
    let dead_end = dead_end();
    let test = "https_to_loopback_uses_the_environments_proxy";
    let variables = [
        ("HTTPS_PROXY", dead_end.as_str()),
        ("http_proxy", &dead_end),
        // An entry with a port matches no host.
        ("NO_PROXY", "127.0.0.1:443 .0.0.1 10.0.0.0/8"),
    ];
    if !has_environment(test, &variables) {
        return;
    }
    let (_sandbox, tls, _files) = bank();
    assert_fails(&client(&tls.proxy("environment")), ErrorCode::Proxy);
    assert_answers(&client(&config(sandbox().url()).proxy("environment")));
}

#[test]
fn blocks_of_addresses_in_no_proxy_bypass_the_proxy() {
    let dead_end = dead_end();
    let variables = [
        ("HTTPS_PROXY", dead_end.as_str()),
        ("NO_PROXY", "example.com 127.0.0.0/8"),
    ];
    if !has_environment(
        "blocks_of_addresses_in_no_proxy_bypass_the_proxy",
        &variables,
    ) {
        return;
    }
    let (_sandbox, config, _files) = bank();
    assert_answers(&client(&config.proxy("environment")));
}

#[test]
fn no_proxy_is_honoured() {
    let dead_end = dead_end();
    let variables = [
        ("HTTPS_PROXY", dead_end.as_str()),
        ("NO_PROXY", "example.com, 127.0.0.1"),
    ];
    if !has_environment("no_proxy_is_honoured", &variables) {
        return;
    }
    let (_sandbox, config, _files) = bank();
    assert_answers(&client(&config.proxy("environment")));
}

#[test]
fn lower_case_variables_are_used() {
    let dead_end = dead_end();
    let variables = [("https_proxy", dead_end.as_str()), ("no_proxy", "*")];
    if !has_environment("lower_case_variables_are_used", &variables) {
        return;
    }
    let (_sandbox, config, _files) = bank();
    assert_answers(&client(&config.proxy("environment")));
}

#[test]
fn environment_without_a_proxy_uses_none() {
    if !has_environment("environment_without_a_proxy_uses_none", &[]) {
        return;
    }
    let (_sandbox, config, _files) = bank();
    assert_answers(&client(&config.proxy("environment")));
}
