//! Section "Settings" of the header.

use std::ffi::c_char;
use std::path::PathBuf;
use std::ptr::null;
use std::time::Duration;

use super::arguments::{exclusive, flag, header_text, is_null, text};
use super::boundary::{fallible, infallible};
use super::error::diyalog_error;
use super::{returns_config, returns_int32, returns_nothing, returns_text};
use crate::config::{Config, DateZone};
use crate::environment::VARIABLES;
use crate::error::Error;
use crate::secret::Secret;

/// The date header ends in GMT, as in the API's examples.
pub const DIYALOG_DATE_ZONE_GMT: i32 = 0;
/// The date header ends in +0000, as in the API's description of its format.
pub const DIYALOG_DATE_ZONE_NUMERIC: i32 = 1;

/// Settings for a client. Create with diyalog_config_new, free with diyalog_config_free.
/// diyalog_client_new copies them.
///
/// Not thread-safe; use from one thread at a time.
pub struct diyalog_config {
    pub(super) config: Config,
}

/// Creates settings with their defaults; endpoint and credentials are not set.
///
/// The result is owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn diyalog_config_new() -> returns_config {
    infallible(std::ptr::null_mut(), || {
        Box::into_raw(Box::new(diyalog_config {
            config: Config::default(),
        }))
    })
}

/// Frees the settings. Does nothing if config is NULL. Clients created from them are not affected.
///
/// Call exactly once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_config_free(config: *mut diyalog_config) -> returns_nothing {
    infallible((), || {
        if !config.is_null() {
            // SAFETY: came from diyalog_config_new, and is not used again.
            drop(unsafe { Box::from_raw(config) });
        }
    })
}

/// Runs the body of a setter.
///
/// # Safety
///
/// `config` is NULL or settings that nobody else uses meanwhile; `error` as for [`fallible`].
pub(super) unsafe fn set(
    config: *mut diyalog_config,
    error: *mut *mut diyalog_error,
    body: impl FnOnce(&mut Config) -> Result<(), Error>,
) -> i32 {
    // SAFETY: passed on from the caller.
    unsafe { fallible(error, || body(&mut exclusive(config, "config")?.config)) }
}

/// Sets the address of the API: https://host, with :port and a base path if there are any. Required.
/// Plain http:// is accepted for loopback addresses only, unless allow_plain_http is 1.
///
/// The text is copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_config_set_endpoint(
    config: *mut diyalog_config,
    url: *const c_char,
    error: *mut *mut diyalog_error,
) -> returns_int32 {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        set(config, error, |config| {
            config.endpoint = Some(text(url, "endpoint")?.to_owned());
            Ok(())
        })
    }
}

/// Sets the access key that the administrator issued. Required. The key of the signature is the UTF-8
/// bytes of the secret.
///
/// Both texts are copied. The library's own copies of the secret are wiped when freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_config_set_credentials(
    config: *mut diyalog_config,
    access_key_id: *const c_char,
    access_key_secret: *const c_char,
    error: *mut *mut diyalog_error,
) -> returns_int32 {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        set(config, error, |config| {
            let id = header_text(access_key_id, "access_key_id")?;
            let secret = text(access_key_secret, "access_key_secret")?;
            config.access_key_id = Some(id.to_owned());
            config.access_key_secret = Some(Secret::new(secret.as_bytes()));
            Ok(())
        })
    }
}

/// Sets the access key with a secret that is not text: secret_length bytes.
///
/// access_key_id and secret are copied. The library's own copies of the secret are wiped when freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_config_set_credentials_bytes(
    config: *mut diyalog_config,
    access_key_id: *const c_char,
    secret: *const u8,
    secret_length: usize,
    error: *mut *mut diyalog_error,
) -> returns_int32 {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        set(config, error, |config| {
            let id = header_text(access_key_id, "access_key_id")?;
            if secret.is_null() {
                return Err(is_null("secret"));
            }
            let secret = std::slice::from_raw_parts(secret, secret_length);
            config.access_key_id = Some(id.to_owned());
            config.access_key_secret = Some(Secret::new(secret));
            Ok(())
        })
    }
}

/// Sets the staff number sent as the requester; the server writes it to its audit log. At most 8 KiB.
/// Required here or in the options of each call.
///
/// The text is copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_config_set_requester_user_id(
    config: *mut diyalog_config,
    user_id: *const c_char,
    error: *mut *mut diyalog_error,
) -> returns_int32 {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        set(config, error, |config| {
            config.requester_user_id = Some(header_text(user_id, "requester_user_id")?.to_owned());
            Ok(())
        })
    }
}

/// Sets the time budget of a whole call in milliseconds: DNS, connecting, TLS, request, response and
/// every retry. Default 10000. A call returns at most 100 ms after it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_config_set_timeout_ms(
    config: *mut diyalog_config,
    milliseconds: u32,
    error: *mut *mut diyalog_error,
) -> returns_int32 {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        set(config, error, |config| {
            config.timeout = Duration::from_millis(milliseconds.into());
            Ok(())
        })
    }
}

/// Sets the time budget of one attempt in milliseconds, inside that of the call, so that a retry can
/// help when a server or firewall stays silent. Default 0: none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_config_set_attempt_timeout_ms(
    config: *mut diyalog_config,
    milliseconds: u32,
    error: *mut *mut diyalog_error,
) -> returns_int32 {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        set(config, error, |config| {
            config.attempt_timeout =
                (milliseconds != 0).then(|| Duration::from_millis(milliseconds.into()));
            Ok(())
        })
    }
}

/// Sets the maximum number of retries after a transient failure. Default 2; 0 disables retries.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_config_set_max_retries(
    config: *mut diyalog_config,
    retries: u32,
    error: *mut *mut diyalog_error,
) -> returns_int32 {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        set(config, error, |config| {
            config.max_retries = retries;
            Ok(())
        })
    }
}

/// Sets a PEM file with one or more CA certificates to trust, in addition to the system's store.
/// Default none. diyalog_client_new reads the file.
///
/// The path is copied. It is UTF-8 on Windows too.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_config_set_ca_file(
    config: *mut diyalog_config,
    path: *const c_char,
    error: *mut *mut diyalog_error,
) -> returns_int32 {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        set(config, error, |config| {
            config.ca_file = Some(PathBuf::from(text(path, "ca_file")?));
            Ok(())
        })
    }
}

/// Sets whether to trust the operating system's certificate store: 1 (the default), or 0 to trust
/// ca_file alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_config_set_system_trust(
    config: *mut diyalog_config,
    trust: i32,
    error: *mut *mut diyalog_error,
) -> returns_int32 {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        set(config, error, |config| {
            config.system_trust = flag(trust, "system_trust")?;
            Ok(())
        })
    }
}

/// Sets a PEM file with the client's certificate, followed by its chain, for servers that request one
/// (mutual TLS). Requires client_key_file. Default none. diyalog_client_new reads the file.
///
/// The path is copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_config_set_client_certificate_file(
    config: *mut diyalog_config,
    path: *const c_char,
    error: *mut *mut diyalog_error,
) -> returns_int32 {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        set(config, error, |config| {
            config.client_certificate_file =
                Some(PathBuf::from(text(path, "client_certificate_file")?));
            Ok(())
        })
    }
}

/// Sets a PEM file with the private key of the client's certificate: PKCS#8, PKCS#1 or SEC1,
/// unencrypted. Default none. diyalog_client_new reads the file.
///
/// The path is copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_config_set_client_key_file(
    config: *mut diyalog_config,
    path: *const c_char,
    error: *mut *mut diyalog_error,
) -> returns_int32 {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        set(config, error, |config| {
            config.client_key_file = Some(PathBuf::from(text(path, "client_key_file")?));
            Ok(())
        })
    }
}

/// Sets the forward proxy, http://host:port or http://user:password@host:port, which is used with
/// CONNECT. Default none, whatever the environment contains; "" means none.
///
/// "environment" uses the variables HTTPS_PROXY, ALL_PROXY and NO_PROXY, in lower case too, as curl
/// reads them. A plain http endpoint uses http_proxy, in lower case only. A plain http endpoint on a
/// loopback address never uses a proxy.
///
/// The text is copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_config_set_proxy(
    config: *mut diyalog_config,
    proxy: *const c_char,
    error: *mut *mut diyalog_error,
) -> returns_int32 {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        set(config, error, |config| {
            config.proxy = Some(Secret::new(text(proxy, "proxy")?.as_bytes()));
            Ok(())
        })
    }
}

/// Sets whether to accept an http:// endpoint that is not a loopback address: 0 (the default) or 1.
/// Requests and responses then cross the network unprotected.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_config_set_allow_plain_http(
    config: *mut diyalog_config,
    allow: i32,
    error: *mut *mut diyalog_error,
) -> returns_int32 {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        set(config, error, |config| {
            config.allow_plain_http = flag(allow, "allow_plain_http")?;
            Ok(())
        })
    }
}

/// Sets whether to correct for clock skew when the server rejects a request's date: 1 (the default)
/// or 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_config_set_clock_correction(
    config: *mut diyalog_config,
    correct: i32,
    error: *mut *mut diyalog_error,
) -> returns_int32 {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        set(config, error, |config| {
            config.clock_correction = flag(correct, "clock_correction")?;
            Ok(())
        })
    }
}

/// Sets how the date header names its zone: DIYALOG_DATE_ZONE_GMT (the default) or
/// DIYALOG_DATE_ZONE_NUMERIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_config_set_date_zone(
    config: *mut diyalog_config,
    zone: i32,
    error: *mut *mut diyalog_error,
) -> returns_int32 {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        set(config, error, |config| {
            config.date_zone = match zone {
                DIYALOG_DATE_ZONE_GMT => DateZone::Gmt,
                DIYALOG_DATE_ZONE_NUMERIC => DateZone::Numeric,
                _ => {
                    return Err(Error::invalid_argument(
                        "date_zone",
                        "must be DIYALOG_DATE_ZONE_GMT or DIYALOG_DATE_ZONE_NUMERIC",
                    ));
                }
            };
            Ok(())
        })
    }
}

/// Sets the maximum number of idle connections in the pool. Default 64, enough for bursts of as many
/// concurrent calls; 0 opens a connection per call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_config_set_max_idle_connections(
    config: *mut diyalog_config,
    connections: u32,
    error: *mut *mut diyalog_error,
) -> returns_int32 {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        set(config, error, |config| {
            config.max_idle_connections = connections as usize;
            Ok(())
        })
    }
}

/// Sets what follows diyalog/<version> in the User-Agent header: the name of your program. Default
/// none.
///
/// The text is copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_config_set_user_agent_suffix(
    config: *mut diyalog_config,
    suffix: *const c_char,
    error: *mut *mut diyalog_error,
) -> returns_int32 {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        set(config, error, |config| {
            config.user_agent_suffix = Some(header_text(suffix, "user_agent_suffix")?.to_owned());
            Ok(())
        })
    }
}

/// Overwrites settings with those of the environment: DIYALOG_ENDPOINT, DIYALOG_ACCESS_KEY_ID,
/// DIYALOG_ACCESS_KEY_SECRET, DIYALOG_REQUESTER_USER_ID, DIYALOG_TIMEOUT_MS,
/// DIYALOG_ATTEMPT_TIMEOUT_MS, DIYALOG_MAX_RETRIES, DIYALOG_CA_FILE, DIYALOG_PROXY. Ignores empty
/// variables. No other function reads these variables.
///
/// Fails with DIYALOG_ERROR_INVALID_CONFIG if a variable is invalid; the settings are unchanged then.
/// It must not run while another thread changes the environment.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_config_load_env(
    config: *mut diyalog_config,
    error: *mut *mut diyalog_error,
) -> returns_int32 {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        set(config, error, |config| {
            *config = config.clone().load_env()?;
            Ok(())
        })
    }
}

/// Returns the environment variable of a setting, such as "DIYALOG_TIMEOUT_MS" for "timeout_ms"; NULL
/// if the setting has none or is unknown, or setting is NULL.
///
/// Static, do not free. setting is borrowed for the duration of the call. Thread-safe.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_config_variable(setting: *const c_char) -> returns_text {
    infallible(null(), || {
        // SAFETY: by the header's rules it is NULL or a text.
        unsafe { text(setting, "setting") }
            .ok()
            .and_then(|setting| VARIABLES.iter().find(|known| known.setting == setting))
            .map_or(null(), |variable| variable.name.as_ptr())
    })
}
