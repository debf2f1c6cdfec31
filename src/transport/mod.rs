//! One exchange of bytes inside a deadline: ureq's agent over connections of our own.
//!
//! Knows nothing of customers or signatures. It uses `ureq::unversioned`, which may change with
//! any minor version of ureq; all of that stays in this folder, and Cargo.toml pins the version.

mod buffers;
mod call;
mod connector;
mod dns;
mod failure;
mod fork;
mod proxy;
mod socket;
mod tls;
mod tls_failure;
mod trust;
mod veil;
mod verify;

use std::io::Read;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use http::header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http::response::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri, Version};
use ureq::unversioned::transport::{ConnectProxyConnector, Connector};
use ureq::{Agent, Body, Proxy};

use self::connector::{Peer, ResolveLater, TcpConnector};
use self::tls::TlsConnector;
use self::trust::Trust;
use crate::config::Config;
use crate::deadline::Deadline;
use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorCode};

/// The largest answer that is read. The documented one has about 70 bytes.
const MAX_BODY: u64 = 64 * 1024;

/// The largest head of an answer that is read.
const MAX_HEAD: usize = 8 * 1024;

/// An idle connection older than this is not used again. Servers close theirs after 60 s or
/// more, firewalls forget them after minutes; half of the shortest keeps clear of both.
const MAX_IDLE_AGE: Duration = Duration::from_secs(30);

/// What a server answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    /// Whether a connection was opened for it.
    pub(crate) is_connection_new: bool,
    /// When its request was sent, by this machine's clock.
    pub(crate) sent: SystemTime,
    headers: HeaderMap,
}

impl Answer {
    /// The text of a header, if the answer has it once or more.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.headers.contains_key(name)
    }
}

/// Posts requests to one address, on connections that all threads share.
pub(crate) struct Transport {
    blueprint: Blueprint,
    connections: Connections,
}

/// What is needed to open connections, in this process or in a forked child.
struct Blueprint {
    uri: Uri,
    /// The headers of every request: first those that differ from one to the next, with no value
    /// yet, so that a copy need not grow and they are set in passing.
    headers: HeaderMap,
    /// `host:port`, for messages.
    peer: String,
    host: String,
    trust: Option<Trust>,
    proxy: Option<Proxy>,
    max_idle_connections: usize,
    max_idle_age: Duration,
}

/// The connections of one process, and those of a child that it forked.
struct Connections {
    generation: u32,
    /// Always there but while being dropped. Exchanged after a panic.
    agent: Option<RwLock<Arc<Agent>>>,
    in_forked_child: OnceLock<Box<Connections>>,
}

impl Transport {
    /// Reads certificates and proxy from what the settings name. Opens no connection.
    /// `varying` names the headers whose values come with each request, `fixed` are the others.
    pub(crate) fn new(
        config: &Config,
        endpoint: &Endpoint,
        varying: &[HeaderName; 3],
        fixed: impl IntoIterator<Item = (HeaderName, HeaderValue)>,
    ) -> Result<Self, Error> {
        fork::watch();
        let trust = match endpoint.is_tls() {
            true => Some(Trust::load(config)?),
            false => None,
        };
        let mut headers = HeaderMap::new();
        for name in varying.iter().chain(&[CONTENT_LENGTH]) {
            headers.insert(name, HeaderValue::from_static(""));
        }
        headers.insert(HOST, header_value("endpoint", endpoint.authority())?);
        headers.extend(fixed);
        let blueprint = Blueprint {
            uri: endpoint.uri().clone(),
            headers,
            peer: endpoint.host_and_port(),
            host: endpoint.host().to_owned(),
            trust,
            proxy: proxy::choose(config.proxy.as_ref(), endpoint)?,
            max_idle_connections: config.max_idle_connections,
            max_idle_age: MAX_IDLE_AGE,
        };
        Ok(Transport {
            connections: Connections::open(&blueprint)?,
            blueprint,
        })
    }

    /// Sends one request and reads the whole answer, all within the deadline. The values
    /// of the varying headers are asked for with the time of sending.
    ///
    /// A pooled connection that turns out dead says nothing about the server, so the request is
    /// sent again at once on another one; a connection that was just opened is believed.
    pub(crate) fn post(
        &self,
        headers: impl Fn(SystemTime) -> [HeaderValue; 3],
        body: &[u8],
        deadline: Deadline,
    ) -> Result<Answer, Error> {
        let connections = self.connections.of_this_process(&self.blueprint)?;
        let _under_way = call::begin(deadline);
        loop {
            let sent = SystemTime::now();
            let headers = headers(sent);
            let exchange = || self.exchange(&connections.agent(), headers, body, sent);
            let error = match panic::catch_unwind(AssertUnwindSafe(exchange)) {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(failure)) => self.explain(failure, deadline),
                Err(panic) => {
                    connections.renew(&self.blueprint);
                    panic::resume_unwind(panic);
                }
            };
            if error.code() != ErrorCode::ConnectionLost || call::has_connected() {
                return Err(error);
            }
        }
    }

    fn exchange(
        &self,
        agent: &Agent,
        headers: [HeaderValue; 3],
        body: &[u8],
        sent: SystemTime,
    ) -> Result<Answer, ureq::Error> {
        let mut request = self.request(headers, body);
        let _veil = veil::draw(request.headers_mut());
        let (head, body) = agent.run(request)?.into_parts();
        self.check_framing(&head)?;
        Ok(Answer {
            status: head.status.as_u16(),
            body: read(head.status, body)?,
            is_connection_new: call::has_connected(),
            sent,
            headers: head.headers,
        })
    }

    /// Refuses an answer whose end can be found in two ways (RFC 9112, section 6.3): a relay on
    /// the way may have found it in the other, and then what follows is not what it seems. As it
    /// is not read, its connection is closed.
    fn check_framing(&self, head: &Parts) -> Result<(), ureq::Error> {
        let mut codings = head.headers.get_all(TRANSFER_ENCODING).iter();
        let Some(coding) = codings.next() else {
            return Ok(());
        };
        let is_clear = coding.as_bytes().eq_ignore_ascii_case(b"chunked")
            && codings.next().is_none()
            && head.version == Version::HTTP_11
            && !head.headers.contains_key(CONTENT_LENGTH);
        if is_clear {
            return Ok(());
        }
        Err(failure::carry(Error::new(
            ErrorCode::InvalidResponse,
            format!(
                "{} answered in a way that leaves open where the answer ends (its Transfer-Encoding is not chunked alone); let the server or the gateway before it send one length",
                self.blueprint.peer
            ),
        )))
    }

    fn explain(&self, failure: ureq::Error, deadline: Deadline) -> Error {
        let server = &self.blueprint;
        let error = failure::explain(failure, &server.peer, deadline);
        if error.code() != ErrorCode::ConnectionLost || !call::has_connected() {
            return error;
        }
        match &server.trust {
            Some(trust) if call::is_certificate_wanted() => {
                let knows_ours = trust.has_client_certificate();
                tls_failure::lost_after_certificate_request(error, &server.host, knows_ours)
            }
            Some(_) => error,
            None => failure::lost_without_tls(error),
        }
    }

    fn request<'a>(&self, headers: [HeaderValue; 3], body: &'a [u8]) -> Request<&'a [u8]> {
        let mut request = Request::new(body);
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.blueprint.uri.clone();
        *request.headers_mut() = self.blueprint.headers.clone();
        let length = HeaderValue::from(body.len());
        let varying = headers.into_iter().chain([length]);
        for (empty, value) in request.headers_mut().values_mut().zip(varying) {
            *empty = value;
        }
        request
    }
}

/// A text as a header's value. UTF-8 goes out as it is: HTTP leaves the meaning of such bytes to
/// the two ends.
pub(crate) fn header_value(setting: &str, text: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_bytes(text.as_bytes()).map_err(|_| {
        Error::invalid_argument(format!("{setting} must not contain control characters"))
    })
}

/// Reads the body. Of an answer that is none, the beginning is enough: it is only quoted.
fn read(status: StatusCode, mut body: Body) -> Result<Vec<u8>, ureq::Error> {
    let announced = body.content_length().unwrap_or(0);
    let is_too_large = |size: u64| status == StatusCode::OK && size > MAX_BODY;
    if is_too_large(announced) {
        return Err(ureq::Error::BodyExceedsLimit(MAX_BODY));
    }
    // One byte more than announced, so that the end is found without making room.
    let mut bytes = Vec::with_capacity(announced.min(MAX_BODY) as usize + 1);
    body.as_reader()
        .take(MAX_BODY + 1)
        .read_to_end(&mut bytes)?;
    if is_too_large(bytes.len() as u64) {
        return Err(ureq::Error::BodyExceedsLimit(MAX_BODY));
    }
    Ok(bytes)
}

impl Connections {
    fn open(blueprint: &Blueprint) -> Result<Self, Error> {
        Ok(Connections {
            generation: fork::generation(),
            agent: Some(RwLock::new(Arc::new(blueprint.agent()?))),
            in_forked_child: OnceLock::new(),
        })
    }

    /// Those of the process that asks.
    fn of_this_process(&self, blueprint: &Blueprint) -> Result<&Connections, Error> {
        let mut connections = self;
        while connections.generation != fork::generation() {
            let child = &connections.in_forked_child;
            if child.get().is_none() {
                // Made first and set then: a fork while a OnceLock is being initialised would
                // leave it so in the child for ever.
                let _ = child.set(Box::new(Connections::open(blueprint)?));
            }
            connections = child.get().expect("was set above");
        }
        Ok(connections)
    }

    fn agent(&self) -> Arc<Agent> {
        let agent = self.lock().read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&agent)
    }

    /// Begins anew with an empty pool, after a panic that may have happened while the old one was
    /// locked: ureq gives up a pool that is poisoned, for good. Who has a connection of the old
    /// one in use keeps it until done.
    fn renew(&self, blueprint: &Blueprint) {
        if let Ok(agent) = blueprint.agent() {
            let mut current = self.lock().write().unwrap_or_else(PoisonError::into_inner);
            *current = Arc::new(agent);
        }
    }

    fn lock(&self) -> &RwLock<Arc<Agent>> {
        self.agent.as_ref().expect("is there until dropped")
    }
}

impl Drop for Connections {
    /// A child leaves its parent's agent as it is: another thread of the parent may have been
    /// changing it when the process forked.
    fn drop(&mut self) {
        if self.generation != fork::generation() {
            std::mem::forget(self.agent.take());
        }
    }
}

impl Blueprint {
    fn agent(&self) -> Result<Agent, Error> {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(self.proxy.clone())
            .max_idle_connections(self.max_idle_connections)
            .max_idle_connections_per_host(self.max_idle_connections)
            .max_idle_age(self.max_idle_age)
            .max_response_header_size(MAX_HEAD)
            .user_agent("")
            .accept("")
            .accept_encoding("")
            .build();
        let peer = match self.proxy {
            Some(_) => Peer::Proxy,
            None => Peer::Server,
        };
        let to_server = ().chain(ConnectProxyConnector::default()).chain(TcpConnector::new(peer));
        Ok(match &self.trust {
            Some(trust) => {
                let tls = TlsConnector::new(trust, &self.host)?;
                Agent::with_parts(config, to_server.chain(tls), ResolveLater)
            }
            None => Agent::with_parts(config, to_server, ResolveLater),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use diyalog_sandbox::{Options, Sandbox};

    #[test]
    fn a_connection_that_was_idle_for_long_is_not_used_again() {
        let sandbox = Sandbox::start(Options::default()).unwrap();
        let endpoint = Endpoint::parse(sandbox.url(), false).unwrap();
        let names = ["x-a", "x-b", "x-c"].map(HeaderName::from_static);
        let mut transport = Transport::new(&Config::default(), &endpoint, &names, []).unwrap();
        transport.blueprint.max_idle_age = Duration::from_millis(500);
        transport.connections = Connections::open(&transport.blueprint).unwrap();

        let post = || {
            let values = |_| [(); 3].map(|()| HeaderValue::from_static(""));
            let deadline = Deadline::after(Duration::from_secs(10));
            transport.post(values, b"{}", deadline).unwrap();
            sandbox.connection_count()
        };
        assert_eq!((post(), post()), (1, 1));
        std::thread::sleep(Duration::from_millis(600));
        assert_eq!(post(), 2);
    }
}
