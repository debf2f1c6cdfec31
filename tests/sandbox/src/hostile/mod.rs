//! A server that keeps no rule, for tests of what a client makes of it.
//!
//! Raw TCP by design: no server library sends what is sent here. Each mode has a port of its
//! own. The first question there (or the first connection) meets the mode; whatever comes after
//! is answered right, that is with the member of staff [`staff_of`] the customer.
//!
//! After most modes a client can no longer know where on that connection the next answer begins,
//! or must not believe that it does. A question that comes there all the same is answered with
//! [`ANOTHERS`] data, so that nobody has to look at connections to see the mistake.

mod modes;
mod wire;

use std::collections::BTreeSet;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::version::TLS13;
use tokio_rustls::rustls::{CipherSuite, ServerConfig, ServerConnection};

use crate::pki::{Authority, Leaf};
use wire::Wire;

pub use modes::names;
pub use wire::{ANOTHERS, staff_of};

/// A way to misbehave.
struct Mode {
    name: &'static str,
    is_tls: bool,
    moment: Moment,
    act: Box<Act>,
}

/// What a mode does on a connection. An error ends the connection.
type Act = dyn Fn(&mut Wire) -> io::Result<()> + Send + Sync;

/// When a mode begins to misbehave.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Moment {
    /// Before a byte was read: also before TLS.
    Accepted,
    /// When the question has been read.
    Asked,
}

/// The modes' certificate authority: one for all of them.
pub struct Identity {
    authority: Authority,
}

impl Identity {
    /// A new one.
    #[expect(clippy::new_without_default, reason = "it costs the making of a key")]
    pub fn new() -> Identity {
        Identity {
            authority: Authority::new("Hostile CA"),
        }
    }

    /// What a client has to trust.
    pub fn pem(&self) -> &str {
        self.authority.pem()
    }
}

/// A running server of one mode. Its threads end with the process.
pub struct Hostile {
    url: String,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    connections: AtomicUsize,
    /// How often the mode is still to be met.
    troubles: AtomicUsize,
}

impl Counts {
    fn is_to_be_met(&self) -> bool {
        let less = |left: usize| left.checked_sub(1);
        self.troubles
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, less)
            .is_ok()
    }
}

impl Hostile {
    /// Serves the mode of this name, which is met `times` times.
    ///
    /// # Panics
    ///
    /// Where there is no such mode.
    pub fn start(name: &str, times: usize, identity: &Identity) -> io::Result<Hostile> {
        let mode = modes::modes().into_iter().find(|mode| mode.name == name);
        let mode = mode.unwrap_or_else(|| panic!("there is no mode {name}"));
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let scheme = if mode.is_tls { "https" } else { "http" };
        let url = format!("{scheme}://{}", listener.local_addr()?);
        let tls = mode.is_tls.then(|| tls_config(identity));
        let counts = Arc::new(Counts::default());
        counts.troubles.store(times, Ordering::SeqCst);

        let (shared, mode) = (Arc::clone(&counts), Arc::new(mode));
        thread::spawn(move || {
            // A connection that was reset before it was accepted is an error of its own only.
            for stream in listener.incoming().flatten() {
                shared.connections.fetch_add(1, Ordering::SeqCst);
                let (mode, tls, counts) = (Arc::clone(&mode), tls.clone(), Arc::clone(&shared));
                // It ends with the client's leaving, at which an error is no news.
                thread::spawn(move || converse(&mode, stream, tls, &counts));
            }
        });
        Ok(Hostile { url, counts })
    }

    /// What a client takes as its endpoint.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The address without the scheme.
    pub fn address(&self) -> SocketAddr {
        let (_, address) = self.url.split_once("://").expect("was made so");
        address.parse().expect("was made of one")
    }

    /// From now on the mode is to be met this often.
    pub fn meet(&self, times: usize) {
        self.counts.troubles.store(times, Ordering::SeqCst);
    }

    /// Whether the mode has not been met as often as it is to be.
    pub fn is_still_to_be_met(&self) -> bool {
        self.counts.troubles.load(Ordering::SeqCst) > 0
    }

    /// How many connections there were.
    pub fn connections(&self) -> usize {
        self.counts.connections.load(Ordering::SeqCst)
    }
}

fn converse(
    mode: &Mode,
    stream: TcpStream,
    tls: Option<Arc<ServerConfig>>,
    counts: &Counts,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    if mode.moment == Moment::Accepted && counts.is_to_be_met() {
        let mut wire = Wire::plain(stream)?;
        (mode.act)(&mut wire)?;
        return answer_all(&mut wire, None, counts);
    }
    let mut wire = match tls {
        None => Wire::plain(stream)?,
        Some(config) => {
            let session = ServerConnection::new(config).map_err(io::Error::other)?;
            Wire::tls(stream, session)?
        }
    };
    let at_questions = (mode.moment == Moment::Asked).then_some(mode);
    answer_all(&mut wire, at_questions, counts)
}

fn answer_all(wire: &mut Wire, mode: Option<&Mode>, counts: &Counts) -> io::Result<()> {
    while wire.read_question()? {
        match mode {
            Some(mode) if counts.is_to_be_met() => (mode.act)(wire)?,
            _ => wire.answer()?,
        }
    }
    Ok(())
}

fn tls_config(identity: &Identity) -> Arc<ServerConfig> {
    let issued = identity.authority.issue(&Leaf::server(&["127.0.0.1"]));
    let certificate = CertificateDer::from_pem_slice(issued.certificate_pem.as_bytes());
    let key = PrivateKeyDer::from_pem_slice(issued.key_pem.as_bytes());
    let mut provider = ring::default_provider();
    // The C tests run under valgrind, which calls what ring's AES-GCM computes uninitialised.
    provider
        .cipher_suites
        .retain(|suite| suite.suite() == CipherSuite::TLS13_CHACHA20_POLY1305_SHA256);
    let config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&TLS13])
        .expect("ring speaks it")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.expect("is PEM")], key.expect("is PEM"))
        .expect("the key fits");
    Arc::new(config)
}

/// Starts each mode of these names, all where there are none; says where each is.
pub fn start_all(wanted: &[String], identity: &Identity) -> io::Result<Vec<(String, Hostile)>> {
    let known: BTreeSet<&str> = names().into_iter().collect();
    if let Some(unknown) = wanted.iter().find(|name| !known.contains(name.as_str())) {
        let message = format!("there is no mode {unknown}");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    let chosen = if wanted.is_empty() {
        names().into_iter().map(str::to_owned).collect()
    } else {
        wanted.to_vec()
    };
    chosen
        .into_iter()
        .map(|name| Hostile::start(&name, 1, identity).map(|server| (name, server)))
        .collect()
}
