//! A running sandbox, for tests.

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use tokio::runtime::{self, Runtime};
use tokio::sync::oneshot;

use crate::clock::Clock;
use crate::customers::Session;
use crate::faults::Fault;
use crate::options::Options;
use crate::origin::Origins;
use crate::record::RecordedRequest;
use crate::server;
use crate::state::State;
use crate::tls;
use crate::verify::KeyPair;

/// A server on a thread of its own. Dropping it closes every connection and the port.
pub struct Sandbox {
    state: Arc<State>,
    address: SocketAddr,
    url: String,
    ca_pem: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts a server, which accepts requests when this returns.
    ///
    /// Invalid options are an error of kind `InvalidInput`. So is an address that is not loopback: the
    /// keys of a sandbox are public.
    pub fn start(options: Options) -> io::Result<Sandbox> {
        refuse_foreign_address(options.listen)?;
        let base_path = normal_base_path(&options.base_path)?;
        let clock = Clock::with_offset(options.clock_offset).map_err(invalid)?;
        let tls = options.tls.as_ref().map(tls::set_up).transpose()?;

        let listener = TcpListener::bind(options.listen)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let origin = format!("{scheme}://{address}");
        let url = format!("{origin}{base_path}");
        let names = options.tls.map(|tls| tls.server_names).unwrap_or_default();
        let origins = Origins::new(scheme, names);

        let (acceptor, ca_pem) = tls.map(|tls| (tls.acceptor, tls.ca_pem)).unzip();
        let key = KeyPair {
            id: options.access_key_id,
            secret: options.access_key_secret,
        };
        let state = Arc::new(State::new(
            key,
            base_path,
            origin,
            origins,
            clock,
            options.observer,
        ));

        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let listener = {
            let _context = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let (stop, stopped) = oneshot::channel();
        let serving = server::serve(listener, acceptor, Arc::clone(&state));
        let thread = thread::Builder::new()
            .name("diyalog-sandbox".to_owned())
            .spawn(move || run(runtime, serving, stopped))?;

        Ok(Sandbox {
            state,
            address,
            url,
            ca_pem: ca_pem.unwrap_or_default(),
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Returns the endpoint for a client: scheme, address and base path.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the PEM of the certificate to trust: the throw-away CA's, or the server's own if that is
    /// self-signed. Empty without TLS.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// Queues a fault for one call, after the faults already queued.
    pub fn push_fault(&self, fault: impl Into<Fault>) {
        self.push_fault_times(fault, 1);
    }

    /// Queues a fault for this many consecutive calls.
    pub fn push_fault_times(&self, fault: impl Into<Fault>, times: u32) {
        self.state.faults().push(fault.into(), times);
        self.state.has_changed();
    }

    /// Removes the queued faults.
    pub fn clear_faults(&self) {
        self.state.faults().clear();
        self.state.has_changed();
    }

    /// Sets by how many seconds the sandbox's clock is ahead of the system's.
    ///
    /// # Panics
    ///
    /// If the offset exceeds 1,000,000,000 seconds (about 31 years) in either direction.
    pub fn set_clock_offset(&self, seconds: i64) {
        self.state
            .clock
            .set_offset(seconds)
            .unwrap_or_else(|problem| panic!("{problem}"));
        self.state.has_changed();
    }

    /// Starts a session of a customer. Replaces an earlier one.
    pub fn start_session(&self, customer_id: &str, help_type: &str, staff_id: &str) {
        self.state.customers().start_session(Session {
            customer_id: customer_id.to_owned(),
            help_type: help_type.to_owned(),
            staff_id: staff_id.to_owned(),
        });
        self.state.has_changed();
    }

    /// Ends a customer's session. Returns whether there was one. The customer stays known.
    pub fn end_session(&self, customer_id: &str) -> bool {
        let has_ended = self.state.customers().end_session(customer_id);
        self.state.has_changed();
        has_ended
    }

    /// Returns the sessions.
    pub fn sessions(&self) -> Vec<Session> {
        self.state.customers().sessions()
    }

    /// Returns the requests except control calls, the oldest first: the latest ten thousand, fewer if
    /// they are large. A request is recorded before its response is sent.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.state
            .requests()
            .latest()
            .map(|request| RecordedRequest::clone(request))
            .collect()
    }

    /// Returns the number of requests, except control calls.
    pub fn request_count(&self) -> u64 {
        self.state.requests().count()
    }

    /// Returns the number of accepted connections, except those of control calls.
    pub fn connection_count(&self) -> u64 {
        self.state.connections.accepted()
    }

    /// Returns the number of open connections, except those of control calls.
    pub fn open_connections(&self) -> u64 {
        self.state.connections.open()
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // The thread has no result, and its panic was already reported.
            let _ = thread.join();
        }
    }
}

/// Dropping the runtime at the end drops every connection with it.
fn run(runtime: Runtime, serving: impl Future<Output = ()>, stopped: oneshot::Receiver<()>) {
    runtime.block_on(async {
        tokio::select! {
            () = serving => {}
            _ = stopped => {}
        }
    });
}

fn refuse_foreign_address(address: SocketAddr) -> io::Result<()> {
    if address.ip().is_loopback() {
        return Ok(());
    }
    Err(invalid(format!(
        "{} is not a loopback address, and a sandbox listens on no other: its keys are known to everybody",
        address.ip()
    )))
}

fn normal_base_path(path: &str) -> io::Result<String> {
    let path = path.trim_end_matches('/');
    let fits = path.is_empty()
        || path.starts_with('/')
            && path
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && !b"?#".contains(&byte));
    if !fits {
        return Err(invalid(format!(
            "the base path \"{}\" is not like /gateway/diyalog",
            path.escape_debug()
        )));
    }
    Ok(path.to_owned())
}

fn invalid(problem: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, problem)
}
