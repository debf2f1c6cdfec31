//! TLS over any connection: a socket, or a tunnel through a proxy.

use std::fmt;
use std::io::{self, Read, Write};
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, Stream};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, NextTimeout, Transport, TransportAdapter,
};

use super::buffers::IoBuffers;
use super::call::{self, Phase};
use super::tls_failure;
use super::trust::Trust;
use crate::error::Error;

/// Wraps connections to the server in TLS; those to a proxy stay as they are.
#[derive(Debug)]
pub(super) struct TlsConnector {
    config: Arc<ClientConfig>,
    server: Arc<Server>,
}

/// The server as certificates and as messages name it.
#[derive(Debug)]
struct Server {
    name: ServerName<'static>,
    host: String,
    knows_our_certificate: bool,
}

impl TlsConnector {
    pub(super) fn new(trust: &Trust, host: &str) -> Result<Self, Error> {
        let name = ServerName::try_from(host.to_owned()).map_err(|_| {
            Error::invalid_config(format!(
                "endpoint names the host {host}, which is no DNS name"
            ))
        })?;
        Ok(TlsConnector {
            config: trust.client_config(),
            server: Arc::new(Server {
                name,
                host: host.to_owned(),
                knows_our_certificate: trust.has_client_certificate(),
            }),
        })
    }

    fn shake_hands(
        &self,
        below: Box<dyn Transport>,
        details: &ConnectionDetails,
    ) -> Result<TlsStream, ureq::Error> {
        call::enter(Phase::TlsHandshake);
        let session = ClientConnection::new(Arc::clone(&self.config), self.server.name.clone())
            .map_err(|error| self.server.explain(io::Error::other(error)))?;
        let mut stream = TlsStream {
            session,
            below: TransportAdapter::new(below, Arc::clone(&details.current_time)),
            buffers: IoBuffers::default(),
            server: Arc::clone(&self.server),
        };
        stream
            .session
            .complete_io(&mut stream.below)
            .map_err(|error| self.server.explain(error))?;
        call::enter(Phase::Answer);
        Ok(stream)
    }
}

impl Server {
    fn explain(&self, error: io::Error) -> ureq::Error {
        tls_failure::explain(error, &self.host, self.knows_our_certificate)
    }
}

impl<In: Transport> Connector<In> for TlsConnector {
    type Out = Either<In, TlsStream>;

    fn connect(
        &self,
        details: &ConnectionDetails,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, ureq::Error> {
        let below = chained.ok_or(ureq::Error::ConnectionFailed)?;
        Ok(Some(if details.needs_tls() {
            Either::B(self.shake_hands(Box::new(below), details)?)
        } else {
            Either::A(below)
        }))
    }
}

/// A TLS session over another transport.
pub(super) struct TlsStream {
    session: ClientConnection,
    below: TransportAdapter,
    buffers: IoBuffers,
    server: Arc<Server>,
}

impl TlsStream {
    /// Sends the output that was held back, as one record.
    fn flush(&mut self) -> io::Result<()> {
        let mut stream = Stream::new(&mut self.session, &mut self.below);
        stream.write_all(self.buffers.pending_output())?;
        self.buffers.output_sent();
        Ok(())
    }

    fn receive(&mut self) -> io::Result<usize> {
        Stream::new(&mut self.session, &mut self.below).read(self.buffers.input_append_buf())
    }

    /// Whether nothing that was received is still unread.
    fn is_read_to_the_end(&mut self) -> bool {
        let session_is_empty = self
            .session
            .process_new_packets()
            .is_ok_and(|state| state.plaintext_bytes_to_read() == 0 && !state.peer_has_closed());
        session_is_empty && self.below.get_mut().buffers().input().is_empty()
    }
}

impl Transport for TlsStream {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), ureq::Error> {
        self.buffers.hold_output(amount);
        if self.buffers.output_is_full() {
            self.flush().map_err(|error| self.server.explain(error))?;
        }
        Ok(())
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, ureq::Error> {
        self.buffers.check_room_for_input()?;
        let amount = self
            .flush()
            .and_then(|()| self.receive())
            .map_err(|error| self.server.explain(error))?;
        if amount > 0 {
            call::set_certificate_wanted(false);
        }
        self.buffers.received(amount)
    }

    fn is_open(&mut self) -> bool {
        self.is_read_to_the_end() && self.below.get_mut().is_open()
    }

    fn is_tls(&self) -> bool {
        true
    }
}

impl fmt::Debug for TlsStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TlsStream({})", self.server.host)
    }
}
