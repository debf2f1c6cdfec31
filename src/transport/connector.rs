//! Opening a connection: each address of the host in turn, inside the deadline.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use http::Uri;
use ureq::Timeout;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{ConnectionDetails, Connector, Either, NextTimeout, Transport};

use super::call::{self, Phase};
use super::dns::{self, Dns};
use super::failure;
use super::socket::Socket;
use crate::endpoint::bare;
use crate::error::{Error, ErrorCode};

/// ureq asks for addresses before every request, also where a connection waits in the pool.
/// The question is put off until one has to be opened.
#[derive(Debug)]
pub(super) struct ResolveLater;

impl Resolver for ResolveLater {
    fn resolve(
        &self,
        _: &Uri,
        _: &ureq::config::Config,
        _: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        Ok(self.empty())
    }
}

/// Opens TCP connections to the server, or to the proxy before it.
#[derive(Debug)]
pub(super) struct TcpConnector {
    dns: Dns,
    /// What a failure to connect is, and how the other side is called in its message.
    peer: Peer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Peer {
    Server,
    Proxy,
}

impl TcpConnector {
    pub(super) fn new(peer: Peer) -> Self {
        TcpConnector {
            dns: Dns::default(),
            peer,
        }
    }

    fn open(&self, uri: &Uri) -> Result<Socket, ureq::Error> {
        let host = bare(uri.host().unwrap_or_default());
        let port = uri.port_u16().unwrap_or_else(|| default_port(uri));

        call::enter(Phase::Resolving);
        let addresses = self
            .dns
            .resolve(host, call::remaining())
            .map_err(|failure| self.resolve_error(host, failure))?;

        call::enter(match self.peer {
            Peer::Server => Phase::Connecting,
            Peer::Proxy => Phase::Tunnel,
        });
        let result = connect_in_turn(&addresses, port);
        match &result {
            Ok((_, address)) if Some(address) != addresses.first() => {
                self.dns.prefer(host, *address);
            }
            Ok(_) => {}
            Err(_) => self.dns.forget(host),
        }
        result
            .map(|(socket, _)| socket)
            .map_err(|failure| self.connect_error(host, port, failure))
    }

    fn resolve_error(&self, host: &str, failure: dns::Failure) -> ureq::Error {
        match failure {
            dns::Failure::TimedOut => ureq::Error::Timeout(Timeout::Global),
            dns::Failure::NotFound(reason) => failure::carry(match self.peer {
                Peer::Server => Error::new(
                    ErrorCode::Resolve,
                    format!(
                        "the host name {host} of endpoint has no address ({reason}); check the name, and this machine's DNS"
                    ),
                ),
                Peer::Proxy => Error::new(
                    ErrorCode::Proxy,
                    format!(
                        "the host name {host} of proxy has no address ({reason}); check the name, and this machine's DNS"
                    ),
                ),
            }),
        }
    }

    fn connect_error(&self, host: &str, port: u16, failure: ConnectFailure) -> ureq::Error {
        let ConnectFailure::Refused(reasons) = failure else {
            return ureq::Error::Timeout(Timeout::Global);
        };
        let reasons = reasons.join("; ");
        failure::carry(match self.peer {
            Peer::Server => Error::new(
                ErrorCode::Connect,
                format!(
                    "cannot connect to {host} port {port}: {reasons}; check that the server runs and that no firewall is between"
                ),
            ),
            Peer::Proxy => Error::new(
                ErrorCode::Proxy,
                format!(
                    "cannot connect to the proxy {host} port {port}: {reasons}; check the proxy setting and that the proxy runs"
                ),
            ),
        })
    }
}

/// Through a new tunnel nothing was asked yet. What a proxy says beyond its consent would be taken
/// for the answer to a request that then is sent together with the next, and answered in its place.
fn checked<T: Transport>(mut tunnel: T) -> Result<T, ureq::Error> {
    if tunnel.buffers().input().is_empty() {
        return Ok(tunnel);
    }
    Err(failure::carry(Error::new(
        ErrorCode::Proxy,
        "the proxy agreed to connect and went on talking before it was asked anything; check the proxy setting, or let the proxy's administrator look at it",
    )))
}

fn default_port(uri: &Uri) -> u16 {
    match uri.scheme_str() {
        Some("https") => 443,
        _ => 80,
    }
}

#[derive(Debug)]
enum ConnectFailure {
    /// The deadline passed.
    TimedOut,
    /// What each address said.
    Refused(Vec<String>),
}

/// Tries one address after the other. Each but the last may use an equal share of the time that
/// is left, so that an address which leads nowhere leaves time for one that does.
fn connect_in_turn(addresses: &[IpAddr], port: u16) -> Result<(Socket, IpAddr), ConnectFailure> {
    let mut reasons = Vec::new();
    for (tried, address) in addresses.iter().enumerate() {
        let left = call::remaining().ok_or(ConnectFailure::TimedOut)?;
        let untried = u32::try_from(addresses.len() - tried).unwrap_or(u32::MAX);
        let share = (left / untried).max(Duration::from_millis(1));
        match Socket::connect(SocketAddr::new(*address, port), share) {
            Ok(socket) => return Ok((socket, *address)),
            Err(error) => reasons.push(format!("{address}: {}", reason(&error))),
        }
    }
    match call::remaining() {
        Some(_) => Err(ConnectFailure::Refused(reasons)),
        None => Err(ConnectFailure::TimedOut),
    }
}

fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::TimedOut => "no answer".to_owned(),
        _ => error.to_string(),
    }
}

impl<In: Transport> Connector<In> for TcpConnector {
    type Out = Either<In, Socket>;

    fn connect(
        &self,
        details: &ConnectionDetails,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, ureq::Error> {
        let connection = match chained {
            // The tunnel through the proxy, which this connector opened a connection to before.
            Some(tunnel) => Either::A(checked(tunnel)?),
            None => Either::B(self.open(details.uri)?),
        };
        let leads_to_the_server = self.peer == Peer::Server || matches!(connection, Either::A(_));
        if leads_to_the_server {
            call::enter(Phase::Answer);
        }
        Ok(Some(connection))
    }
}
