//! The options of a sandbox, and its events.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use crate::pki::Validity;
use crate::record::RecordedRequest;

/// The default access key id.
pub const DEFAULT_ACCESS_KEY_ID: &str = "1234567-8ABC-DEF0-5432-56712ABCDEF5";

/// The secret that belongs to [`DEFAULT_ACCESS_KEY_ID`].
pub const DEFAULT_ACCESS_KEY_SECRET: &str = "s3cr3t-access-key";

/// The options of a sandbox. Default: plain HTTP on a free port of 127.0.0.1.
#[derive(Clone)]
pub struct Options {
    /// A loopback address to listen on; port 0 chooses a free one.
    pub listen: SocketAddr,
    /// TLS; plain HTTP if none.
    pub tls: Option<TlsOptions>,
    /// The path before `/v1/...`, such as `/gateway/diyalog`.
    pub base_path: String,
    /// Seconds by which the sandbox's clock is ahead of the system's.
    pub clock_offset: i64,
    /// The accepted access key id.
    pub access_key_id: String,
    /// Its secret, which need not be text.
    pub access_key_secret: Vec<u8>,
    /// Receives every event, on the sandbox's thread.
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

/// The sandbox's certificate, and the CAs of client certificates.
#[derive(Clone, Debug)]
pub struct TlsOptions {
    /// Host names and addresses on the certificate.
    pub server_names: Vec<String>,
    /// The validity of the certificate.
    pub validity: Validity,
    /// Whether the certificate is self-signed.
    pub self_signed: bool,
    /// PEM of the CAs from which a client certificate is required. None: no client certificate is
    /// requested.
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
    /// A request that was not a control call has its response.
    Request(&'a RecordedRequest),
    /// A control call has its response.
    Control {
        /// Method, in upper case.
        method: &'a str,
        /// Path, as requested.
        path: &'a str,
        /// Status of the response.
        status: u16,
        /// What was done, or the error as a sentence.
        outcome: &'a str,
    },
    /// A TLS handshake failed.
    HandshakeFailed {
        /// Number of the connection.
        connection: u64,
        /// The TLS library's error.
        reason: &'a str,
    },
}

/// Receives the events of a sandbox.
pub type Observer = Arc<dyn Fn(&Event) + Send + Sync>;
