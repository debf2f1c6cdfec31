//! The forward proxy: Squid carries the lookup by CONNECT, or says why not.

mod support;

use std::io::Write;

use diyalog::{Config, ErrorCode};
use diyalog_sandbox::{Fault, Sandbox};

use support::raw::{self, Listener, free_port};
use support::squid::{self, Access, Squid};
use support::{
    Scratch, assert_answers, assert_fails, assert_refused, assert_says, client, config,
    has_environment, sandbox, tls_sandbox,
};

/// A TLS sandbox and settings that trust it.
fn bank() -> (Sandbox, Config, Scratch) {
    let (sandbox, files) = (tls_sandbox(), Scratch::new());
    let config = config(sandbox.url()).ca_file(files.write("ca.pem", sandbox.ca_pem()));
    (sandbox, config, files)
}

#[test]
fn it_carries_the_lookup() {
    if !squid::is_there() {
        return;
    }
    let squid = Squid::start(Access::Everybody);
    let (sandbox, config, _files) = bank();
    let through = client(&config.proxy(squid.url()));
    for _ in 0..5 {
        assert_answers(&through);
    }
    assert_eq!(sandbox.connection_count(), 1, "the tunnel is kept");
    drop(through);
    support::wait_until("Squid logs it", || squid.results() == ["TCP_TUNNEL/200"]);
}

#[test]
fn a_dead_tunnel_is_replaced_without_a_retry() {
    if !squid::is_there() {
        return;
    }
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
fn plain_http_goes_by_connect_too() {
    if !squid::is_there() {
        return;
    }
    let squid = Squid::start(Access::Everybody);
    let sandbox = sandbox();
    assert_answers(&client(&config(sandbox.url()).proxy(squid.url())));
    support::wait_until("Squid logs it", || squid.results() == ["TCP_TUNNEL/200"]);
}

#[test]
fn credentials_are_shown_and_checked() {
    if !squid::is_there() {
        return;
    }
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
fn its_refusal_is_told() {
    if !squid::is_there() {
        return;
    }
    let squid = Squid::start(Access::Nobody);
    let (sandbox, config, _files) = bank();
    let error = assert_fails(&client(&config.proxy(squid.url())), ErrorCode::Proxy);
    assert_says(&error, &["proxy", "403", "administrator"]);
    assert_eq!(sandbox.connection_count(), 0);
}

#[test]
fn what_it_cannot_reach_is_told() {
    if !squid::is_there() {
        return;
    }
    let squid = Squid::start(Access::Everybody);
    let nobody = config(&format!("https://127.0.0.1:{}", free_port()));
    let error = assert_fails(&client(&nobody.proxy(squid.url())), ErrorCode::Proxy);
    assert_says(&error, &["proxy", "503"]);
}

#[test]
fn tls_errors_are_the_servers_also_through_it() {
    if !squid::is_there() {
        return;
    }
    let squid = Squid::start(Access::Everybody);
    let sandbox = tls_sandbox();
    let distrusting = config(sandbox.url()).proxy(squid.url());
    let error = assert_fails(&client(&distrusting), ErrorCode::Tls);
    assert_says(&error, &["127.0.0.1", "unknown issuer"]);
}

#[test]
fn one_that_is_not_there_is_told() {
    let (_sandbox, config, _files) = bank();
    let nobody = format!("http://127.0.0.1:{}", free_port());
    let error = assert_fails(&client(&config.clone().proxy(nobody)), ErrorCode::Proxy);
    assert_says(&error, &["cannot connect to the proxy", "refused"]);
    let nowhere = config.proxy("http://proxy.invalid:3128");
    let error = assert_fails(&client(&nowhere), ErrorCode::Proxy);
    assert_says(&error, &["proxy.invalid", "does not resolve"]);
}

#[test]
fn what_is_no_proxy_is_told() {
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

/// Taken for an answer, it would leave the request unsent until the next one, and the answers to
/// both would be off by one from then on.
#[test]
fn what_a_proxy_says_before_it_is_asked_is_no_answer() {
    let talkative = Listener::start(|mut stream| {
        raw::read_request(&mut stream);
        let consent = b"HTTP/1.1 200 Connection established\r\n\r\n".to_vec();
        let _ = stream.write_all(&[consent, raw::not_in_help()].concat());
        while raw::read_request(&mut stream).is_some() {
            let _ = stream.write_all(&raw::not_in_help());
        }
    });
    for url in ["http://127.0.0.1:1", "https://api.example"] {
        let client = client(&config(url).proxy(talkative.url("http")));
        let error = assert_fails(&client, ErrorCode::Proxy);
        assert_says(&error, &["proxy", "sent data after its CONNECT response"]);
    }
}

#[test]
fn one_that_makes_no_sense_is_refused() {
    for url in [
        "socks5://127.0.0.1:1",
        "http://",
        "https://proxy:443",
        "http://u:s3cr3t@:1",
    ] {
        let message = assert_refused(&config("https://api.example").proxy(url));
        assert!(message.starts_with("proxy "), "{message}");
        assert!(!message.contains("s3cr3t"), "{message}");
    }
}

/// A proxy that leads nowhere: who uses it fails.
fn dead_end() -> String {
    format!("http://127.0.0.1:{}", free_port())
}

#[test]
fn the_environment_counts_only_where_asked_for() {
    let dead_end = dead_end();
    let test = "the_environment_counts_only_where_asked_for";
    let variables = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "http_proxy"];
    if !has_environment(test, &variables.map(|name| (name, dead_end.as_str()))) {
        return;
    }
    for sandbox in [sandbox(), tls_sandbox()] {
        let files = Scratch::new();
        let direct = match sandbox.ca_pem() {
            "" => config(sandbox.url()),
            ca_pem => config(sandbox.url()).ca_file(files.write("ca.pem", ca_pem)),
        };
        assert_answers(&client(&direct));
        assert_fails(&client(&direct.proxy("environment")), ErrorCode::Proxy);
    }
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
fn lower_case_counts_too() {
    let dead_end = dead_end();
    let variables = [("https_proxy", dead_end.as_str()), ("no_proxy", "*")];
    if !has_environment("lower_case_counts_too", &variables) {
        return;
    }
    let (_sandbox, config, _files) = bank();
    assert_answers(&client(&config.proxy("environment")));
}

#[test]
fn an_environment_without_a_proxy_is_none() {
    if !has_environment("an_environment_without_a_proxy_is_none", &[]) {
        return;
    }
    let (_sandbox, config, _files) = bank();
    assert_answers(&client(&config.proxy("environment")));
}
