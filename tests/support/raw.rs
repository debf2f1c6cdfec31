//! Listeners that misbehave below HTTP, as no real server can be made to.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use diyalog_sandbox::pki::{Authority, Leaf};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion};
use socket2::{Domain, Socket, Type};

/// A port of this machine on which nothing listens. Another process may take it at any time.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("has an address").port()
}

/// A listener that passes each connection to a function on its own thread.
pub struct Listener {
    pub address: SocketAddr,
    accepted: Arc<AtomicUsize>,
}

impl Listener {
    /// The thread that accepts ends with the test process.
    pub fn start(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> Self {
        Listener::start_on("127.0.0.1:0", serve)
    }

    pub fn start_on(address: &str, serve: impl Fn(TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(address).expect("a free port");
        let address = listener.local_addr().expect("has an address");
        let accepted = Arc::new(AtomicUsize::new(0));
        let (serve, count) = (Arc::new(serve), Arc::clone(&accepted));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                // Two writes must arrive separately: Nagle's algorithm would merge them.
                stream.set_nodelay(true).expect("is a TCP stream");
                count.fetch_add(1, Ordering::SeqCst);
                let serve = Arc::clone(&serve);
                thread::spawn(move || serve(stream));
            }
        });
        Listener { address, accepted }
    }

    pub fn url(&self, scheme: &str) -> String {
        format!("{scheme}://{}", self.address)
    }

    /// How many connections there were.
    pub fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }
}

/// A TLS session on the server's side.
pub type TlsStream = StreamOwned<ServerConnection, TcpStream>;

/// The same over TLS, with a certificate for 127.0.0.1 of this authority.
pub fn tls_listener(
    authority: &Authority,
    serve: impl Fn(TlsStream) + Send + Sync + 'static,
) -> Listener {
    tls_listener_of(authority, rustls::DEFAULT_VERSIONS, serve)
}

/// The same in these versions of TLS only.
pub fn tls_listener_of(
    authority: &Authority,
    versions: &[&'static SupportedProtocolVersion],
    serve: impl Fn(TlsStream) + Send + Sync + 'static,
) -> Listener {
    let issued = authority.issue(&Leaf::server(&["127.0.0.1"]));
    let certificate = CertificateDer::from_pem_slice(issued.certificate_pem.as_bytes());
    let key = PrivateKeyDer::from_pem_slice(issued.key_pem.as_bytes());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)
        .expect("ring speaks them")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.expect("is PEM")], key.expect("is PEM"))
        .expect("the key fits");
    let config = Arc::new(config);
    Listener::start(move |stream| {
        let session = ServerConnection::new(Arc::clone(&config)).expect("a session");
        serve(StreamOwned::new(session, stream));
    })
}

/// Accepts and sends nothing while the client stays.
pub fn silent() -> Listener {
    Listener::start(|mut stream| while matches!(stream.read(&mut [0; 4096]), Ok(1..)) {})
}

/// Sends `first` at once, and then `again` after each pause, without an end.
pub fn endless(first: &'static [u8], again: &'static [u8], pause: Duration) -> Listener {
    Listener::start(move |mut stream| {
        let mut said = stream.write(first);
        while said.is_ok() {
            thread::sleep(pause);
            said = stream.write(again);
        }
    })
}

/// A listener whose accept queue is full: the next connection attempt gets no response.
pub struct FullQueue {
    pub address: SocketAddr,
    _listener: Socket,
    _waiting: Vec<Socket>,
}

pub fn full_accept_queue() -> FullQueue {
    full_accept_queue_on(([127, 0, 0, 1], 0).into())
}

pub fn full_accept_queue_on(address: SocketAddr) -> FullQueue {
    let domain = Domain::for_address(address);
    let listener = Socket::new(domain, Type::STREAM, None).expect("a socket");
    listener.bind(&address.into()).expect("the port is free");
    listener.listen(0).expect("listens");
    let address = listener.local_addr().expect("has an address");
    // The size of the queue depends on the system: fill it until a connection has to wait.
    let mut waiting = Vec::new();
    loop {
        let next = Socket::new(domain, Type::STREAM, None).expect("a socket");
        let connected = next.connect_timeout(&address, Duration::from_millis(200));
        waiting.push(next);
        if connected.is_err() {
            break;
        }
        assert!(waiting.len() < 64, "the queue takes everybody");
    }
    FullQueue {
        address: address.as_socket().expect("is an IP address"),
        _listener: listener,
        _waiting: waiting,
    }
}

/// Reads one request from a stream, header and body. `None` if the client has closed.
pub fn read_request(stream: &mut impl Read) -> Option<Vec<u8>> {
    let mut request = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let amount = stream.read(&mut piece).ok().filter(|amount| *amount > 0)?;
        request.extend_from_slice(&piece[..amount]);
        let text = String::from_utf8_lossy(&request).to_ascii_lowercase();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"))
            .map_or(0, |length| length.trim().parse().expect("a number"));
        if body.len() >= length {
            return Some(request);
        }
    }
}

/// The response "not in help", as bytes.
pub fn not_in_help() -> Vec<u8> {
    answer(r#"{"isInHelp":false,"helpType":"","staffId":null}"#)
}

/// A response with this body, as bytes.
pub fn answer(body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
