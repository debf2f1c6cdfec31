//! A connection that implements ureq's `Transport`: plain or TLS, idle or with a request under way.
//!
//! Output is held back until input is awaited, so that header and body are sent together.

use std::time::Instant;

use ureq::unversioned::transport::{Buffers, NextTimeout, Transport};

use super::buffers::IoBuffers;
use super::failure::{Cause, Failure, Phase, Progress};
use super::socket::Socket;
use super::tls::TlsStream;
use super::wait;

/// The plain or TLS stream below a connection.
#[derive(Debug)]
pub(super) enum Stream {
    Plain(Socket),
    Tls(Box<TlsStream>),
}

impl Stream {
    fn send(&mut self, bytes: &[u8], until: Instant) -> Result<(), Cause> {
        match self {
            Stream::Plain(socket) => socket.send(bytes, until),
            Stream::Tls(stream) => stream.send(bytes, until),
        }
    }

    fn receive(&mut self, into: &mut [u8], until: Instant) -> Result<usize, Cause> {
        match self {
            Stream::Plain(socket) => socket.receive(into, until),
            Stream::Tls(stream) => stream.receive(into, until),
        }
    }

    /// Whether everything that was received was also read. Makes no system call.
    fn is_drained(&mut self) -> bool {
        match self {
            Stream::Plain(_) => true,
            Stream::Tls(stream) => stream.is_drained(),
        }
    }

    fn socket(&mut self) -> &mut Socket {
        match self {
            Stream::Plain(socket) => socket,
            Stream::Tls(stream) => stream.socket(),
        }
    }

    fn certificate_requested(&self) -> bool {
        match self {
            Stream::Plain(_) => false,
            Stream::Tls(stream) => stream.certificate_requested(),
        }
    }
}

#[derive(Debug)]
pub(super) struct Connection {
    stream: Stream,
    buffers: IoBuffers,
    /// In the pool, or on the way there.
    is_idle: bool,
    /// Whether the connection was in the pool before this request.
    was_idle: bool,
    response_begun: bool,
}

impl Connection {
    pub(super) fn new(mut stream: Stream) -> Self {
        stream.socket().begin_request();
        Connection {
            stream,
            buffers: IoBuffers::default(),
            is_idle: false,
            was_idle: false,
            response_begun: false,
        }
    }

    fn begin_request(&mut self) {
        self.is_idle = false;
        self.was_idle = true;
        self.response_begun = false;
        self.stream.socket().begin_request();
        self.buffers.begin_request();
    }

    /// Sends all output that was held back.
    fn flush(&mut self, until: Instant) -> Result<(), Cause> {
        let sent = self.stream.send(self.buffers.pending_output(), until);
        self.buffers.output_sent();
        sent
    }

    fn receive(&mut self, until: Instant) -> Result<usize, Cause> {
        let amount = self
            .stream
            .receive(self.buffers.input_append_buf(), until)?;
        self.response_begun |= amount > 0;
        Ok(amount)
    }

    /// The peer closed the connection: the end of a response, unless one is under way.
    fn ended(&mut self) -> Result<bool, ureq::Error> {
        if self.response_begun && self.buffers.input().is_empty() {
            return Ok(false);
        }
        let reason = if self.response_begun {
            "the peer closed it in the middle of a response"
        } else {
            "the peer closed it before a response"
        };
        Err(self.failure(Cause::Lost(reason.to_owned())))
    }

    fn failure(&mut self, cause: Cause) -> ureq::Error {
        Failure {
            cause,
            phase: Phase::Response,
            progress: Progress {
                was_idle: self.was_idle,
                request_sent: self.stream.socket().request_sent(),
                response_begun: self.response_begun,
            },
            certificate_requested: self.stream.certificate_requested(),
        }
        .into()
    }
}

impl Transport for Connection {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        if self.is_idle {
            self.begin_request();
        }
        self.buffers.hold_output(amount);
        if self.buffers.output_is_full() {
            self.flush(wait::end_of(&timeout))
                .map_err(|cause| self.failure(cause))?;
        }
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        self.buffers.check_room_for_input()?;
        let until = wait::end_of(&timeout);
        // A server that closes the connection during a request has usually sent the reason: a TLS
        // alert, or an early response.
        let not_sent = match self.flush(until) {
            Ok(()) => None,
            Err(Cause::Lost(reason)) => Some(reason),
            Err(cause) => return Err(self.failure(cause)),
        };
        loop {
            let amount = match (self.receive(until), &not_sent) {
                (Ok(0) | Err(Cause::Lost(_)), Some(reason)) => {
                    return Err(self.failure(Cause::Lost(reason.clone())));
                }
                (Ok(0), None) => return self.ended(),
                (received, _) => received.map_err(|cause| self.failure(cause))?,
            };
            self.buffers.received(amount)?;
            if !self.buffers.input().is_empty() {
                return Ok(true);
            }
        }
    }

    /// ureq calls this when the connection returns to the pool, and at checkout with the pool locked.
    /// On return it checks only what was received. The socket is probed at checkout, so that a lookup
    /// costs one system call for it.
    fn is_open(&mut self) -> bool {
        if self.is_idle {
            return self.stream.socket().is_quiet();
        }
        self.is_idle = true;
        self.buffers.input().is_empty() && self.stream.is_drained()
    }

    fn is_tls(&self) -> bool {
        matches!(self.stream, Stream::Tls(_))
    }
}
