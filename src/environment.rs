//! Settings from the environment, read only where asked for.

use std::env::{self, VarError};
use std::time::Duration;

use crate::config::Config;
use crate::error::Error;

impl Config {
    /// Takes over the settings that `DIYALOG_*` environment variables name; they win over what was
    /// set before. Empty variables count as not set. Where one cannot be read, none is taken over.
    ///
    /// `DIYALOG_ENDPOINT`, `DIYALOG_ACCESS_KEY_ID`, `DIYALOG_ACCESS_KEY_SECRET`,
    /// `DIYALOG_REQUESTER_USER_ID`, `DIYALOG_TIMEOUT_MS`, `DIYALOG_MAX_RETRIES`,
    /// `DIYALOG_CA_FILE`, `DIYALOG_PROXY`.
    ///
    /// # Errors
    ///
    /// [`InvalidConfig`](crate::ErrorCode::InvalidConfig) for a number that is none, or text that
    /// is not Unicode.
    pub fn load_env(self) -> Result<Self, Error> {
        self.load_from(|name| match env::var(name) {
            Ok(value) => Ok(Some(value)),
            Err(VarError::NotPresent) => Ok(None),
            Err(VarError::NotUnicode(_)) => Err(Error::invalid_config(format!(
                "the environment variable {name} is not valid Unicode"
            ))),
        })
    }

    fn load_from(
        mut self,
        variable: impl Fn(&str) -> Result<Option<String>, Error>,
    ) -> Result<Self, Error> {
        let text = |name: &str| Ok(variable(name)?.filter(|value| !value.is_empty()));
        let number = |name: &str| match text(name)? {
            None => Ok(None),
            Some(value) => value.parse::<u32>().map(Some).map_err(|_| {
                Error::invalid_config(format!(
                    "the environment variable {name} must be a whole number from 0 to 4294967295"
                ))
            }),
        };

        if let Some(url) = text("DIYALOG_ENDPOINT")? {
            self = self.endpoint(url);
        }
        if let Some(id) = text("DIYALOG_ACCESS_KEY_ID")? {
            self.access_key_id = Some(id);
        }
        if let Some(secret) = text("DIYALOG_ACCESS_KEY_SECRET")?.map(zeroize::Zeroizing::new) {
            self.access_key_secret = Some(crate::secret::Secret::new(secret.as_bytes()));
        }
        if let Some(user_id) = text("DIYALOG_REQUESTER_USER_ID")? {
            self = self.requester_user_id(user_id);
        }
        if let Some(milliseconds) = number("DIYALOG_TIMEOUT_MS")? {
            self = self.timeout(Duration::from_millis(milliseconds.into()));
        }
        if let Some(retries) = number("DIYALOG_MAX_RETRIES")? {
            self = self.max_retries(retries);
        }
        if let Some(path) = text("DIYALOG_CA_FILE")? {
            self = self.ca_file(path);
        }
        if let Some(url) = text("DIYALOG_PROXY")?.map(zeroize::Zeroizing::new) {
            self = self.proxy(&*url);
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(variables: &[(&str, &str)]) -> Result<Config, Error> {
        Config::new("https://before.example").load_from(|name| {
            Ok(variables
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| value.to_string()))
        })
    }

    #[test]
    fn every_variable_reaches_its_setting() {
        let config = load(&[
            ("DIYALOG_ENDPOINT", "https://env.example"),
            ("DIYALOG_ACCESS_KEY_ID", "id"),
            ("DIYALOG_ACCESS_KEY_SECRET", "secret"),
            ("DIYALOG_REQUESTER_USER_ID", "45186"),
            ("DIYALOG_TIMEOUT_MS", "1500"),
            ("DIYALOG_MAX_RETRIES", "0"),
            ("DIYALOG_CA_FILE", "ca.pem"),
            ("DIYALOG_PROXY", "http://proxy:3128"),
        ])
        .unwrap();
        assert_eq!(config.endpoint.as_deref(), Some("https://env.example"));
        assert_eq!(config.access_key_id.as_deref(), Some("id"));
        assert_eq!(config.access_key_secret.unwrap().expose(), b"secret");
        assert_eq!(config.requester_user_id.as_deref(), Some("45186"));
        assert_eq!(config.timeout, Duration::from_millis(1500));
        assert_eq!(config.max_retries, 0);
        assert_eq!(config.ca_file, Some("ca.pem".into()));
        assert_eq!(config.proxy.unwrap().expose(), b"http://proxy:3128");
    }

    #[test]
    fn empty_and_absent_variables_leave_the_setting() {
        let config = load(&[("DIYALOG_ENDPOINT", "")]).unwrap();
        assert_eq!(config.endpoint.as_deref(), Some("https://before.example"));
        assert_eq!(config.max_retries, 2);
    }

    #[test]
    fn a_number_that_is_none_is_named() {
        for value in ["-1", "1.5", "2s", "4294967296"] {
            let error = load(&[("DIYALOG_TIMEOUT_MS", value)]).unwrap_err();
            assert!(error.message().contains("DIYALOG_TIMEOUT_MS"), "{error}");
        }
    }
}
