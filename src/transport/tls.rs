//! TLS over a socket, or over a tunnel through a proxy.

use std::fmt;
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::time::Instant;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection};

use super::certificates::Certificates;
use super::failure::{Cause, Failure, Phase, inner};
use super::socket::Socket;
use super::{current_call, tls_failure};
use crate::error::Error;

/// Starts TLS sessions with one server.
#[derive(Debug)]
pub(super) struct TlsConnector {
    config: Arc<ClientConfig>,
    server: Arc<Server>,
}

/// The server's name, for certificates and messages.
#[derive(Debug)]
struct Server {
    name: ServerName<'static>,
    host: String,
    has_client_certificate: bool,
}

impl TlsConnector {
    pub(super) fn new(certificates: &Certificates, host: &str) -> Result<Self, Error> {
        let name = ServerName::try_from(host.to_owned()).map_err(|_| {
            let fault = format!("names the host {host} (not a DNS name); check its spelling");
            Error::invalid_config("endpoint", fault)
        })?;
        Ok(TlsConnector {
            config: certificates.client_config(),
            server: Arc::new(Server {
                name,
                host: host.to_owned(),
                has_client_certificate: certificates.has_client_certificate(),
            }),
        })
    }

    pub(super) fn handshake(&self, socket: Socket, until: Instant) -> Result<TlsStream, Failure> {
        let session = ClientConnection::new(Arc::clone(&self.config), self.server.name.clone())
            .map_err(|error| Failure::opening(Phase::TlsHandshake, io::Error::other(error)))?;
        let mut stream = TlsStream {
            session,
            socket,
            records: RecordBoundary::default(),
            certificate_requested: false,
            server: Arc::clone(&self.server),
        };
        stream.socket.keep(until);
        current_call::take_certificate_requested();
        let completed = stream.complete_handshake();
        stream.certificate_requested = current_call::take_certificate_requested();
        match completed {
            Ok(()) => Ok(stream),
            Err(error) => Err(Failure {
                certificate_requested: stream.certificate_requested,
                ..Failure::opening(Phase::TlsHandshake, stream.explain(error))
            }),
        }
    }
}

/// A TLS session and its socket.
pub(super) struct TlsStream {
    session: ClientConnection,
    socket: Socket,
    records: RecordBoundary,
    /// The server requested a client certificate and has not responded since. A response shows that
    /// it accepted the certificate, or did not require one.
    certificate_requested: bool,
    server: Arc<Server>,
}

impl TlsStream {
    pub(super) fn send(&mut self, mut bytes: &[u8], until: Instant) -> Result<(), Cause> {
        self.socket.keep(until);
        while !bytes.is_empty() {
            let accepted = self.session.writer().write(bytes)?;
            bytes = &bytes[accepted..];
            self.send_records().map_err(|error| self.explain(error))?;
        }
        Ok(())
    }

    /// Returns 0 once the server has closed the session.
    pub(super) fn receive(&mut self, into: &mut [u8], until: Instant) -> Result<usize, Cause> {
        self.socket.keep(until);
        loop {
            match self.session.reader().read(into) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Ok(amount) => {
                    self.certificate_requested &= amount == 0;
                    return Ok(amount);
                }
                Err(error) => return Err(self.explain(error)),
            }
            self.receive_records()
                .map_err(|error| self.explain(error))?;
        }
    }

    /// Whether everything received was read: there is no plaintext, no part of a record and no end of
    /// the session.
    pub(super) fn is_drained(&mut self) -> bool {
        self.records.is_reached()
            && self
                .session
                .process_new_packets()
                .is_ok_and(|state| state.plaintext_bytes_to_read() == 0 && !state.peer_has_closed())
    }

    pub(super) fn socket(&mut self) -> &mut Socket {
        &mut self.socket
    }

    pub(super) fn certificate_requested(&self) -> bool {
        self.certificate_requested
    }

    fn complete_handshake(&mut self) -> io::Result<()> {
        while self.session.is_handshaking() {
            self.send_or_read_alert()?;
            if self.session.is_handshaking() && self.receive_records()? == 0 {
                return Err(io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    "the peer closed it",
                ));
            }
        }
        self.send_or_read_alert()
    }

    /// A server that hangs up has mostly said why in an alert, which then waits to be read.
    fn send_or_read_alert(&mut self) -> io::Result<()> {
        self.send_records()
            .map_err(|not_sent| match self.receive_records() {
                Err(alert) if inner::<rustls::Error>(&alert).is_some() => alert,
                _ => not_sent,
            })
    }

    fn send_records(&mut self) -> io::Result<()> {
        while self.session.wants_write() {
            self.session.write_tls(&mut self.socket)?;
        }
        Ok(())
    }

    /// Returns the number of received bytes; 0 at the end of the connection.
    fn receive_records(&mut self) -> io::Result<usize> {
        let mut tracked = Tracked {
            socket: &mut self.socket,
            records: &mut self.records,
        };
        let amount = self.session.read_tls(&mut tracked)?;
        if let Err(reason) = self.session.process_new_packets() {
            // Sends the alert, so that the server's log has the reason.
            let _ = self.send_records();
            return Err(io::Error::other(reason));
        }
        // Replies to what the session received, such as a key update.
        self.send_records()?;
        Ok(amount)
    }

    /// Turns rustls's errors into TLS errors; others stay unchanged.
    fn explain(&self, error: io::Error) -> Cause {
        match inner::<rustls::Error>(&error) {
            Some(reason) => Cause::Explained(tls_failure::explain(
                reason,
                &self.server.host,
                self.server.has_client_certificate,
                self.certificate_requested,
            )),
            None => error.into(),
        }
    }
}

impl fmt::Debug for TlsStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TlsStream({})", self.server.host)
    }
}

/// Finds the boundaries of TLS records. rustls does not show that it holds part of a record, and data
/// that a server began to send unasked must not become a response.
#[derive(Debug, Default)]
struct RecordBoundary {
    /// Type, version and length, as far as received.
    header: [u8; 5],
    header_received: usize,
    /// Bytes of the record that are not yet received.
    content_left: usize,
}

impl RecordBoundary {
    fn advance(&mut self, mut received: &[u8]) {
        while let Some(byte) = received.first() {
            if self.content_left > 0 {
                let amount = self.content_left.min(received.len());
                self.content_left -= amount;
                received = &received[amount..];
                continue;
            }
            self.header[self.header_received] = *byte;
            self.header_received += 1;
            received = &received[1..];
            if self.header_received == self.header.len() {
                let [.., high, low] = self.header;
                self.content_left = u16::from_be_bytes([high, low]).into();
                self.header_received = 0;
            }
        }
    }

    fn is_reached(&self) -> bool {
        self.header_received == 0 && self.content_left == 0
    }
}

/// Reads from the socket and follows the records.
struct Tracked<'a> {
    socket: &'a mut Socket,
    records: &'a mut RecordBoundary,
}

impl Read for Tracked<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let amount = self.socket.read(into)?;
        self.records.advance(&into[..amount]);
        Ok(amount)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_record_is_found_in_any_pieces() {
        let records = [
            &[23, 3, 3, 0, 3][..],
            b"abc",
            &[23, 3, 3, 0, 0],
            &[21, 3, 3, 1, 0],
            &[0; 256],
        ]
        .concat();
        let ends = [8, 13, records.len()];
        for piece in [1, 2, 3, 7, 13, 1000] {
            let (mut boundary, mut position) = (RecordBoundary::default(), 0);
            for bytes in records.chunks(piece) {
                boundary.advance(bytes);
                position += bytes.len();
                assert_eq!(
                    boundary.is_reached(),
                    ends.contains(&position),
                    "{piece}: {position}"
                );
            }
        }
    }
}
