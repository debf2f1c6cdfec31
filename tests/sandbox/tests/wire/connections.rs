//! Connections: kept, counted, and proof against clients that misbehave.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use crate::client::{Client, Lookup, sandbox_and_client};

/// Sends a lookup over a new connection and leaves the reading to the caller.
pub fn send_raw(address: SocketAddr, lookup: &Lookup) -> TcpStream {
    let mut head = format!(
        "POST {} HTTP/1.1\r\nhost: {address}\r\ncontent-length: {}\r\n",
        lookup.path,
        lookup.body.len()
    );
    for (name, value) in lookup.headers() {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .write_all(&[format!("{head}\r\n").as_bytes(), &lookup.body].concat())
        .unwrap();
    stream
}

#[test]
fn one_connection_carries_many_lookups() {
    let (sandbox, client) = sandbox_and_client();
    for _ in 0..20 {
        assert_eq!(client.ask("70022").unwrap().status, 200);
    }
    assert_eq!(
        (sandbox.request_count(), sandbox.connection_count()),
        (20, 1)
    );
    assert_eq!(sandbox.open_connections(), 1);
    assert!(
        sandbox
            .requests()
            .iter()
            .all(|request| request.connection == 1)
    );
}

#[test]
fn sixteen_threads_are_served_at_once() {
    let (sandbox, _) = sandbox_and_client();
    thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                let client = Client::of(&sandbox);
                for _ in 0..10 {
                    assert_eq!(client.ask("70022").unwrap().json()["staffId"], "45001");
                }
            });
        }
    });
    assert_eq!(
        (sandbox.request_count(), sandbox.connection_count()),
        (160, 16)
    );
}

#[test]
fn misbehaving_client_does_not_affect_others() {
    let (sandbox, client) = sandbox_and_client();
    for misbehaviour in [
        &b""[..],
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\n",
        b"POST / HTTP/9.9\r\n\r\n",
        b"POST /v1/application/iscustomerinonlinehelp HTTP/1.1\r\ncontent-length: 100\r\n\r\n{",
        b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nhost: \xff\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(sandbox.address()).unwrap();
        stream.write_all(misbehaviour).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_millis(20)))
            .unwrap();
        let _ = stream.read(&mut [0; 1024]);
        drop(stream);
        assert_eq!(client.ask("70022").unwrap().status, 200);
    }
}

#[test]
fn body_larger_than_four_mebibytes_is_rejected() {
    let (sandbox, client) = sandbox_and_client();
    let mut stream = TcpStream::connect(sandbox.address()).unwrap();
    stream
        .write_all(
            b"POST /sandbox/faults HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5000000\r\n\r\n",
        )
        .unwrap();
    let mut start = [0; 12];
    let sender = stream.try_clone().unwrap();
    thread::spawn(move || (&sender).write_all(&vec![b' '; 5_000_000]));
    stream.read_exact(&mut start).unwrap();
    assert_eq!(&start, b"HTTP/1.1 413");
    assert_eq!(client.ask("70022").unwrap().status, 200);
}
