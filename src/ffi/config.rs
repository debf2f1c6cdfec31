//! Section "Settings" of the header.

use std::ffi::c_char;
use std::path::PathBuf;
use std::time::Duration;

use super::arguments::{exclusive, flag, header_text, is_null, text};
use super::boundary::{fallible, infallible};
use super::error::diyalog_error;
use super::{returns_config, returns_int32, returns_nothing};
use crate::config::{Config, DateZone};
use crate::error::Error;
use crate::secret::Secret;

/// The date header ends in GMT, as in the API's examples.
pub const DIYALOG_DATE_ZONE_GMT: i32 = 0;
/// The date header ends in +0000, as in the API's description of its format.
pub const DIYALOG_DATE_ZONE_NUMERIC: i32 = 1;

/// The settings that a client is made with. Made by diyalog_config_new, freed with
/// diyalog_config_free; a client takes a copy.
///
/// Not safe to use from several threads at the same time.
pub struct diyalog_config {
    pub(super) config: Config,
}

/// Settings with every default; endpoint and credentials are still to be set.
///
/// The caller owns the result and frees it with diyalog_config_free.
#[unsafe(no_mangle)]
pub extern "C" fn diyalog_config_new() -> returns_config {
    infallible(std::ptr::null_mut(), || {
        Box::into_raw(Box::new(diyalog_config {
            config: Config::default(),
        }))
    })
}

/// Frees settings. NULL is taken and does nothing.
///
/// Clients that were made with them are not affected; the secret's copy here is wiped.
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

/// The address of the API: https://host, with :port and a base path where there are any. Required.
///
/// http:// is taken for a loopback address, or with diyalog_config_set_allow_plain_http. The text
/// is copied.
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

/// The access key that the administrator issued. Required. The secret counts as its UTF-8 bytes.
///
/// Both are copied; the library's copies of the secret are wiped when freed.
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

/// The access key, with a secret that is bytes and no text.
///
/// Both are copied; the library's copies of the secret are wiped when freed.
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

/// The staff number of the person on whose behalf requests are made; the server writes it to its
/// audit log. Required here or in the options of each call.
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

/// The time in milliseconds that a call may take in all: DNS, connecting, TLS, request, answer and
/// every retry. Default 10000. A call ends at the latest 100 ms after it.
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

/// How often a call is tried again after a failure that may pass. Default 2; 0 for never.
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

/// A PEM file with one or more CA certificates to trust, beside the system's store. Default none.
///
/// The path is copied; the file is read by diyalog_client_new. On Windows too the path is UTF-8.
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

/// Whether the operating system's certificate store is trusted: 1 (the default), or 0 for the CA
/// file alone.
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

/// A PEM file with the client's certificate, and its chain after it, for servers that ask for one
/// (mutual TLS). Goes with diyalog_config_set_client_key_file. Default none.
///
/// The path is copied; the file is read by diyalog_client_new.
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

/// A PEM file with the private key of the client's certificate: PKCS#8, PKCS#1 or SEC1, not
/// encrypted. Default none.
///
/// The path is copied; the file is read by diyalog_client_new.
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

/// The forward proxy: http://host:port or http://user:password@host:port, used by CONNECT. Default
/// none, whatever the environment says; "" is none too.
///
/// The word "environment" asks for what the variables HTTPS_PROXY and NO_PROXY say (lower case too;
/// for a plain http endpoint http_proxy, in lower case only). The text is copied.
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

/// Whether an http:// endpoint elsewhere than on this machine is taken: 0 (the default) or 1.
/// Requests and answers then cross the network unprotected.
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

/// Whether the client learns the server's time when the server refuses this machine's: 1 (the
/// default) or 0.
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

/// How the date header names its zone: DIYALOG_DATE_ZONE_GMT (the default) or
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
                        "date_zone must be DIYALOG_DATE_ZONE_GMT or DIYALOG_DATE_ZONE_NUMERIC",
                    ));
                }
            };
            Ok(())
        })
    }
}

/// How many idle connections are kept for the next calls. Default 8; 0 for none.
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

/// What follows diyalog/<version> in the User-Agent header: the name of your program. Default
/// nothing.
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

/// Takes over the settings that the environment names; they win over what was set before:
/// DIYALOG_ENDPOINT, DIYALOG_ACCESS_KEY_ID, DIYALOG_ACCESS_KEY_SECRET, DIYALOG_REQUESTER_USER_ID,
/// DIYALOG_TIMEOUT_MS, DIYALOG_MAX_RETRIES, DIYALOG_CA_FILE, DIYALOG_PROXY.
///
/// Empty variables count as not set. Fails with DIYALOG_ERROR_INVALID_CONFIG where one cannot be
/// read; nothing is taken over then. No other function looks at these variables.
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
