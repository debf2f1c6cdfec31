//! A response belongs to its request: whatever a server, proxy or gateway sends unasked, no lookup
//! returns it.

mod support;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use diyalog::{CallOptions, Client, Outcome, Queue};
use diyalog_sandbox::pki::Authority;
use rustls::version::{TLS12, TLS13};

use support::raw::{self, Listener};
use support::{Scratch, client, config, look_up};

const STRAYS: [&str; 3] = [
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 72\r\n\r\n{\"isInHelp\":true,\"helpType\":\"inbound\",\"staffId\":\"agent-of-someone-else\"}",
    "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    "HTTP/1.1 204 No Content\r\n\r\n",
];
const PAUSES: [u64; 4] = [0, 5, 30, 100];

/// Sends the response to each request and, after a pause, a stray one.
fn send_strays(stream: &mut (impl Read + Write), stray: &str, pause: Duration) {
    while raw::read_request(stream).is_some() {
        let sent = stream.write_all(&raw::not_in_help());
        thread::sleep(pause);
        if sent.and_then(|()| stream.flush()).is_err() {
            return;
        }
        let sent = stream.write_all(stray.as_bytes());
        if sent.and_then(|()| stream.flush()).is_err() {
            return;
        }
    }
}

/// Every lookup returns its own response. The stray one has arrived before the next request: one
/// that comes later cannot be told from a response in HTTP/1.1.
#[track_caller]
fn assert_never_anothers(client: &Client, pause: Duration, what: &str) {
    for gap in [20, 60, 150] {
        let status = look_up(client).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert!(!status.is_in_help, "{what}, {gap} ms: {status:?}");
        thread::sleep(pause + Duration::from_millis(gap));
    }
}

#[test]
fn a_stray_response_over_plain_http_is_not_the_next_one() {
    thread::scope(|scope| {
        for stray in STRAYS {
            for pause in PAUSES {
                scope.spawn(move || {
                    let pause = Duration::from_millis(pause);
                    let server = Listener::start(move |mut stream| {
                        send_strays(&mut stream, stray, pause);
                    });
                    let client = client(&config(&server.url("http")));
                    assert_never_anothers(&client, pause, &format!("{stray:?} after {pause:?}"));
                });
            }
        }
    });
}

#[test]
fn a_stray_response_over_tls_is_not_the_next_one() {
    let (authority, files) = (Authority::new("CA"), Scratch::new());
    let ca_file = files.write("ca.pem", authority.pem());
    thread::scope(|scope| {
        for version in [&TLS12, &TLS13] {
            for stray in STRAYS {
                for pause in PAUSES {
                    let (authority, ca_file) = (&authority, &ca_file);
                    scope.spawn(move || {
                        let pause = Duration::from_millis(pause);
                        let server =
                            raw::tls_listener_of(authority, &[version], move |mut stream| {
                                send_strays(&mut stream, stray, pause);
                            });
                        let client = client(&config(&server.url("https")).ca_file(ca_file));
                        let what = format!("{version:?}, {stray:?} after {pause:?}");
                        assert_never_anothers(&client, pause, &what);
                    });
                }
            }
        }
    });
}

/// A record without a response in it is input, too: it costs a new connection and nothing else. One
/// that precedes the response to a request costs nothing.
#[test]
fn a_key_update_is_not_a_response() {
    let (authority, files) = (Authority::new("CA"), Scratch::new());
    let ca_file = files.write("ca.pem", authority.pem());
    for (is_idle, connections) in [(true, 3), (false, 1)] {
        let server = raw::tls_listener_of(&authority, &[&TLS13], move |mut stream| {
            while raw::read_request(&mut stream).is_some() {
                if !is_idle {
                    stream.conn.refresh_traffic_keys().expect("is TLS 1.3");
                }
                let sent = stream.write_all(&raw::not_in_help());
                if sent.and_then(|()| stream.flush()).is_err() {
                    return;
                }
                if is_idle {
                    thread::sleep(Duration::from_millis(10));
                    stream.conn.refresh_traffic_keys().expect("is TLS 1.3");
                    let _ = stream.flush();
                }
            }
        });
        let client = client(
            &config(&server.url("https"))
                .ca_file(&ca_file)
                .max_retries(0),
        );
        assert_never_anothers(&client, Duration::from_millis(100), "key update");
        assert_eq!(server.accepted(), connections, "idle: {is_idle}");
    }
}

/// One worker after another uses the connection.
#[test]
fn a_stray_response_is_not_the_next_one_of_a_queue() {
    let (authority, files) = (Authority::new("CA"), Scratch::new());
    let ca_file = files.write("ca.pem", authority.pem());
    let server = raw::tls_listener(&authority, |mut stream| {
        send_strays(&mut stream, STRAYS[0], Duration::from_millis(5));
    });
    let client = client(&config(&server.url("https")).ca_file(ca_file));
    let queue = Queue::new(Arc::new(client), 2).expect("a queue");
    for tag in 0..10 {
        queue
            .submit("70022", CallOptions::new(), tag)
            .expect("is queued");
        let completion = queue.next(None).expect("is pending");
        assert!(
            matches!(&completion.result, Ok(Outcome::HelpStatus(status)) if !status.is_in_help),
            "{completion:?}"
        );
        thread::sleep(Duration::from_millis(60));
    }
}

#[test]
fn a_stray_response_through_a_proxy_is_not_the_next_one() {
    let (authority, files) = (Authority::new("CA"), Scratch::new());
    let ca_file = files.write("ca.pem", authority.pem());
    for pause in PAUSES {
        let pause = Duration::from_millis(pause);
        let server = raw::tls_listener(&authority, move |mut stream| {
            send_strays(&mut stream, STRAYS[0], pause);
        });
        let proxy = relay_to(server.address);
        let config = config(&server.url("https")).ca_file(&ca_file);
        let client = client(&config.proxy(proxy.url("http")));
        assert_never_anothers(&client, pause, &format!("after {pause:?}"));
    }
}

/// The first response fills a TLS record, so that the second is in the same segment but in
/// another record.
#[test]
fn a_second_response_in_the_same_segment_is_not_the_next_one() {
    let (authority, files) = (Authority::new("CA"), Scratch::new());
    let ca_file = files.write("ca.pem", authority.pem());
    let own = |padding: usize| {
        raw::answer(&format!(
            r#"{{"isInHelp":false,"padding":"{}"}}"#,
            "x".repeat(padding)
        ))
    };
    // Responses that end where a power of two does fill the client's buffer: what follows stays in
    // the TLS session.
    let fills = |size: usize| (size - 200..size).find(|padding| own(*padding).len() == size);
    let paddings = [4_096, 8_192, 16_384, 32_768].map(|size| fills(size).expect("one fits"));
    let others = [0, 4_000, 16_000, 16_200, 16_384, 20_000, 33_000];
    for padding in paddings.into_iter().chain(others) {
        let own = own(padding);
        let both = [own, STRAYS[0].as_bytes().to_vec()].concat();
        let for_plain = both.clone();
        let plain = Listener::start(move |mut stream| {
            while raw::read_request(&mut stream).is_some() {
                if stream.write_all(&for_plain).is_err() {
                    return;
                }
            }
        });
        let tls = raw::tls_listener(&authority, move |mut stream| {
            while raw::read_request(&mut stream).is_some() {
                let sent = stream.conn.writer().write_all(&both);
                if sent.and_then(|()| stream.flush()).is_err() {
                    return;
                }
            }
        });
        for (server, scheme) in [(plain, "http"), (tls, "https")] {
            let client = client(&config(&server.url(scheme)).ca_file(&ca_file));
            assert_never_anothers(
                &client,
                Duration::ZERO,
                &format!("{scheme}, {padding} bytes"),
            );
        }
    }
}

/// Half of a record is unread input, too: its other half arrives with the next response.
#[test]
fn a_stray_response_in_two_halves_is_not_the_next_one() {
    let (authority, files) = (Authority::new("CA"), Scratch::new());
    let ca_file = files.write("ca.pem", authority.pem());
    let server = raw::tls_listener(&authority, |mut stream| {
        // The other half of the stray record is held back until the next request has arrived.
        let mut other_half: Vec<u8> = Vec::new();
        while raw::read_request(&mut stream).is_some() {
            if stream.sock.write_all(&other_half).is_err() {
                return;
            }
            let mut records = Vec::new();
            for response in [raw::not_in_help(), STRAYS[0].as_bytes().to_vec()] {
                stream.conn.writer().write_all(&response).expect("is kept");
                while stream.conn.wants_write() {
                    stream.conn.write_tls(&mut records).expect("is kept");
                }
            }
            other_half = records.split_off(records.len() - 20);
            if stream.sock.write_all(&records).is_err() {
                return;
            }
        }
    });
    let client = client(&config(&server.url("https")).ca_file(ca_file));
    assert_never_anothers(&client, Duration::ZERO, "half a record");
}

/// A proxy that tunnels every connection to one server, without delay.
fn relay_to(server: SocketAddr) -> Listener {
    Listener::start(move |mut from| {
        if raw::read_request(&mut from).is_none() {
            return;
        }
        let mut to = TcpStream::connect(server).expect("the server runs");
        to.set_nodelay(true).expect("is a TCP stream");
        let _ = from.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n");
        let (mut back_from, mut back_to) = (
            to.try_clone().expect("a second handle"),
            from.try_clone().expect("a second handle"),
        );
        let back = thread::spawn(move || {
            let _ = std::io::copy(&mut back_from, &mut back_to);
            let _ = back_to.shutdown(std::net::Shutdown::Both);
        });
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(std::net::Shutdown::Both);
        let _ = back.join();
    })
}
