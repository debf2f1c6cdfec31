//! Opening a connection: address, TCP, tunnel, TLS, all inside the deadline.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use http::Uri;
use ureq::Proxy;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{ConnectionDetails, Connector, NextTimeout};

use super::connection::{Connection, Stream};
use super::dns::{Dns, Unresolved};
use super::failure::{Cause, Failure, Phase, inner};
use super::socket::Socket;
use super::tls::TlsConnector;
use super::wait::{self, Stopped};
use super::{current_call, tunnel};
use crate::endpoint::bare;
use crate::error::{Error, ErrorCode};

/// Leaves resolving to the connector. ureq resolves the host before every request, even if the pool
/// has an idle connection, and a query costs a thread.
///
/// Returns no address, which breaks the contract of the trait. With ureq 3.5 only the connector reads
/// the addresses, and ours resolves the name itself. Every test that connects by name would fail after
/// a change.
#[derive(Debug)]
pub(super) struct ResolveInConnector;

impl Resolver for ResolveInConnector {
    fn resolve(
        &self,
        _: &Uri,
        _: &ureq::config::Config,
        _: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        Ok(self.empty())
    }
}

/// Opens connections to one server, directly or through a proxy.
#[derive(Debug)]
pub(super) struct ServerConnector {
    pub(super) dns: Arc<Dns>,
    pub(super) proxy: Option<Proxy>,
    pub(super) tls: Option<TlsConnector>,
}

impl Connector for ServerConnector {
    type Out = Connection;

    fn connect(
        &self,
        details: &ConnectionDetails,
        _: Option<()>,
    ) -> Result<Option<Connection>, ureq::Error> {
        current_call::set_connection_opened();
        let until = wait::end_of(&details.timeout);
        Ok(Some(self.open(details.uri, until)?))
    }
}

impl ServerConnector {
    fn open(&self, uri: &Uri, until: Instant) -> Result<Connection, Failure> {
        let host = uri.host().unwrap_or_default();
        let port = uri.port_u16().unwrap_or_else(|| default_port(uri));
        let socket = match &self.proxy {
            None => self.connect_tcp(Peer::Server, host, port, until)?,
            Some(proxy) => {
                let mut socket =
                    self.connect_tcp(Peer::Proxy, proxy.host(), proxy.port(), until)?;
                tunnel::open(&mut socket, proxy, &format!("{host}:{port}"), until)
                    .map_err(|cause| Failure::opening(Phase::Tunnel, cause))?;
                socket
            }
        };
        Ok(Connection::new(match &self.tls {
            None => Stream::Plain(socket),
            Some(tls) => Stream::Tls(Box::new(tls.handshake(socket, until)?)),
        }))
    }

    fn connect_tcp(
        &self,
        peer: Peer,
        host: &str,
        port: u16,
        until: Instant,
    ) -> Result<Socket, Failure> {
        let host = bare(host);
        let addresses = self.dns.resolve(host, until).map_err(|unresolved| {
            Failure::opening(Phase::Resolving, peer.resolve_error(host, unresolved))
        })?;
        match connect_in_turn(&addresses, port, until) {
            Ok((socket, address)) => {
                self.dns.prefer(host, address);
                Ok(socket)
            }
            Err(error) => {
                self.dns.forget(host);
                Err(Failure::opening(
                    peer.connecting(),
                    peer.connect_error(host, port, error),
                ))
            }
        }
    }
}

/// What a connection is opened to, for phases and messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Peer {
    Server,
    Proxy,
}

impl Peer {
    fn connecting(self) -> Phase {
        match self {
            Peer::Server => Phase::Connecting,
            Peer::Proxy => Phase::Tunnel,
        }
    }

    fn resolve_error(self, host: &str, unresolved: Unresolved) -> Cause {
        let reason = match unresolved {
            Unresolved::Stopped(stopped) => return stopped.into(),
            Unresolved::NotFound(reason) => reason,
        };
        let (code, setting) = match self {
            Peer::Server => (ErrorCode::Resolve, "endpoint"),
            Peer::Proxy => (ErrorCode::Proxy, "proxy"),
        };
        Cause::Explained(Error::new(
            code,
            format!(
                "the host name {host} of {setting} does not resolve ({reason}); check the name and this machine's DNS"
            ),
        ))
    }

    fn connect_error(self, host: &str, port: u16, error: ConnectError) -> Cause {
        let reasons = match error {
            ConnectError::Stopped(stopped) => return stopped.into(),
            ConnectError::Refused(reasons) => reasons.join("; "),
        };
        Cause::Explained(match self {
            Peer::Server => Error::new(
                ErrorCode::Connect,
                format!(
                    "cannot connect to {host} port {port} ({reasons}); check that the server runs and that no firewall blocks it"
                ),
            ),
            Peer::Proxy => Error::new(
                ErrorCode::Proxy,
                format!(
                    "cannot connect to the proxy {host} port {port} ({reasons}); check the proxy setting and that the proxy runs"
                ),
            ),
        })
    }
}

fn default_port(uri: &Uri) -> u16 {
    match uri.scheme_str() {
        Some("https") => 443,
        _ => 80,
    }
}

#[derive(Debug)]
enum ConnectError {
    Stopped(Stopped),
    /// The error of each address.
    Refused(Vec<String>),
}

/// Tries one address after the other. Each has an equal share of the remaining time, so that an
/// unreachable address leaves time for the next.
fn connect_in_turn(
    addresses: &[IpAddr],
    port: u16,
    until: Instant,
) -> Result<(Socket, IpAddr), ConnectError> {
    let mut reasons = Vec::new();
    for (tried, address) in addresses.iter().enumerate() {
        wait::next(until).map_err(ConnectError::Stopped)?;
        let now = Instant::now();
        let untried = u32::try_from(addresses.len() - tried).unwrap_or(u32::MAX);
        let share = now + until.saturating_duration_since(now) / untried;
        match Socket::connect(SocketAddr::new(*address, port), share) {
            Ok(socket) => return Ok((socket, *address)),
            Err(error) => reasons.push(format!("{address}: {}", reason(&error))),
        }
    }
    wait::next(until).map_err(ConnectError::Stopped)?;
    Err(ConnectError::Refused(reasons))
}

fn reason(error: &io::Error) -> String {
    match inner::<Stopped>(error) {
        Some(_) => "no response".to_owned(),
        None if error.kind() == io::ErrorKind::TimedOut => "no response".to_owned(),
        None => error.to_string(),
    }
}
