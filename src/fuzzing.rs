//! What the fuzz targets in `fuzz/` see of the inside, and the world that they put around it.
//! Compiled only where cargo-fuzz says `--cfg fuzzing`; connections then lead nowhere but here.

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

/// Reads the body of a 200 answer.
pub fn read_answer(body: &[u8]) -> Result<HelpStatus, String> {
    help_status::from_json(body)
}

/// The error of another answer.
pub fn error_of(status: u16, body: &[u8], host: &str) -> Error {
    Error::from_response(status, body, host)
}

/// The wait that a Retry-After header asks for.
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

/// How far the server is ahead by the date that it gave, in seconds and in words, and the date
/// header of the request that follows at `next`.
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

/// From now on, this gives every connection that this thread opens, or the reason why there is
/// none.
pub fn connect_to(network: impl FnMut() -> io::Result<UnixStream> + 'static) {
    NETWORK.set(Some(Box::new(network)));
}

/// In place of connecting by TCP.
pub(crate) fn open(_: SocketAddr) -> io::Result<TcpStream> {
    NETWORK.with_borrow_mut(|network| match network {
        Some(network) => network().map(|stream| TcpStream::from(OwnedFd::from(stream))),
        None => Err(io::ErrorKind::NetworkUnreachable.into()),
    })
}

/// In place of the system's DNS: every name has two addresses.
pub(crate) fn ask_system(_: &str) -> Result<Vec<IpAddr>, String> {
    Ok(vec![
        IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2)),
    ])
}
