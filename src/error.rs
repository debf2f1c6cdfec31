//! What can go wrong, and how an HTTP answer becomes an error.

use std::fmt;

use http::HeaderValue;

use crate::redaction::redact;

/// The kind of an [`Error`], with the number it has in C.
///
/// The numbers are fixed for ever: none is reused or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(i32)]
pub enum ErrorCode {
    /// An argument of the call cannot be used.
    InvalidArgument = 1,
    /// A setting is missing or makes no sense. Said when the client is made.
    InvalidConfig = 2,
    /// The program cancelled the call.
    Cancelled = 3,
    /// The deadline passed, in whichever phase of the call.
    Timeout = 10,
    /// The host name has no address.
    Resolve = 11,
    /// No address of the host could be connected to.
    Connect = 12,
    /// The certificate or the TLS handshake was not acceptable.
    Tls = 13,
    /// The proxy refused, cannot be reached, or wants credentials.
    Proxy = 14,
    /// The connection broke before the answer was complete.
    ConnectionLost = 15,
    /// 400: the server did not find the three authentication headers.
    HeadersMissing = 20,
    /// 400: the server could not read the authorization header.
    AuthorizationFormat = 21,
    /// 400: the server could not read the date header.
    DateFormat = 22,
    /// 401: the signature or the access key id is wrong.
    Unauthorized = 23,
    /// 403: the clocks differ by more than the server tolerates, and correcting did not help.
    ClockSkew = 24,
    /// 500: the server failed; the message carries its text.
    Server = 25,
    /// Any other status, redirects included.
    HttpStatus = 26,
    /// The answer is not the documented JSON, or too large, or not HTTP.
    InvalidResponse = 30,
    /// A bug of this library.
    Internal = 90,
}

/// Why a call failed: a code, one sentence or two for people, and the HTTP status if there was one.
///
/// The message says what happened, to which host, and what to do about it. It never holds the
/// secret, a signature or an authorization header.
#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    code: ErrorCode,
    http_status: Option<u16>,
    message: String,
}

impl Error {
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Error {
            code,
            http_status: None,
            message: message.into(),
        }
    }

    pub(crate) fn invalid_argument(message: impl Into<String>) -> Self {
        Error::new(ErrorCode::InvalidArgument, message)
    }

    pub(crate) fn invalid_config(message: impl Into<String>) -> Self {
        Error::new(ErrorCode::InvalidConfig, message)
    }

    /// The program cancelled the call before anything was sent.
    pub(crate) fn cancelled_unsent() -> Self {
        Error::new(
            ErrorCode::Cancelled,
            "the call was cancelled before it was sent; call again if the status is still needed",
        )
    }

    pub(crate) fn with_http_status(mut self, status: u16) -> Self {
        self.http_status = Some(status);
        self
    }

    /// Adds what else is known about the cause.
    pub(crate) fn with(mut self, more: &str) -> Self {
        self.message.push_str("; ");
        self.message.push_str(more);
        self
    }

    /// The error without the value of this request's authorization header, which a server or
    /// gateway may have quoted.
    pub(crate) fn redacted(mut self, authorization: &HeaderValue) -> Self {
        self.message = redact(&self.message, authorization.to_str().unwrap_or_default());
        self
    }

    /// The error that an answer other than 200 stands for.
    ///
    /// Status and text decide together: only the server's documented texts make an
    /// authentication error of a 400 or 403, since firewalls and gateways answer these too.
    pub(crate) fn from_response(status: u16, body: &[u8], host: &str) -> Self {
        let text = printable(body);
        let (code, advice) = match status {
            400 if text.contains("Required headers not found") => (
                ErrorCode::HeadersMissing,
                "a proxy or gateway on the way may strip the x-dlg headers",
            ),
            400 if text.contains("data format not valid") => (
                ErrorCode::AuthorizationFormat,
                "check that access_key_id is the one the administrator issued",
            ),
            400 if text.contains("date not valid") => (
                ErrorCode::DateFormat,
                "try the other date_zone, or ask the server's administrator",
            ),
            401 => (
                ErrorCode::Unauthorized,
                "check access_key_id and access_key_secret, and that nothing on the way rewrites the request",
            ),
            403 if text.contains("Request time may not be correct") => (
                ErrorCode::ClockSkew,
                "set this machine's and the server's clock right (NTP)",
            ),
            407 => (
                ErrorCode::Proxy,
                "set the proxy with its user name and password",
            ),
            500 => (
                ErrorCode::Server,
                "the server's log has the cause; trying again later may help",
            ),
            301..=303 | 307 | 308 => (
                ErrorCode::HttpStatus,
                "redirects are not followed, since the signed headers must reach no other host; set endpoint to the final address",
            ),
            404 => (
                ErrorCode::HttpStatus,
                "check that endpoint, with its path if it has one, is the address of the API",
            ),
            408 | 429 | 502..=504 => (
                ErrorCode::HttpStatus,
                "the server or a gateway before it is busy or down; trying again later may help",
            ),
            _ => (
                ErrorCode::HttpStatus,
                "a gateway or firewall between here and the server may have answered",
            ),
        };
        let message = if text.is_empty() {
            format!("{host} answered {status} without a text; {advice}")
        } else {
            format!("{host} answered {status} \"{text}\"; {advice}")
        };
        Error::new(code, message).with_http_status(status)
    }

    /// What kind of error this is.
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// What happened, to which host, and what to do about it.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The HTTP status of the answer, or `None` where no answer was received.
    pub fn http_status(&self) -> Option<u16> {
        self.http_status
    }

    /// Whether the same call may succeed when made again.
    ///
    /// The client has then already tried again as often as its settings and the deadline allow.
    pub fn is_retryable(&self) -> bool {
        match self.code {
            ErrorCode::Timeout
            | ErrorCode::Resolve
            | ErrorCode::Connect
            | ErrorCode::ConnectionLost
            | ErrorCode::Server => true,
            ErrorCode::HttpStatus => {
                matches!(self.http_status, Some(408 | 429 | 502..=504))
            }
            _ => false,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("code", &self.code)
            .field("http_status", &self.http_status)
            .field("message", &self.message)
            .finish()
    }
}

impl std::error::Error for Error {}

/// The longest server text that a message quotes, in bytes.
const LONGEST_QUOTE: usize = 512;

/// Server text fit for a message: one line, no control characters, at most 512 bytes.
pub(crate) fn printable(text: &[u8]) -> String {
    // Looked at beyond the limit so that leading white space does not eat the text.
    let text = String::from_utf8_lossy(&text[..text.len().min(4 * LONGEST_QUOTE)]);
    let mut quote = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        if word.is_empty() {
            continue;
        }
        if !quote.is_empty() {
            quote.push(' ');
        }
        quote.push_str(word);
    }
    let mut end = quote.len().min(LONGEST_QUOTE);
    while !quote.is_char_boundary(end) {
        end -= 1;
    }
    quote.truncate(end);
    quote
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(status: u16, body: &str) -> ErrorCode {
        Error::from_response(status, body.as_bytes(), "api.example").code()
    }

    #[test]
    fn documented_answers_have_their_codes() {
        use ErrorCode::*;
        let rows = [
            (400, "Required headers not found", HeadersMissing),
            (
                400,
                "Authorization failed due to data format not valid",
                AuthorizationFormat,
            ),
            (
                400,
                "Authorization failed due to date not valid",
                DateFormat,
            ),
            (401, "Authorization failed", Unauthorized),
            (403, "Request time may not be correct.", ClockSkew),
            (500, "NullPointerException", Server),
            (407, "Proxy Authentication Required", Proxy),
        ];
        for (status, body, expected) in rows {
            assert_eq!(code(status, body), expected, "{status} {body}");
        }
    }

    #[test]
    fn a_firewall_is_not_mistaken_for_the_server() {
        assert_eq!(
            code(403, "<html>Forbidden by policy"),
            ErrorCode::HttpStatus
        );
        assert_eq!(code(400, "Bad Request"), ErrorCode::HttpStatus);
        assert_eq!(code(302, ""), ErrorCode::HttpStatus);
        assert_eq!(code(204, ""), ErrorCode::HttpStatus);
    }

    #[test]
    fn only_passing_troubles_are_retryable() {
        let retryable: Vec<u16> = (300..600)
            .filter(|status| Error::from_response(*status, b"", "h").is_retryable())
            .collect();
        assert_eq!(retryable, [408, 429, 500, 502, 503, 504]);
    }

    #[test]
    fn quotes_are_cut_on_a_character_boundary_and_stripped() {
        let quote = printable("ş".repeat(600).as_bytes());
        assert_eq!(quote, "ş".repeat(256));
        let odd = printable("a".repeat(511).as_bytes()).len();
        assert_eq!(odd, 511);
        let split = format!("{}ş", "a".repeat(511));
        assert_eq!(printable(split.as_bytes()), "a".repeat(511));
        assert_eq!(printable(b"  one\r\n\x1b[31mtwo\0 "), "one [31mtwo");
        assert_eq!(printable(b"\xff\xfe"), "\u{fffd}\u{fffd}");
    }
}
