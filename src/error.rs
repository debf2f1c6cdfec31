//! Error and its codes, and how an HTTP response becomes one.

use std::fmt;
use std::time::Duration;

use http::HeaderValue;

use crate::redaction::redact;

/// The kind of an [`Error`], with the number it has in C.
///
/// Values are stable: codes are never renumbered or reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(i32)]
pub enum ErrorCode {
    /// An argument of the call is invalid; see [`Error::argument`].
    InvalidArgument = 1,
    /// A setting is missing or invalid; see [`Error::argument`]. Reported by
    /// [`Client::new`](crate::Client::new) and [`Config::load_env`](crate::Config::load_env).
    InvalidConfig = 2,
    /// The program cancelled the call.
    Cancelled = 3,
    /// The deadline passed, in any phase of the call.
    Timeout = 10,
    /// The host name does not resolve.
    Resolve = 11,
    /// Every address of the host refused the connection or is unreachable.
    Connect = 12,
    /// The certificate or the TLS handshake failed a check.
    Tls = 13,
    /// The proxy is unreachable, rejected the request, or requires credentials.
    Proxy = 14,
    /// The connection broke before the response was complete.
    ConnectionLost = 15,
    /// 400: the server did not find the three authentication headers.
    HeadersMissing = 20,
    /// 400: the server could not read the authorization header.
    AuthorizationFormat = 21,
    /// 400: the server could not read the date header.
    DateFormat = 22,
    /// 401: the signature or the access key id is wrong.
    Unauthorized = 23,
    /// 403: the clocks differ by more than the server accepts, and correcting for it did not help.
    ClockSkew = 24,
    /// 500: the server failed; the message contains its text.
    Server = 25,
    /// Any other status, redirects included.
    HttpStatus = 26,
    /// The response is not the documented JSON, too large, or not HTTP.
    InvalidResponse = 30,
    /// A bug of this library.
    Internal = 90,
}

/// Why a call failed: a code for programs, a message for people, and details.
///
/// The message says what happened, with which host, and what to do about it. It never contains the
/// secret, a signature or an authorization header. Immutable, so thread-safe.
#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    code: ErrorCode,
    http_status: Option<u16>,
    argument: Option<&'static str>,
    retry_after: Option<Duration>,
    /// A retry could make the server act twice.
    is_unsafe_to_retry: bool,
    message: String,
}

impl Error {
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Error {
            code,
            http_status: None,
            argument: None,
            retry_after: None,
            is_unsafe_to_retry: false,
            message: message.into(),
        }
    }

    /// The message is `fault` after the argument's name: `customer_id is empty`.
    pub(crate) fn invalid_argument(argument: &'static str, fault: impl fmt::Display) -> Self {
        Error::naming(ErrorCode::InvalidArgument, argument, fault)
    }

    /// The message is `fault` after the setting's name: `endpoint is not set`.
    pub(crate) fn invalid_config(setting: &'static str, fault: impl fmt::Display) -> Self {
        Error::naming(ErrorCode::InvalidConfig, setting, fault)
    }

    fn naming(code: ErrorCode, name: &'static str, fault: impl fmt::Display) -> Self {
        Error {
            argument: Some(name),
            ..Error::new(code, format!("{name} {fault}"))
        }
    }

    /// The program cancelled the call, in this phase.
    pub(crate) fn cancelled(phase: &str) -> Self {
        Error::new(
            ErrorCode::Cancelled,
            format!("the call was cancelled {phase}; call again if it is still needed"),
        )
    }

    /// The program cancelled the call before anything was sent.
    pub(crate) fn cancelled_unsent() -> Self {
        Error::cancelled("before it was sent")
    }

    pub(crate) fn with_http_status(mut self, status: u16) -> Self {
        self.http_status = Some(status);
        self
    }

    pub(crate) fn with_retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// Keeps a retryable error so only if the request may be repeated. Its advice is to retry.
    pub(crate) fn retryable_if(mut self, is_safe: bool) -> Self {
        if is_safe || !self.is_retryable() {
            return self;
        }
        self.is_unsafe_to_retry = true;
        self.with_detail(
            "but the server may have acted on this request: find out before you send it again",
        )
    }

    /// Appends a detail to the message.
    pub(crate) fn with_detail(mut self, detail: &str) -> Self {
        self.message.push_str("; ");
        self.message.push_str(detail);
        self
    }

    /// The error without the value of this request's authorization header, which a server or
    /// gateway may have quoted.
    pub(crate) fn redacted(mut self, authorization: &HeaderValue) -> Self {
        self.message = redact(&self.message, authorization.to_str().unwrap_or_default());
        self
    }

    /// The error for a response other than 200.
    ///
    /// Status and text decide together: a 400 or 403 is an authentication error only with the
    /// server's documented text, since firewalls and gateways send these too.
    pub(crate) fn from_response(status: u16, body: &[u8], host: &str) -> Self {
        let text = printable(body);
        let (code, advice) = match status {
            400 if text.contains("Required headers not found") => (
                ErrorCode::HeadersMissing,
                "find the proxy or gateway that strips the x-dlg headers",
            ),
            400 if text.contains("data format not valid") => (
                ErrorCode::AuthorizationFormat,
                "set access_key_id to the one that the administrator issued",
            ),
            400 if text.contains("date not valid") => (
                ErrorCode::DateFormat,
                "set date_zone to the other value, or ask the server's administrator",
            ),
            401 => (
                ErrorCode::Unauthorized,
                "check access_key_id and access_key_secret, and that nothing on the way rewrites the request",
            ),
            403 if text.contains("Request time may not be correct") => (
                ErrorCode::ClockSkew,
                "synchronise the clocks of this machine and of the server (NTP)",
            ),
            407 => (
                ErrorCode::Proxy,
                "set proxy with its user name and password",
            ),
            500 => (
                ErrorCode::Server,
                "retry later, or look for the cause in the server's log",
            ),
            301..=303 | 307 | 308 => (
                ErrorCode::HttpStatus,
                "set endpoint to the final address; redirects are not followed, since the signed headers must not reach another host",
            ),
            400 => (
                ErrorCode::HttpStatus,
                "compare the request's JSON with the documentation of this call, and check the gateways on the way",
            ),
            404 => (
                ErrorCode::HttpStatus,
                "check that endpoint, with its path if it has one, is the address of the API, and the path of a post",
            ),
            408 | 429 | 502..=504 => (
                ErrorCode::HttpStatus,
                "retry later: the server or a gateway in front of it is busy or down",
            ),
            _ => (
                ErrorCode::HttpStatus,
                "check endpoint, and the gateways and firewalls on the way to it",
            ),
        };
        let message = if text.is_empty() {
            format!("{host} responded {status} with an empty body; {advice}")
        } else {
            format!("{host} responded {status} \"{text}\"; {advice}")
        };
        Error::new(code, message).with_http_status(status)
    }

    /// Returns the kind of the error.
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// Returns what happened, with which host, and what to do about it, in English.
    ///
    /// Do not parse it: the wording may change. Codes never do.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns the HTTP status of the response, or `None` if none was received.
    pub fn http_status(&self) -> Option<u16> {
        self.http_status
    }

    /// Returns the name of the argument or setting, for the codes
    /// [`InvalidArgument`](ErrorCode::InvalidArgument) and
    /// [`InvalidConfig`](ErrorCode::InvalidConfig); otherwise `None`.
    pub fn argument(&self) -> Option<&str> {
        self.argument
    }

    /// Returns how long the server asked to wait before the next call, in its `Retry-After` header;
    /// `None` if it did not.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// Returns whether the failure is transient, so that the same call may succeed later.
    ///
    /// False for a [`post`](crate::Client::post) on which the server may have acted, unless it is
    /// [`repeatable`](crate::CallOptions::repeatable). The client has already retried as often as
    /// its settings and the deadline allow.
    pub fn is_retryable(&self) -> bool {
        if self.is_unsafe_to_retry {
            return false;
        }
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
            .field("argument", &self.argument)
            .field("retry_after", &self.retry_after)
            .field("message", &self.message)
            .finish()
    }
}

impl std::error::Error for Error {}

/// The longest server text that a message quotes, in bytes.
const LONGEST_QUOTE: usize = 512;

/// Server text for a message: one line, no control characters, at most 512 bytes.
pub(crate) fn printable(text: &[u8]) -> String {
    // Reads beyond the limit, so that leading white space does not displace the text.
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
    fn documented_responses_have_their_codes() {
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
        let error = Error::from_response(400, b"MAX_PUSHES_PER_REQUEST_EXCEEDED", "h");
        assert!(error.message().contains("MAX_PUSHES"), "{error}");
        assert!(error.message().contains("the request's JSON"), "{error}");
        assert_eq!(code(302, ""), ErrorCode::HttpStatus);
        assert_eq!(code(204, ""), ErrorCode::HttpStatus);
    }

    #[test]
    fn only_transient_failures_are_retryable() {
        let retryable: Vec<u16> = (300..600)
            .filter(|status| Error::from_response(*status, b"", "h").is_retryable())
            .collect();
        assert_eq!(retryable, [408, 429, 500, 502, 503, 504]);
    }

    #[test]
    fn codes_1_and_2_carry_the_name_that_begins_their_message() {
        let argument = Error::invalid_argument("customer_id", "is empty");
        assert_eq!(argument.code(), ErrorCode::InvalidArgument);
        assert_eq!(argument.argument(), Some("customer_id"));
        assert_eq!(argument.message(), "customer_id is empty");
        let setting = Error::invalid_config("endpoint", "is not set");
        assert_eq!(setting.code(), ErrorCode::InvalidConfig);
        assert_eq!(setting.argument(), Some("endpoint"));
        assert_eq!(setting.message(), "endpoint is not set");
        assert_eq!(Error::new(ErrorCode::Timeout, "").argument(), None);
    }

    #[test]
    fn retry_after_is_none_unless_set() {
        let wait = Duration::from_secs(7);
        let error = Error::from_response(503, b"", "h");
        assert_eq!(error.retry_after(), None);
        assert_eq!(error.with_retry_after(wait).retry_after(), Some(wait));
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
