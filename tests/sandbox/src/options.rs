//! How a sandbox is set up.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use crate::pki::Validity;
use crate::record::RecordedRequest;

/// The key id that a sandbox knows unless told otherwise.
pub const DEFAULT_ACCESS_KEY_ID: &str = "1234567-8ABC-DEF0-5432-56712ABCDEF5";

/// The secret that belongs to [`DEFAULT_ACCESS_KEY_ID`].
pub const DEFAULT_ACCESS_KEY_SECRET: &str = "s3cr3t-access-key";

/// The set-up of a sandbox; the default is plain HTTP on a free port of 127.0.0.1.
#[derive(Clone)]
pub struct Options {
    /// A loopback address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// TLS, where it is to be spoken.
    pub tls: Option<TlsOptions>,
    /// What stands before `/v1/...` in the path of a lookup, such as `/gateway/diyalog`.
    pub base_path: String,
    /// By how many seconds the sandbox's clock is ahead of the system's.
    pub clock_offset: i64,
    /// The only key id that is let in.
    pub access_key_id: String,
    /// Its secret, which need not be text.
    pub access_key_secret: Vec<u8>,
    /// Is told of all that happens, on the sandbox's thread.
    pub observer: Option<Observer>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            tls: None,
            base_path: String::new(),
            clock_offset: 0,
            access_key_id: DEFAULT_ACCESS_KEY_ID.to_owned(),
            access_key_secret: DEFAULT_ACCESS_KEY_SECRET.as_bytes().to_vec(),
            observer: None,
        }
    }
}

/// Shows all but the secret.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("listen", &self.listen)
            .field("tls", &self.tls)
            .field("base_path", &self.base_path)
            .field("clock_offset", &self.clock_offset)
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}

/// The certificate that a sandbox shows, and the one that it wants to see.
#[derive(Clone, Debug)]
pub struct TlsOptions {
    /// Host names and addresses on the certificate.
    pub server_names: Vec<String>,
    /// When the certificate is good.
    pub validity: Validity,
    /// True: the certificate vouches for itself, and no authority does.
    pub self_signed: bool,
    /// PEM of the authorities one of which has to have issued the client's certificate;
    /// without it, no client certificate is asked for.
    pub require_client_certificate: Option<String>,
}

impl Default for TlsOptions {
    fn default() -> TlsOptions {
        TlsOptions {
            server_names: ["localhost", "127.0.0.1", "::1"]
                .map(str::to_owned)
                .to_vec(),
            validity: Validity::CURRENT,
            self_signed: false,
            require_client_certificate: None,
        }
    }
}

/// Something that happened, for a log.
#[derive(Debug)]
pub enum Event<'a> {
    /// A request that was not a control call has its answer.
    Request(&'a RecordedRequest),
    /// A control call has its answer.
    Control {
        /// Method, in upper case.
        method: &'a str,
        /// Path, as requested.
        path: &'a str,
        /// Status of the answer.
        status: u16,
        /// What was done, or the sentence that says why not.
        outcome: &'a str,
    },
    /// A client and the sandbox could not agree on TLS.
    HandshakeFailed {
        /// Number of the connection.
        connection: u64,
        /// What TLS says of it.
        reason: &'a str,
    },
}

/// Receives the events of a sandbox.
pub type Observer = Arc<dyn Fn(&Event) + Send + Sync>;
