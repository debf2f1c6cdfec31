//! One HTTP exchange inside a deadline: ureq's agent with our own connections.
//!
//! Knows neither customers nor signatures. Uses `ureq::unversioned`, which may change with any minor
//! version of ureq: only this folder uses it, and Cargo.toml pins the version.

mod buffers;
mod certificates;
mod connection;
mod connections;
mod connector;
mod current_call;
mod dns;
mod failure;
mod proxy;
mod redact;
mod socket;
mod tls;
mod tls_failure;
mod tunnel;
mod verify;
mod wait;

use std::io::Read;
use std::panic::{self, AssertUnwindSafe};
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use http::header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http::response::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri, Version};
use ureq::{Agent, Body};

use self::certificates::Certificates;
use self::connections::{Blueprint, Connections};
use self::failure::Failure;
use crate::config::Config;
use crate::deadline::Deadline;
use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorCode};
use crate::header_text::HeaderText;
use crate::interruption::Interruption;
use crate::os::fork;

/// A connection idle for longer is not reused. Servers close theirs after 60 s or more, firewalls
/// forget them after minutes. Half of the shortest avoids both.
const MAX_IDLE_AGE: Duration = Duration::from_secs(30);

/// How much of a response other than 200 is read: it is only quoted.
const MAX_ERROR_BODY: usize = 64 * 1024;

/// One request, ready to be sent.
pub(crate) struct PostRequest<'a> {
    pub(crate) uri: &'a Uri,
    /// The headers that differ from one request to the next.
    pub(crate) headers: [(HeaderName, HeaderValue); 3],
    pub(crate) body: &'a [u8],
    /// The largest body of a 200 response that is read.
    pub(crate) max_response_body: usize,
}

/// Which connection an exchange may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// An idle one of the pool, or a new one if there is none.
    IdleConnection,
    /// A new one, after an idle one was stale.
    NewConnection,
}

/// The response of a server.
#[derive(Debug)]
pub(crate) struct HttpResponse {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    /// Whether a connection was opened for it.
    pub(crate) is_connection_new: bool,
    /// When its request was sent, by this machine's clock.
    pub(crate) sent: SystemTime,
    headers: HeaderMap,
}

impl HttpResponse {
    /// The text of a header, if the response has it once or more.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.headers.contains_key(name)
    }
}

/// An exchange that ended without a response.
#[derive(Debug)]
pub(crate) struct FailedExchange {
    pub(crate) error: Error,
    /// An idle connection was stale. The server has not failed.
    pub(crate) is_stale_connection: bool,
    /// The server may have acted on the request.
    pub(crate) may_have_arrived: bool,
}

impl From<Error> for FailedExchange {
    /// Before anything was sent.
    fn from(error: Error) -> Self {
        FailedExchange {
            error,
            is_stale_connection: false,
            may_have_arrived: false,
        }
    }
}

/// Posts requests to one server, on connections that all threads share.
pub(crate) struct Transport {
    /// `host:port`, for messages.
    peer: String,
    /// The headers of every request. Those that differ have an empty value, so that setting them in
    /// a copy does not allocate.
    headers: HeaderMap,
    blueprint: Blueprint,
    connections: Connections,
}

impl Transport {
    /// Reads certificates and proxy from what the settings name. Opens no connection.
    pub(crate) fn new(
        config: &Config,
        endpoint: &Endpoint,
        mut headers: HeaderMap,
    ) -> Result<Self, Error> {
        fork::watch();
        let certificates = match endpoint.is_tls() {
            true => Some(Certificates::load(config)?),
            false => None,
        };
        let host = HeaderText::new(endpoint.authority())
            .map_err(|fault| Error::invalid_config("endpoint", fault))?;
        headers.insert(HOST, host.value());
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static(""));
        let blueprint = Blueprint {
            host: endpoint.host().to_owned(),
            certificates,
            proxy: proxy::choose(config.proxy.as_ref(), endpoint)?,
            settings: connections::settings(config.max_idle_connections, MAX_IDLE_AGE),
        };
        Ok(Transport {
            peer: endpoint.host_and_port(),
            headers,
            connections: Connections::new(&blueprint)?,
            blueprint,
        })
    }

    /// Sends one request and reads the whole response, all within the deadline, unless the call is
    /// cancelled.
    pub(crate) fn exchange(
        &self,
        request: &PostRequest,
        connection: Use,
        deadline: Deadline,
        interruption: Option<&Rc<Interruption>>,
    ) -> Result<HttpResponse, FailedExchange> {
        let connections = self.connections.of_this_process(&self.blueprint)?;
        let agent = connections.agent();
        let _under_way = current_call::begin(interruption);
        let run = || self.run(&agent, request, connection, deadline);
        match panic::catch_unwind(AssertUnwindSafe(run)) {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => {
                let failure = Failure::from_ureq(error, &self.peer);
                if failure.is_silent_connection() {
                    connections.replace(&agent, &self.blueprint);
                }
                Err(self.failed(failure, deadline))
            }
            Err(panic) => {
                connections.replace(&agent, &self.blueprint);
                panic::resume_unwind(panic);
            }
        }
    }

    fn run(
        &self,
        agent: &Agent,
        request: &PostRequest,
        connection: Use,
        deadline: Deadline,
    ) -> Result<HttpResponse, ureq::Error> {
        let sent = SystemTime::now();
        let mut http_request = self.http_request(request);
        let _redacted = redact::redact(http_request.headers_mut());
        let settings = agent
            .configure_request(http_request)
            .timeout_global(Some(deadline.remaining().unwrap_or_default()));
        let settings = match connection {
            Use::IdleConnection => settings,
            // A request with another configuration of ureq's own sockets would get a connection
            // outside the pool (`Config::can_share_pool_with`). Our connections ignore it.
            Use::NewConnection => settings.no_delay(false),
        };
        let (header, body) = agent.run(settings.build())?.into_parts();
        self.check_framing(&header)?;
        Ok(HttpResponse {
            status: header.status.as_u16(),
            body: read_body(header.status, body, request.max_response_body)?,
            is_connection_new: current_call::connection_opened(),
            sent,
            headers: header.headers,
        })
    }

    fn http_request<'a>(&self, request: &PostRequest<'a>) -> Request<&'a [u8]> {
        let mut headers = self.headers.clone();
        headers.insert(CONTENT_LENGTH, HeaderValue::from(request.body.len()));
        for (name, value) in &request.headers {
            headers.insert(name, value.clone());
        }
        let mut http_request = Request::new(request.body);
        *http_request.method_mut() = Method::POST;
        *http_request.uri_mut() = request.uri.clone();
        *http_request.headers_mut() = headers;
        http_request
    }

    /// Rejects a response whose end is ambiguous (RFC 9112, section 6.3): a gateway on the way may
    /// have found another end, and what follows could be read as the next response. The body is not
    /// read, so the connection is closed.
    fn check_framing(&self, header: &Parts) -> Result<(), ureq::Error> {
        let mut codings = header.headers.get_all(TRANSFER_ENCODING).iter();
        let Some(coding) = codings.next() else {
            return Ok(());
        };
        let is_clear = coding.as_bytes().eq_ignore_ascii_case(b"chunked")
            && codings.next().is_none()
            && header.version == Version::HTTP_11
            && !header.headers.contains_key(CONTENT_LENGTH);
        if is_clear {
            return Ok(());
        }
        let error = Error::new(
            ErrorCode::InvalidResponse,
            format!(
                "the end of the response of {} is ambiguous (its Transfer-Encoding is not chunked alone); let the server or the gateway in front of it send one length",
                self.peer
            ),
        );
        Err(Failure::reading(error).into())
    }

    fn failed(&self, failure: Failure, deadline: Deadline) -> FailedExchange {
        let is_stale_connection = failure.is_stale_connection();
        let may_have_arrived = failure.progress.request_sent;
        let was_idle = failure.progress.was_idle;
        let certificate_requested = failure.certificate_requested;
        let error = failure.explain(&self.peer, deadline);
        FailedExchange {
            error: match &self.blueprint.certificates {
                _ if error.code() != ErrorCode::ConnectionLost || was_idle => error,
                None => failure::lost_without_tls(error),
                Some(certificates) if certificate_requested => {
                    tls_failure::lost_after_certificate_request(
                        error,
                        &self.blueprint.host,
                        certificates.has_client_certificate(),
                    )
                }
                Some(_) => error,
            },
            is_stale_connection,
            may_have_arrived,
        }
    }
}

/// Reads the body of a 200 response up to the limit, and the beginning of any other.
fn read_body(status: StatusCode, mut body: Body, limit: usize) -> Result<Vec<u8>, ureq::Error> {
    let limit = match status {
        StatusCode::OK => limit,
        _ => MAX_ERROR_BODY,
    };
    let is_too_large = |size: u64| status == StatusCode::OK && size > limit as u64;
    let announced = body.content_length().unwrap_or(0);
    if is_too_large(announced) {
        return Err(ureq::Error::BodyExceedsLimit(limit as u64));
    }
    // One byte more than announced, so that finding the end does not allocate.
    let mut bytes = Vec::with_capacity(announced.min(limit as u64) as usize + 1);
    body.as_reader()
        .take(limit as u64 + 1)
        .read_to_end(&mut bytes)?;
    if is_too_large(bytes.len() as u64) {
        return Err(ureq::Error::BodyExceedsLimit(limit as u64));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use diyalog_sandbox::{Options, Sandbox};

    #[test]
    fn a_connection_idle_for_too_long_is_not_reused() {
        let sandbox = Sandbox::start(Options::default()).unwrap();
        let endpoint = Endpoint::parse(sandbox.url(), false).unwrap();
        let mut transport =
            Transport::new(&Config::default(), &endpoint, HeaderMap::new()).unwrap();
        transport.blueprint.settings = connections::settings(8, Duration::from_millis(500));
        transport.connections = Connections::new(&transport.blueprint).unwrap();

        let uri = endpoint.uri_of("/").unwrap();
        let post = || {
            let header = |name| (HeaderName::from_static(name), HeaderValue::from_static(""));
            let request = PostRequest {
                uri: &uri,
                headers: ["x-a", "x-b", "x-c"].map(header),
                body: b"{}",
                max_response_body: 100,
            };
            let deadline = Deadline::after(Duration::from_secs(10));
            transport
                .exchange(&request, Use::IdleConnection, deadline, None)
                .unwrap();
            sandbox.connection_count()
        };
        assert_eq!((post(), post()), (1, 1));
        std::thread::sleep(Duration::from_millis(600));
        assert_eq!(post(), 2);
    }
}
