//! A TCP connection as ureq uses one.
//!
//! Three things differ from ureq's own. Output is held back until input is awaited, so that head
//! and body leave in one send. The socket's timeouts follow the call's deadline, but are set
//! anew only where the old value would let the call outlive it, which on a warm connection is
//! never. And whether an idle connection is still good is looked at when a request is about to go
//! out on it: one system call a lookup, and none while ureq asks, which it does with its pool locked.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use ureq::Timeout;
use ureq::unversioned::transport::{Buffers, NextTimeout, Transport};

use super::buffers::IoBuffers;
use super::call;
use super::failure;

/// A blocked read or write may overrun the deadline by this much before the socket's timeout is
/// set anew. A fifth of the 100 ms that a call may be late.
const TIMEOUT_SLACK: Duration = Duration::from_millis(20);

/// An idle connection is probed after this time: below the 60 s after which common firewalls
/// and load balancers begin to forget.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(45);

#[derive(Debug)]
pub(super) struct Socket {
    stream: TcpStream,
    buffers: IoBuffers,
    read_timeout: Option<Duration>,
    write_timeout: Option<Duration>,
    /// It was in the pool and has to be looked at before it is used.
    was_idle: bool,
}

impl Socket {
    pub(super) fn connect(address: SocketAddr, timeout: Duration) -> io::Result<Self> {
        #[cfg(fuzzing)]
        use crate::fuzzing::open;
        Ok(Socket {
            stream: open(address, timeout)?,
            buffers: IoBuffers::default(),
            read_timeout: None,
            write_timeout: None,
            was_idle: false,
        })
    }

    /// Sends all output that was held back.
    fn flush(&mut self) -> Result<(), ureq::Error> {
        let mut sent = 0;
        while sent < self.buffers.pending_output().len() {
            let timeout = fitting_timeout(self.write_timeout)?;
            if timeout != self.write_timeout {
                self.stream.set_write_timeout(timeout)?;
                self.write_timeout = timeout;
            }
            match self.stream.write(&self.buffers.pending_output()[sent..]) {
                Ok(0) => return Err(io::Error::from(io::ErrorKind::WriteZero).into()),
                Ok(amount) => sent += amount,
                Err(error) if is_passing(&error) => {}
                Err(error) => {
                    self.buffers.output_sent();
                    return Err(failure::broken(error));
                }
            }
        }
        self.buffers.output_sent();
        Ok(())
    }

    fn receive(&mut self) -> Result<usize, ureq::Error> {
        loop {
            let timeout = fitting_timeout(self.read_timeout)?;
            if timeout != self.read_timeout {
                self.stream.set_read_timeout(timeout)?;
                self.read_timeout = timeout;
            }
            match self.stream.read(self.buffers.input_append_buf()) {
                Ok(amount) => return Ok(amount),
                Err(error) if is_passing(&error) => {}
                Err(error) => return Err(failure::broken(error)),
            }
        }
    }

    /// Refuses a connection that did not stay as it was while idle, before anything is sent on it:
    /// what waits there is no answer to what would be asked.
    fn check_after_idling(&mut self) -> Result<(), ureq::Error> {
        if std::mem::take(&mut self.was_idle) && !self.is_quiet() {
            let reason = "it was closed or spoken on while idle";
            return Err(failure::broken(io::Error::other(reason)));
        }
        Ok(())
    }

    /// Whether the other side neither closed the connection nor sent anything unasked.
    fn is_quiet(&self) -> bool {
        matches!(self.peek(), Err(error) if error.kind() == io::ErrorKind::WouldBlock)
    }

    #[cfg(unix)]
    fn peek(&self) -> io::Result<usize> {
        let mut byte = [std::mem::MaybeUninit::uninit()];
        SockRef::from(&self.stream).recv_with_flags(&mut byte, libc::MSG_PEEK | libc::MSG_DONTWAIT)
    }

    #[cfg(not(unix))]
    fn peek(&self) -> io::Result<usize> {
        self.stream.set_nonblocking(true)?;
        let peeked = self.stream.peek(&mut [0]);
        self.stream.set_nonblocking(false)?;
        peeked
    }
}

fn open(address: SocketAddr, timeout: Duration) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, timeout)?;
    stream.set_nodelay(true)?;
    let keepalive = TcpKeepalive::new().with_time(KEEPALIVE_IDLE);
    SockRef::from(&stream).set_tcp_keepalive(&keepalive)?;
    Ok(stream)
}

/// The timeout that a socket should have for its next operation, given the one it has: the same
/// where it keeps the deadline and does not wake up needlessly early, else what is left.
fn fitting_timeout(current: Option<Duration>) -> Result<Option<Duration>, ureq::Error> {
    let left = call::remaining().ok_or(ureq::Error::Timeout(Timeout::Global))?;
    Ok(match current {
        Some(current) if current <= left + TIMEOUT_SLACK && current >= left / 2 => Some(current),
        // Zero would mean no timeout at all.
        _ => Some(left.max(Duration::from_millis(1))),
    })
}

/// The socket's timeout ran out, or a signal came: whether the deadline has passed is asked
/// before the next try.
fn is_passing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted
    )
}

impl Transport for Socket {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), ureq::Error> {
        self.check_after_idling()?;
        self.buffers.hold_output(amount);
        if self.buffers.output_is_full() {
            self.flush()?;
        }
        Ok(())
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, ureq::Error> {
        self.buffers.check_room_for_input()?;
        let amount = match self.flush() {
            Ok(()) => self.receive()?,
            // A server that hangs up in the middle of a request has mostly said why: a TLS alert,
            // or an early answer.
            Err(error) => self
                .receive()
                .ok()
                .filter(|amount| *amount > 0)
                .ok_or(error)?,
        };
        self.buffers.received(amount)
    }

    /// The pool asks when it gets a connection and when it gives one out. The answer is put off
    /// until the lock is free; the transport replaces one that turns out dead.
    fn is_open(&mut self) -> bool {
        self.was_idle = true;
        true
    }
}

impl Drop for Socket {
    /// Output still held back is the alert of a TLS session that goes no further. It is sent if
    /// it can be at once: the server's log then says why the client hung up.
    fn drop(&mut self) {
        if !self.buffers.pending_output().is_empty() && self.stream.set_nonblocking(true).is_ok() {
            let _ = self.stream.write(self.buffers.pending_output());
        }
    }
}

// Other systems throw away what was not read before a reset, and hide options.
#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::deadline::Deadline;
    use std::net::TcpListener;

    #[test]
    fn a_connection_sends_at_once_and_is_probed_while_idle() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let socket = Socket::connect(address, Duration::from_secs(10)).unwrap();
        let options = SockRef::from(&socket.stream);
        assert!(options.tcp_nodelay().unwrap());
        assert!(options.keepalive().unwrap());
        assert_eq!(options.tcp_keepalive_time().unwrap(), KEEPALIVE_IDLE);
    }

    #[test]
    fn what_the_other_side_said_before_it_hung_up_is_heard() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mut socket = Socket::connect(address, Duration::from_secs(10)).unwrap();
        let (mut other_side, _) = listener.accept().unwrap();
        other_side.write_all(b"no").unwrap();
        // Closed like this, a connection is reset: sending fails from then on.
        SockRef::from(&other_side)
            .set_linger(Some(Duration::ZERO))
            .unwrap();
        drop(other_side);

        let _call = call::begin(Deadline::after(Duration::from_secs(10)));
        socket.buffers.output()[..4].copy_from_slice(b"late");
        socket.buffers.hold_output(4);
        let timeout = NextTimeout {
            after: ureq::unversioned::transport::time::Duration::NotHappening,
            reason: Timeout::Global,
            ..NextTimeout::default()
        };
        assert!(socket.await_input(timeout).unwrap());
        assert_eq!(socket.buffers.input(), b"no");
    }
}
