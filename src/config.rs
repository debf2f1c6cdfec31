//! Every setting, its default, and what makes it unfit.

use std::path::PathBuf;
use std::time::Duration;

use crate::error::Error;
use crate::log_sink::LogSink;
use crate::secret::Secret;

/// How `x-dlg-date` names its zone.
///
/// The API's documentation shows `GMT` and describes a numeric zone; its server reads both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DateZone {
    /// `Tue, 09 Mar 2021 13:28:32 GMT`
    #[default]
    Gmt,
    /// `Tue, 09 Mar 2021 13:28:32 +0000`
    Numeric,
}

/// The settings of a [`Client`](crate::Client).
///
/// Required are the endpoint and the credentials, and the requester's user id here or with each
/// call. A setting that makes no sense is told when the client is made.
///
/// ```
/// use std::time::Duration;
/// use diyalog::{Client, Config};
///
/// let config = Config::new("https://api.bank.example")
///     .credentials("1234567-8ABC-DEF0-5432-56712ABCDEF5", "the secret")
///     .requester_user_id("45186")
///     .timeout(Duration::from_secs(2));
/// let client = Client::new(&config)?;
/// # Ok::<(), diyalog::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) endpoint: Option<String>,
    pub(crate) access_key_id: Option<String>,
    pub(crate) access_key_secret: Option<Secret>,
    pub(crate) requester_user_id: Option<String>,
    pub(crate) timeout: Duration,
    pub(crate) max_retries: u32,
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) system_trust: bool,
    pub(crate) client_certificate_file: Option<PathBuf>,
    pub(crate) client_key_file: Option<PathBuf>,
    /// Kept like a secret: it may hold the proxy's password.
    pub(crate) proxy: Option<Secret>,
    pub(crate) allow_plain_http: bool,
    pub(crate) clock_correction: bool,
    pub(crate) date_zone: DateZone,
    pub(crate) max_idle_connections: usize,
    pub(crate) user_agent_suffix: Option<String>,
    pub(crate) log_sink: Option<LogSink>,
}

impl Default for Config {
    /// Every setting at its default; endpoint and credentials are still to be set.
    fn default() -> Self {
        Config {
            endpoint: None,
            access_key_id: None,
            access_key_secret: None,
            requester_user_id: None,
            timeout: Duration::from_secs(10),
            max_retries: 2,
            ca_file: None,
            system_trust: true,
            client_certificate_file: None,
            client_key_file: None,
            proxy: None,
            allow_plain_http: false,
            clock_correction: true,
            date_zone: DateZone::Gmt,
            max_idle_connections: 8,
            user_agent_suffix: None,
            log_sink: None,
        }
    }
}

impl Config {
    /// The default settings for the server at `endpoint`.
    pub fn new(endpoint: impl Into<String>) -> Self {
        Config::default().endpoint(endpoint)
    }

    /// The address of the API: `https://host`, with a port and a base path where there are any.
    ///
    /// `http://` is taken for a loopback address, or with
    /// [`allow_plain_http`](Config::allow_plain_http).
    pub fn endpoint(mut self, url: impl Into<String>) -> Self {
        self.endpoint = Some(url.into());
        self
    }

    /// The access key that the administrator issued: its id, and its secret as text or bytes.
    ///
    /// The secret is wiped from memory when the last copy of the settings or client is dropped.
    pub fn credentials(
        mut self,
        access_key_id: impl Into<String>,
        access_key_secret: impl AsRef<[u8]>,
    ) -> Self {
        self.access_key_id = Some(access_key_id.into());
        self.access_key_secret = Some(Secret::new(access_key_secret.as_ref()));
        self
    }

    /// The staff number of the person on whose behalf requests are made; the server writes it to
    /// its audit log. A call can name another.
    pub fn requester_user_id(mut self, user_id: impl Into<String>) -> Self {
        self.requester_user_id = Some(user_id.into());
        self
    }

    /// The time that a call may take in all, retries included. Default 10 s.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How often a call is tried again after a failure that may pass. Default 2; 0 for never.
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.max_retries = retries;
        self
    }

    /// A PEM file with one or more CA certificates to trust, beside the system's store. Default none.
    pub fn ca_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.ca_file = Some(path.into());
        self
    }

    /// Whether the operating system's certificate store is trusted. Default true; false for the
    /// CA file alone.
    pub fn system_trust(mut self, trust: bool) -> Self {
        self.system_trust = trust;
        self
    }

    /// PEM files with the client's certificate (and its chain) and private key, for servers that
    /// ask for one (mutual TLS). Default none. Keys in PKCS#8, PKCS#1 or SEC1 form, not encrypted.
    pub fn client_certificate(
        mut self,
        certificate_file: impl Into<PathBuf>,
        key_file: impl Into<PathBuf>,
    ) -> Self {
        self.client_certificate_file = Some(certificate_file.into());
        self.client_key_file = Some(key_file.into());
        self
    }

    /// The forward proxy: `http://host:port` or `http://user:password@host:port`, reached by
    /// CONNECT. Default none, whatever the environment says.
    ///
    /// The word `environment` asks for what `HTTPS_PROXY` and `NO_PROXY` say (in lower case too;
    /// `http_proxy` for a plain endpoint, in lower case only).
    pub fn proxy(mut self, proxy: impl AsRef<str>) -> Self {
        self.proxy = Some(Secret::new(proxy.as_ref().as_bytes()));
        self
    }

    /// Whether an `http://` endpoint elsewhere than on this machine is taken. Default false:
    /// requests and answers would cross the network unprotected.
    pub fn allow_plain_http(mut self, allow: bool) -> Self {
        self.allow_plain_http = allow;
        self
    }

    /// Whether the client learns the server's time when the server refuses this machine's.
    /// Default true.
    pub fn clock_correction(mut self, correct: bool) -> Self {
        self.clock_correction = correct;
        self
    }

    /// How the date header names its zone. Default [`DateZone::Gmt`].
    pub fn date_zone(mut self, zone: DateZone) -> Self {
        self.date_zone = zone;
        self
    }

    /// How many idle connections are kept for the next calls. Default 8; 0 for none.
    pub fn max_idle_connections(mut self, connections: usize) -> Self {
        self.max_idle_connections = connections;
        self
    }

    /// What follows `diyalog/<version>` in the User-Agent header: the name of your program.
    /// Default nothing.
    pub fn user_agent_suffix(mut self, suffix: impl Into<String>) -> Self {
        self.user_agent_suffix = Some(suffix.into());
        self
    }

    pub(crate) fn required_endpoint(&self) -> Result<&str, Error> {
        required("endpoint", self.endpoint.as_deref())
    }

    pub(crate) fn required_credentials(&self) -> Result<(&str, &Secret), Error> {
        let access_key_id = required("access_key_id", self.access_key_id.as_deref())?;
        match &self.access_key_secret {
            Some(secret) if !secret.expose().is_empty() => Ok((access_key_id, secret)),
            _ => Err(missing("access_key_secret")),
        }
    }

    /// Refuses the settings that are missing, make no sense or contradict each other. What
    /// endpoint, proxy and files hold is checked where it is read.
    pub(crate) fn validate(&self) -> Result<(), Error> {
        self.required_endpoint()?;
        self.required_credentials()?;
        check_header_value("access_key_id", self.access_key_id.as_deref())?;
        check_header_value("requester_user_id", self.requester_user_id.as_deref())?;
        check_header_value("user_agent_suffix", self.user_agent_suffix.as_deref())?;
        if let Some(fault) = timeout_fault(self.timeout) {
            return Err(Error::invalid_config(fault));
        }
        if !self.system_trust && self.ca_file.is_none() {
            return Err(Error::invalid_config(
                "system_trust is 0 and there is no ca_file, so nothing would be trusted; set one of them",
            ));
        }
        match (&self.client_certificate_file, &self.client_key_file) {
            (Some(_), None) => Err(missing(
                "client_key_file, which client_certificate_file needs,",
            )),
            (None, Some(_)) => Err(missing(
                "client_certificate_file, which client_key_file needs,",
            )),
            _ => Ok(()),
        }
    }
}

fn missing(setting: &str) -> Error {
    Error::invalid_config(format!("{setting} is not set"))
}

fn required<'a>(setting: &str, value: Option<&'a str>) -> Result<&'a str, Error> {
    value
        .filter(|value| !value.is_empty())
        .ok_or_else(|| missing(setting))
}

fn check_header_value(setting: &str, value: Option<&str>) -> Result<(), Error> {
    match value.map(header_value_fault) {
        Some(Some(fault)) => Err(Error::invalid_config(format!("{setting} {fault}"))),
        _ => Ok(()),
    }
}

/// Why a call cannot be given this time, if it cannot.
pub(crate) fn timeout_fault(timeout: Duration) -> Option<&'static str> {
    let fits = (1..=u128::from(u32::MAX)).contains(&timeout.as_millis());
    (!fits).then_some("timeout_ms must lie between 1 and 4294967295")
}

/// Why a text cannot be sent as a header's value, if it cannot.
pub(crate) fn header_value_fault(value: &str) -> Option<&'static str> {
    if value.is_empty() {
        Some("is empty")
    } else if value.chars().any(char::is_control) {
        Some("must not contain control characters")
    } else if value.trim() != value {
        // HTTP drops it on the way, so the server would see another value.
        Some("must not begin or end with white space")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complete() -> Config {
        Config::new("https://api.example")
            .credentials("id", "secret")
            .requester_user_id("45186")
    }

    fn fault(config: Config) -> String {
        config.validate().unwrap_err().message().to_owned()
    }

    #[test]
    fn a_complete_config_is_taken() {
        complete().validate().unwrap();
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        let rows = [
            (Config::new("https://a"), "access_key_id is not set"),
            (complete().credentials("", "s"), "access_key_id is not set"),
            (
                complete().credentials("id", ""),
                "access_key_secret is not set",
            ),
            (
                complete().credentials("i\nd", "s"),
                "access_key_id must not",
            ),
            (
                complete().requester_user_id(""),
                "requester_user_id is empty",
            ),
            (
                complete().requester_user_id(" 1"),
                "requester_user_id must not",
            ),
            (
                complete().user_agent_suffix("a\r\nb: c"),
                "user_agent_suffix must",
            ),
            (complete().timeout(Duration::ZERO), "timeout_ms must lie"),
            (complete().timeout(Duration::MAX), "timeout_ms must lie"),
            (complete().system_trust(false), "system_trust is 0"),
        ];
        for (config, expected) in rows {
            let message = fault(config);
            assert!(message.starts_with(expected), "{message}");
        }
        let mut half = complete();
        half.client_key_file = Some("key.pem".into());
        assert!(fault(half).starts_with("client_certificate_file"));
    }

    #[test]
    fn debug_shows_no_secret() {
        let config = complete()
            .credentials("id", "s3cr3t")
            .proxy("http://user:passw0rd@proxy:3128");
        let shown = format!("{config:?}");
        assert!(
            !shown.contains("s3cr3t") && !shown.contains("passw0rd"),
            "{shown}"
        );
    }
}
