//! Settings from the environment, read only on request.

use std::env::{self, VarError};
use std::ffi::CStr;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::config::Config;
use crate::error::Error;
use crate::secret::Secret;

/// A setting that has an environment variable.
pub(crate) struct Variable {
    /// The setting, as messages and the other interfaces spell it.
    pub(crate) setting: &'static str,
    /// The variable, NUL-terminated: `diyalog_config_variable` returns it.
    pub(crate) name: &'static CStr,
    set: fn(&mut Config, &str) -> Result<(), NotANumber>,
}

struct NotANumber;

/// Every variable. The bindings read their names from here.
pub(crate) const VARIABLES: [Variable; 9] = [
    Variable {
        setting: "endpoint",
        name: c"DIYALOG_ENDPOINT",
        set: |config, value| set(&mut config.endpoint, value.to_owned()),
    },
    Variable {
        setting: "access_key_id",
        name: c"DIYALOG_ACCESS_KEY_ID",
        set: |config, value| set(&mut config.access_key_id, value.to_owned()),
    },
    Variable {
        setting: "access_key_secret",
        name: c"DIYALOG_ACCESS_KEY_SECRET",
        set: |config, value| set(&mut config.access_key_secret, Secret::new(value.as_bytes())),
    },
    Variable {
        setting: "requester_user_id",
        name: c"DIYALOG_REQUESTER_USER_ID",
        set: |config, value| set(&mut config.requester_user_id, value.to_owned()),
    },
    Variable {
        setting: "timeout_ms",
        name: c"DIYALOG_TIMEOUT_MS",
        set: |config, value| {
            config.timeout = milliseconds(value)?;
            Ok(())
        },
    },
    Variable {
        setting: "attempt_timeout_ms",
        name: c"DIYALOG_ATTEMPT_TIMEOUT_MS",
        set: |config, value| {
            config.attempt_timeout = Some(milliseconds(value)?).filter(|time| !time.is_zero());
            Ok(())
        },
    },
    Variable {
        setting: "max_retries",
        name: c"DIYALOG_MAX_RETRIES",
        set: |config, value| {
            config.max_retries = number(value)?;
            Ok(())
        },
    },
    Variable {
        setting: "ca_file",
        name: c"DIYALOG_CA_FILE",
        set: |config, value| set(&mut config.ca_file, value.into()),
    },
    Variable {
        setting: "proxy",
        name: c"DIYALOG_PROXY",
        set: |config, value| set(&mut config.proxy, Secret::new(value.as_bytes())),
    },
];

fn set<T>(setting: &mut Option<T>, value: T) -> Result<(), NotANumber> {
    *setting = Some(value);
    Ok(())
}

fn milliseconds(value: &str) -> Result<Duration, NotANumber> {
    number(value).map(|number| Duration::from_millis(number.into()))
}

fn number(value: &str) -> Result<u32, NotANumber> {
    // parse() would accept a plus sign.
    match value.bytes().all(|byte| byte.is_ascii_digit()) {
        true => value.parse().map_err(|_| NotANumber),
        false => Err(NotANumber),
    }
}

impl Config {
    /// Overwrites settings with those of the `DIYALOG_*` environment variables. Ignores empty ones.
    ///
    /// `DIYALOG_ENDPOINT`, `DIYALOG_ACCESS_KEY_ID`, `DIYALOG_ACCESS_KEY_SECRET`,
    /// `DIYALOG_REQUESTER_USER_ID`, `DIYALOG_TIMEOUT_MS`, `DIYALOG_ATTEMPT_TIMEOUT_MS`,
    /// `DIYALOG_MAX_RETRIES`, `DIYALOG_CA_FILE`, `DIYALOG_PROXY`.
    ///
    /// # Errors
    ///
    /// [`InvalidConfig`](crate::ErrorCode::InvalidConfig) if a value is not the whole number that
    /// its setting needs, or not Unicode.
    pub fn load_env(self) -> Result<Self, Error> {
        self.load_from(|name| env::var(name).map(Zeroizing::new))
    }

    fn load_from(
        mut self,
        value_of: impl Fn(&str) -> Result<Zeroizing<String>, VarError>,
    ) -> Result<Self, Error> {
        for variable in &VARIABLES {
            let name = variable.name.to_str().expect("names are ASCII");
            let fault = |fault: &str| {
                let fault = format!("{fault} (the environment variable {name})");
                Err(Error::invalid_config(variable.setting, fault))
            };
            match value_of(name) {
                Err(VarError::NotPresent) => {}
                Ok(value) if value.is_empty() => {}
                Err(VarError::NotUnicode(_)) => return fault("must be valid Unicode"),
                Ok(value) => {
                    if let Err(NotANumber) = (variable.set)(&mut self, &value) {
                        return fault("must be a whole number from 0 to 4294967295");
                    }
                }
            }
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(variables: &[(&str, &str)]) -> Result<Config, Error> {
        Config::new("https://before.example").load_from(|name| {
            variables
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| Zeroizing::new(value.to_string()))
                .ok_or(VarError::NotPresent)
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
            ("DIYALOG_ATTEMPT_TIMEOUT_MS", "400"),
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
        assert_eq!(config.attempt_timeout, Some(Duration::from_millis(400)));
        assert_eq!(config.max_retries, 0);
        assert_eq!(config.ca_file, Some("ca.pem".into()));
        assert_eq!(config.proxy.unwrap().expose(), b"http://proxy:3128");
    }

    #[test]
    fn empty_and_absent_variables_change_nothing() {
        let config = load(&[
            ("DIYALOG_ENDPOINT", ""),
            ("DIYALOG_ATTEMPT_TIMEOUT_MS", "0"),
        ])
        .unwrap();
        assert_eq!(config.endpoint.as_deref(), Some("https://before.example"));
        assert_eq!(config.max_retries, 2);
        assert_eq!(config.attempt_timeout, None);
    }

    #[test]
    fn an_invalid_number_is_reported_with_setting_and_variable() {
        for value in ["-1", "+1", "1.5", "2s", "4294967296"] {
            let error = load(&[("DIYALOG_TIMEOUT_MS", value)]).unwrap_err();
            assert_eq!(error.argument(), Some("timeout_ms"));
            assert!(error.message().contains("DIYALOG_TIMEOUT_MS"), "{error}");
        }
    }

    #[test]
    fn text_that_is_not_unicode_is_reported_with_setting_and_variable() {
        let error = Config::default()
            .load_from(|_| Err(VarError::NotUnicode("".into())))
            .unwrap_err();
        assert_eq!(error.argument(), Some("endpoint"));
        assert!(error.message().contains("DIYALOG_ENDPOINT"), "{error}");
    }
}
