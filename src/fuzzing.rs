//! Internals for the fuzz targets in `fuzz/`, and an in-memory network in place of sockets and DNS.
//! Compiled only with `--cfg fuzzing`, which cargo-fuzz sets.

use std::cell::RefCell;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::time::{Duration, SystemTime};

use http::HeaderValue;

use crate::clock;
use crate::config::DateZone;
use crate::error::Error;
use crate::help_status::{self, HelpStatus};
use crate::retry;
use crate::secret::Secret;
use crate::signing::{Signer, ToSign};

/// Parses the body of a 200 response.
pub fn read_answer(body: &[u8]) -> Result<HelpStatus, String> {
    help_status::from_json(body)
}

/// The error of any other response.
pub fn error_of(status: u16, body: &[u8], host: &str) -> Error {
    Error::from_response(status, body, host)
}

/// The wait requested by a Retry-After header.
pub fn retry_after(header: &str, date: Option<SystemTime>, now: SystemTime) -> Option<Duration> {
    retry::retry_after(header, date, now)
}

/// The wait before a retry.
pub fn pause(
    retry: u32,
    retry_after: Option<Duration>,
    remaining: Option<Duration>,
    random: u64,
) -> Option<Duration> {
    retry::pause(retry, retry_after, remaining, random)
}

/// The skew of the server's clock according to its date, in seconds and as text, and the date header
/// of a request at `next`.
pub fn corrected(
    date: SystemTime,
    sent: SystemTime,
    received: SystemTime,
    next: SystemTime,
) -> (i64, String, String) {
    let skew = clock::skew(date, sent, received);
    let signer = Signer::new("id", &Secret::new(b"secret"), DateZone::Gmt);
    let requester = HeaderValue::from_static("45186");
    let request = ToSign {
        method: "POST",
        path: "/",
        body: b"{}",
    };
    let signed = signer.sign(request, clock::shift(next, skew), requester);
    let header = signed
        .date
        .to_str()
        .expect("a date is plain text")
        .to_owned();
    (skew, clock::describe(skew), header)
}

type Network = Box<dyn FnMut() -> io::Result<UnixStream>>;

thread_local! {
    static NETWORK: RefCell<Option<Network>> = const { RefCell::new(None) };
}

/// Sets what opens the connections of this thread.
pub fn connect_to(network: impl FnMut() -> io::Result<UnixStream> + 'static) {
    NETWORK.set(Some(Box::new(network)));
}

/// Replaces connecting by TCP.
pub(crate) fn open(_: SocketAddr) -> io::Result<TcpStream> {
    NETWORK.with_borrow_mut(|network| match network {
        Some(network) => network().map(|stream| TcpStream::from(OwnedFd::from(stream))),
        None => Err(io::ErrorKind::NetworkUnreachable.into()),
    })
}

/// Replaces the system's DNS: every name has two addresses.
pub(crate) fn ask_system(_: &str) -> Result<Vec<IpAddr>, String> {
    Ok(vec![
        IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2)),
    ])
}
