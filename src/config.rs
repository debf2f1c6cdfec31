//! Every setting, its default, and its validation.

use std::path::PathBuf;
use std::time::Duration;

use crate::error::Error;
use crate::header_text::HeaderText;
use crate::log_sink::LogSink;
use crate::secret::Secret;

/// How `x-dlg-date` names its zone.
///
/// The API's documentation shows `GMT` and describes a numeric zone; its server accepts both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DateZone {
    /// `Tue, 09 Mar 2021 13:28:32 GMT`
    #[default]
    Gmt,
    /// `Tue, 09 Mar 2021 13:28:32 +0000`
    Numeric,
}

/// Settings for a [`Client`](crate::Client).
///
/// The endpoint and the credentials are required, and the requester user id here or with each
/// call. [`Client::new`](crate::Client::new) reports missing and invalid settings.
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
    pub(crate) attempt_timeout: Option<Duration>,
    pub(crate) max_retries: u32,
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) system_trust: bool,
    pub(crate) client_certificate_file: Option<PathBuf>,
    pub(crate) client_key_file: Option<PathBuf>,
    /// A secret, since it may contain the proxy's password.
    pub(crate) proxy: Option<Secret>,
    pub(crate) allow_plain_http: bool,
    pub(crate) clock_correction: bool,
    pub(crate) date_zone: DateZone,
    pub(crate) max_idle_connections: usize,
    pub(crate) user_agent_suffix: Option<String>,
    pub(crate) log_sink: Option<LogSink>,
}

impl Default for Config {
    /// Returns settings with their defaults; endpoint and credentials are not set.
    fn default() -> Self {
        Config {
            endpoint: None,
            access_key_id: None,
            access_key_secret: None,
            requester_user_id: None,
            timeout: Duration::from_secs(10),
            attempt_timeout: None,
            max_retries: 2,
            ca_file: None,
            system_trust: true,
            client_certificate_file: None,
            client_key_file: None,
            proxy: None,
            allow_plain_http: false,
            clock_correction: true,
            date_zone: DateZone::Gmt,
            max_idle_connections: 64,
            user_agent_suffix: None,
            log_sink: None,
        }
    }
}

impl Config {
    /// Returns default settings for the server at `endpoint`.
    pub fn new(endpoint: impl Into<String>) -> Self {
        Config::default().endpoint(endpoint)
    }

    /// Sets the address of the API: `https://host`, with a port and a base path if there are any.
    /// Required.
    ///
    /// Plain `http://` is accepted for loopback addresses only, unless
    /// [`allow_plain_http`](Config::allow_plain_http) is true.
    pub fn endpoint(mut self, url: impl Into<String>) -> Self {
        self.endpoint = Some(url.into());
        self
    }

    /// Sets the access key that the administrator issued: its id, and its secret as text or bytes.
    /// Required.
    ///
    /// The library's own copies of the secret are wiped when dropped.
    pub fn credentials(
        mut self,
        access_key_id: impl Into<String>,
        access_key_secret: impl AsRef<[u8]>,
    ) -> Self {
        self.access_key_id = Some(access_key_id.into());
        self.access_key_secret = Some(Secret::new(access_key_secret.as_ref()));
        self
    }

    /// Sets the staff number sent as the requester; the server writes it to its audit log.
    /// Required here or in the options of each call.
    pub fn requester_user_id(mut self, user_id: impl Into<String>) -> Self {
        self.requester_user_id = Some(user_id.into());
        self
    }

    /// Sets the time budget of a whole call, retries included. Default 10 s.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the time budget of one attempt inside the call's, so that a retry can help when a
    /// server or firewall stays silent. Default none; zero means none.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = Some(timeout).filter(|timeout| !timeout.is_zero());
        self
    }

    /// Sets the maximum number of retries after a transient failure. Default 2; 0 disables retries.
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.max_retries = retries;
        self
    }

    /// Sets a PEM file with one or more CA certificates to trust, in addition to the system's store.
    /// Default none.
    pub fn ca_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.ca_file = Some(path.into());
        self
    }

    /// Sets whether to trust the operating system's certificate store. Default true; false trusts
    /// the CA file alone.
    pub fn system_trust(mut self, trust: bool) -> Self {
        self.system_trust = trust;
        self
    }

    /// Sets PEM files with the client's certificate (and its chain) and its private key, for servers
    /// that request one (mutual TLS). Default none. The key is PKCS#8, PKCS#1 or SEC1, unencrypted.
    pub fn client_certificate(
        mut self,
        certificate_file: impl Into<PathBuf>,
        key_file: impl Into<PathBuf>,
    ) -> Self {
        self.client_certificate_file = Some(certificate_file.into());
        self.client_key_file = Some(key_file.into());
        self
    }

    /// Sets the forward proxy, `http://host:port` or `http://user:password@host:port`, which is used
    /// with CONNECT. Default none, whatever the environment contains; an empty text means none.
    ///
    /// The value `environment` uses the variables `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, in lower
    /// case too, as curl reads them. A plain http endpoint uses `http_proxy`, in lower case only. A
    /// plain http endpoint on a loopback address never uses a proxy.
    pub fn proxy(mut self, proxy: impl AsRef<str>) -> Self {
        self.proxy = Some(Secret::new(proxy.as_ref().as_bytes()));
        self
    }

    /// Sets whether to accept an `http://` endpoint that is not a loopback address. Default false:
    /// requests and responses would cross the network unprotected.
    pub fn allow_plain_http(mut self, allow: bool) -> Self {
        self.allow_plain_http = allow;
        self
    }

    /// Sets whether to correct for clock skew when the server rejects a request's date. Default
    /// true.
    pub fn clock_correction(mut self, correct: bool) -> Self {
        self.clock_correction = correct;
        self
    }

    /// Sets how the date header names its zone. Default [`DateZone::Gmt`].
    pub fn date_zone(mut self, zone: DateZone) -> Self {
        self.date_zone = zone;
        self
    }

    /// Sets the maximum number of idle connections in the pool. Default 64, enough for bursts of as
    /// many concurrent calls; 0 opens a connection per call.
    pub fn max_idle_connections(mut self, connections: usize) -> Self {
        self.max_idle_connections = connections;
        self
    }

    /// Sets what follows `diyalog/<version>` in the User-Agent header: the name of your program.
    /// Default none.
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

    /// Rejects settings that are missing, invalid or contradictory. Endpoint, proxy and files are
    /// validated when they are parsed.
    pub(crate) fn validate(&self) -> Result<(), Error> {
        self.required_endpoint()?;
        self.required_credentials()?;
        check_header_text("access_key_id", self.access_key_id.as_deref())?;
        check_header_text("requester_user_id", self.requester_user_id.as_deref())?;
        check_header_text("user_agent_suffix", self.user_agent_suffix.as_deref())?;
        check_timeout("timeout_ms", Some(self.timeout))?;
        check_timeout("attempt_timeout_ms", self.attempt_timeout)?;
        if !self.system_trust && self.ca_file.is_none() {
            return Err(Error::invalid_config(
                "system_trust",
                "is 0 and ca_file is not set, so there is no certificate to trust; set one of them",
            ));
        }
        match (&self.client_certificate_file, &self.client_key_file) {
            (Some(_), None) => Err(Error::invalid_config(
                "client_key_file",
                "is not set; client_certificate_file needs it",
            )),
            (None, Some(_)) => Err(Error::invalid_config(
                "client_certificate_file",
                "is not set; client_key_file needs it",
            )),
            _ => Ok(()),
        }
    }
}

fn missing(setting: &'static str) -> Error {
    Error::invalid_config(setting, "is not set")
}

fn required<'a>(setting: &'static str, value: Option<&'a str>) -> Result<&'a str, Error> {
    value
        .filter(|value| !value.is_empty())
        .ok_or_else(|| missing(setting))
}

fn check_header_text(setting: &'static str, value: Option<&str>) -> Result<(), Error> {
    match value.map(HeaderText::new) {
        Some(Err(fault)) => Err(Error::invalid_config(setting, fault)),
        _ => Ok(()),
    }
}

fn check_timeout(setting: &'static str, timeout: Option<Duration>) -> Result<(), Error> {
    match timeout.and_then(timeout_fault) {
        Some(fault) => Err(Error::invalid_config(setting, fault)),
        None => Ok(()),
    }
}

/// Why a timeout is invalid, worded to follow its name; `None` if it is valid.
pub(crate) fn timeout_fault(timeout: Duration) -> Option<&'static str> {
    let is_valid = (1..=u128::from(u32::MAX)).contains(&timeout.as_millis());
    (!is_valid).then_some("must lie between 1 and 4294967295 milliseconds")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;

    fn complete() -> Config {
        Config::new("https://api.example")
            .credentials("id", "secret")
            .requester_user_id("45186")
    }

    #[test]
    fn a_complete_config_is_accepted() {
        complete().validate().unwrap();
        complete()
            .attempt_timeout(Duration::ZERO)
            .validate()
            .unwrap();
    }

    #[test]
    fn missing_and_invalid_settings_are_reported_by_name() {
        let long = "a".repeat(8193);
        let rows = [
            (Config::default(), "endpoint is not set"),
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
                complete().requester_user_id(long),
                "requester_user_id must not be longer",
            ),
            (
                complete().user_agent_suffix("a\r\nb: c"),
                "user_agent_suffix must not",
            ),
            (complete().timeout(Duration::ZERO), "timeout_ms must lie"),
            (complete().timeout(Duration::MAX), "timeout_ms must lie"),
            (
                complete().attempt_timeout(Duration::from_micros(999)),
                "attempt_timeout_ms must lie",
            ),
            (
                complete().attempt_timeout(Duration::MAX),
                "attempt_timeout_ms must lie",
            ),
            (complete().system_trust(false), "system_trust is 0"),
            (
                with_file(|config| &mut config.client_key_file),
                "client_certificate_file is not set",
            ),
            (
                with_file(|config| &mut config.client_certificate_file),
                "client_key_file is not set",
            ),
        ];
        for (config, expected) in rows {
            let error = config.validate().unwrap_err();
            assert_eq!(error.code(), ErrorCode::InvalidConfig, "{error}");
            assert!(error.message().starts_with(expected), "{error}");
            assert_eq!(error.argument(), expected.split(' ').next());
        }
    }

    fn with_file(file: impl Fn(&mut Config) -> &mut Option<PathBuf>) -> Config {
        let mut config = complete();
        *file(&mut config) = Some("file.pem".into());
        config
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
