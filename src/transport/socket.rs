//! A TCP socket that keeps a deadline.
//!
//! Its timeouts are short and renewed. They are set again only if the old value would be late or
//! needlessly early, which never happens on a warm connection.

use std::io::{self, IoSlice, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use socket2::{Domain, Protocol, SockRef, TcpKeepalive, Type};

use super::failure::Cause;
use super::wait;

/// How far the socket's timeout may overrun the deadline without being set again. A fifth of the
/// 100 ms that a call may be late.
const TIMEOUT_SLACK: Duration = Duration::from_millis(20);

/// TCP keep-alive probes an idle connection after this time, below the 60 s after which common
/// firewalls and load balancers forget it.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(45);

/// No SIGPIPE, which would end the program, if the peer has closed the connection.
#[cfg(all(unix, not(target_vendor = "apple")))]
const SEND_FLAGS: i32 = libc::MSG_NOSIGNAL;
/// Apple's systems have an option of the socket for it, which socket2 sets; Windows has no signal.
#[cfg(not(all(unix, not(target_vendor = "apple"))))]
const SEND_FLAGS: i32 = 0;

#[derive(Debug)]
pub(super) struct Socket {
    stream: TcpStream,
    until: Instant,
    read_timeout: Option<Duration>,
    write_timeout: Option<Duration>,
    /// Sending or receiving failed. Nothing more is sent, even if a layer above ignores the error and
    /// sends again.
    failed: bool,
    request_sent: bool,
}

impl Socket {
    /// Connects to one address. Fails with [`wait::Stopped`] if that takes too long.
    pub(super) fn connect(address: SocketAddr, until: Instant) -> io::Result<Self> {
        #[cfg(fuzzing)]
        let stream = crate::fuzzing::open(address)?;
        #[cfg(not(fuzzing))]
        let stream = open(address, until)?;
        Ok(Socket {
            stream,
            until,
            read_timeout: None,
            write_timeout: None,
            failed: false,
            request_sent: false,
        })
    }

    /// Sets the deadline of the following reads and writes.
    pub(super) fn keep(&mut self, until: Instant) {
        self.until = until;
    }

    pub(super) fn send(&mut self, bytes: &[u8], until: Instant) -> Result<(), Cause> {
        self.keep(until);
        Ok(self.write_all(bytes)?)
    }

    pub(super) fn receive(&mut self, into: &mut [u8], until: Instant) -> Result<usize, Cause> {
        self.keep(until);
        Ok(self.read(into)?)
    }

    /// Starts a request, of which nothing was sent yet.
    pub(super) fn begin_request(&mut self) {
        self.request_sent = false;
    }

    /// Whether a byte was sent since the request began.
    pub(super) fn request_sent(&self) -> bool {
        self.request_sent
    }

    /// Whether the connection is open and has no unread input.
    pub(super) fn is_quiet(&self) -> bool {
        !self.failed
            && matches!(self.peek(), Err(error) if error.kind() == io::ErrorKind::WouldBlock)
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

impl Read for Socket {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            wait::begins();
            let timeout = fitting_timeout(self.read_timeout, self.until)?;
            if timeout != self.read_timeout {
                self.stream.set_read_timeout(timeout)?;
                self.read_timeout = timeout;
            }
            match self.stream.read(into) {
                Err(error) if wait::is_renewable(&error) => wait::ended(),
                Err(error) => {
                    self.failed = true;
                    return Err(error);
                }
                received => return received,
            }
        }
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[IoSlice::new(bytes)])
    }

    /// Sends the records of a TLS flight together. A server that closes after the first of them
    /// would make the next send fail, and its alert would be lost.
    fn write_vectored(&mut self, parts: &[IoSlice]) -> io::Result<usize> {
        if self.failed {
            return Err(io::ErrorKind::NotConnected.into());
        }
        loop {
            wait::begins();
            let timeout = fitting_timeout(self.write_timeout, self.until)?;
            if timeout != self.write_timeout {
                self.stream.set_write_timeout(timeout)?;
                self.write_timeout = timeout;
            }
            let socket = SockRef::from(&self.stream);
            match socket.send_vectored_with_flags(parts, SEND_FLAGS) {
                Err(error) if wait::is_renewable(&error) => wait::ended(),
                Err(error) => {
                    self.failed = true;
                    return Err(error);
                }
                sent => {
                    self.request_sent = true;
                    return sent;
                }
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The timeout for the next operation: the current one if it keeps the deadline, notices a
/// cancellation in time and does not end needlessly early.
fn fitting_timeout(
    current: Option<Duration>,
    until: Instant,
) -> Result<Option<Duration>, wait::Stopped> {
    let next = wait::next(until)?;
    Ok(match current {
        Some(current) if current <= next + TIMEOUT_SLACK && current >= next / 2 => Some(current),
        _ => Some(next),
    })
}

#[cfg_attr(fuzzing, expect(dead_code))]
fn open(address: SocketAddr, until: Instant) -> io::Result<TcpStream> {
    let socket = socket2::Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    socket.set_nonblocking(true)?;
    match socket.connect(&address.into()) {
        Ok(()) => {}
        Err(error) if is_in_progress(&error) => wait_until_connected(&socket, until)?,
        Err(error) => return Err(error),
    }
    socket.set_nonblocking(false)?;
    socket.set_tcp_nodelay(true)?;
    let keepalive = TcpKeepalive::new().with_time(KEEPALIVE_IDLE);
    socket.set_tcp_keepalive(&keepalive)?;
    Ok(socket.into())
}

fn is_in_progress(error: &io::Error) -> bool {
    #[cfg(unix)]
    if error.raw_os_error() == Some(libc::EINPROGRESS) {
        return true;
    }
    error.kind() == io::ErrorKind::WouldBlock
}

#[cfg(unix)]
fn wait_until_connected(socket: &socket2::Socket, until: Instant) -> io::Result<()> {
    loop {
        let wait = wait::next(until)?;
        match crate::os::wait_until_writable(socket, wait) {
            Ok(false) => wait::ended(),
            Ok(true) => return socket.take_error()?.map_or(Ok(()), Err),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => wait::ended(),
            Err(error) => return Err(error),
        }
    }
}

/// Polls after pauses of 1 to 10 ms, which needs no unsafe system call.
#[cfg(not(unix))]
fn wait_until_connected(socket: &socket2::Socket, until: Instant) -> io::Result<()> {
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(error) = socket.take_error()? {
            return Err(error);
        }
        if socket.peer_addr().is_ok() {
            return Ok(());
        }
        std::thread::sleep(wait::next(until)?.min(pause));
        wait::ended();
        pause = (pause * 2).min(Duration::from_millis(10));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interruption::{Interrupt, Interruption};
    use crate::transport::current_call;
    use std::net::TcpListener;
    use std::sync::Arc;

    fn in_10_s() -> Instant {
        Instant::now() + Duration::from_secs(10)
    }

    #[test]
    fn a_connection_sends_at_once_and_is_probed_while_idle() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let socket = Socket::connect(listener.local_addr().unwrap(), in_10_s()).unwrap();
        let options = SockRef::from(&socket.stream);
        assert!(options.tcp_nodelay().unwrap());
        assert!(options.keepalive().unwrap());
        assert_eq!(options.tcp_keepalive_time().unwrap(), KEEPALIVE_IDLE);
    }

    #[test]
    fn a_refused_connection_is_an_error_at_once() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let error = Socket::connect(address, in_10_s()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    }

    #[test]
    fn a_failure_to_send_lasts() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut socket = Socket::connect(listener.local_addr().unwrap(), in_10_s()).unwrap();
        socket.stream.shutdown(std::net::Shutdown::Write).unwrap();
        assert_eq!(
            socket.write(b"a").unwrap_err().kind(),
            io::ErrorKind::BrokenPipe
        );
        assert!(!socket.is_quiet());
        socket.write(b"a").unwrap_err();
    }

    #[test]
    fn a_peer_that_sends_now_and_then_does_not_keep_the_interrupt_callback_from_running() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut socket = Socket::connect(listener.local_addr().unwrap(), in_10_s()).unwrap();
        let (mut peer, _) = listener.accept().unwrap();
        std::thread::spawn(move || {
            while peer.write_all(b"a").is_ok() {
                std::thread::sleep(Duration::from_millis(30));
            }
        });
        let interrupt = Interrupt(Arc::new(|| true));
        let interruption = Interruption::new(None, None, Some(&interrupt));
        let _under_way = current_call::begin(interruption.as_ref());
        let until = in_10_s();
        socket.keep(until);
        let error = std::iter::repeat_with(|| socket.read(&mut [0]))
            .find_map(Result::err)
            .unwrap();
        let stopped = error.get_ref().and_then(|error| error.downcast_ref());
        assert_eq!(stopped, Some(&wait::Stopped::Cancelled));
        // At the deadline a wait would end by its timeout, and run the callback at last.
        assert!(until - Instant::now() > Duration::from_secs(5));
    }

    #[test]
    fn a_timeout_is_set_again_only_if_it_would_be_late_or_early() {
        let fitting = |current, left| {
            fitting_timeout(current, Instant::now() + Duration::from_millis(left)).unwrap()
        };
        let ms = |value| Some(Duration::from_millis(value));
        assert_eq!(fitting(None, 60_000), Some(wait::LONGEST));
        assert_eq!(fitting(ms(250), 60_000), ms(250));
        assert_eq!(fitting(ms(10), 60_000), Some(wait::LONGEST));
        assert_ne!(fitting(ms(250), 100), ms(250));
        assert_eq!(fitting(ms(100), 95), ms(100));
        fitting_timeout(None, Instant::now()).unwrap_err();
    }
}
