//! Opens a tunnel to the server through a proxy (HTTP CONNECT).
//!
//! ureq's own connector reads at most 20 headers of the proxy's response, cannot tell a proxy's
//! failure from the server's, and keeps copies of the password.

use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ureq::Proxy;
use zeroize::Zeroizing;

use super::failure::Cause;
use super::socket::Socket;
use crate::error::{Error, ErrorCode, printable};

/// The longest response of a proxy that is read.
const MAX_RESPONSE: usize = 16 * 1024;

/// The most headers that such a response can have.
const MAX_HEADERS: usize = 128;

/// Turns a connection to the proxy into one to `server` (`host:port`).
pub(super) fn open(
    socket: &mut Socket,
    proxy: &Proxy,
    server: &str,
    until: Instant,
) -> Result<(), Cause> {
    socket.send(connect_request(proxy, server).as_bytes(), until)?;
    let mut received = Vec::with_capacity(1024);
    loop {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut response = httparse::Response::new(&mut headers);
        match response.parse(&received) {
            Ok(httparse::Status::Partial) => receive_more(socket, &mut received, until)?,
            Ok(httparse::Status::Complete(length)) => {
                let status = response.code.unwrap_or_default();
                if (100..200).contains(&status) {
                    received.drain(..length);
                    continue;
                }
                check_status(status, response.reason.unwrap_or_default())?;
                return check_no_early_data(received.len() - length);
            }
            Err(reason) => return Err(not_a_proxy(&reason.to_string())),
        }
    }
}

fn receive_more(socket: &mut Socket, received: &mut Vec<u8>, until: Instant) -> Result<(), Cause> {
    let before = received.len();
    if before >= MAX_RESPONSE {
        return Err(not_a_proxy("its response is too long"));
    }
    received.resize(before + 1024, 0);
    match socket.receive(&mut received[before..], until) {
        Ok(0) | Err(Cause::Lost(_)) => Err(not_a_proxy("it closed the connection")),
        Ok(amount) => {
            received.truncate(before + amount);
            Ok(())
        }
        Err(cause) => Err(cause),
    }
}

/// Built in strings that do not reallocate, so that wiping them leaves no copy of the password.
fn connect_request(proxy: &Proxy, server: &str) -> Zeroizing<String> {
    let header = format!("CONNECT {server} HTTP/1.1\r\nHost: {server}\r\n");
    let credentials = match (proxy.username(), proxy.password()) {
        (None, None) => None,
        (user, password) => {
            let parts = [user.unwrap_or_default(), ":", password.unwrap_or_default()];
            let joined = Zeroizing::new(parts.concat());
            Some(Zeroizing::new(STANDARD.encode(&*joined)))
        }
    };
    Zeroizing::new(match &credentials {
        None => [&header, "\r\n"].concat(),
        Some(credentials) => [
            &header,
            "Proxy-Authorization: Basic ",
            credentials,
            "\r\n\r\n",
        ]
        .concat(),
    })
}

fn check_status(status: u16, reason: &str) -> Result<(), Cause> {
    if (200..300).contains(&status) {
        return Ok(());
    }
    let advice = if status == 407 {
        "set proxy with the right user name and password: http://user:password@host:port"
    } else {
        "ask the proxy's administrator to allow CONNECT to the endpoint's host and port"
    };
    let reason = printable(reason.as_bytes());
    Err(proxy_error(format!(
        "the proxy refused the connection ({status} {reason}); {advice}"
    )))
}

/// Rejects data that the proxy sent after its CONNECT response. It would be read as the response
/// to our first request.
fn check_no_early_data(length: usize) -> Result<(), Cause> {
    if length == 0 {
        return Ok(());
    }
    Err(proxy_error(
        "the proxy sent data after its CONNECT response; check the proxy setting, or report this to the proxy's administrator".to_owned(),
    ))
}

fn not_a_proxy(reason: &str) -> Cause {
    proxy_error(format!(
        "the proxy did not respond as an HTTP proxy does ({reason}); check the host and port of proxy"
    ))
}

fn proxy_error(message: String) -> Cause {
    Cause::Explained(Error::new(ErrorCode::Proxy, message))
}
