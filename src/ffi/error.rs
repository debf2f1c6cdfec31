//! Section "Errors" of the header.

use std::ffi::CString;
use std::ptr::null;

use super::{returns_int32, returns_nothing, returns_text, returns_uint32};
use crate::error::Error;

/// The call succeeded.
pub const DIYALOG_OK: i32 = 0;
/// An argument of the call is invalid; diyalog_error_argument returns its name.
pub const DIYALOG_ERROR_INVALID_ARGUMENT: i32 = 1;
/// A setting is missing or invalid; diyalog_error_argument returns its name. Reported by
/// diyalog_client_new and diyalog_config_load_env.
pub const DIYALOG_ERROR_INVALID_CONFIG: i32 = 2;
/// The program cancelled the call.
pub const DIYALOG_ERROR_CANCELLED: i32 = 3;
/// The deadline passed, in any phase. Retryable.
pub const DIYALOG_ERROR_TIMEOUT: i32 = 10;
/// The host name does not resolve. Retryable.
pub const DIYALOG_ERROR_RESOLVE: i32 = 11;
/// The connection was refused, or the host is unreachable. Retryable.
pub const DIYALOG_ERROR_CONNECT: i32 = 12;
/// The certificate or the TLS handshake failed; the message names the failed check and the fix.
pub const DIYALOG_ERROR_TLS: i32 = 13;
/// The proxy is unreachable, rejected the request, or requires credentials.
pub const DIYALOG_ERROR_PROXY: i32 = 14;
/// The connection broke before the response was complete. Retryable.
pub const DIYALOG_ERROR_CONNECTION_LOST: i32 = 15;
/// 400: the server did not find the three authentication headers.
pub const DIYALOG_ERROR_HEADERS_MISSING: i32 = 20;
/// 400: the server could not read the authorization header.
pub const DIYALOG_ERROR_AUTHORIZATION_FORMAT: i32 = 21;
/// 400: the server could not read the date header.
pub const DIYALOG_ERROR_DATE_FORMAT: i32 = 22;
/// 401: the signature or the access key id is wrong.
pub const DIYALOG_ERROR_UNAUTHORIZED: i32 = 23;
/// 403: the clocks differ too much, and correcting for it did not help; the message gives the
/// difference.
pub const DIYALOG_ERROR_CLOCK_SKEW: i32 = 24;
/// 500: the server failed; the message contains its text. Retryable.
pub const DIYALOG_ERROR_SERVER: i32 = 25;
/// Any other status, redirects included. Retryable: 408, 429, 502, 503, 504.
pub const DIYALOG_ERROR_HTTP_STATUS: i32 = 26;
/// The response is not the documented JSON, too large, or not HTTP.
pub const DIYALOG_ERROR_INVALID_RESPONSE: i32 = 30;
/// A bug of this library. The client stays usable.
pub const DIYALOG_ERROR_INTERNAL: i32 = 90;

/// The reason why a call failed. Free with diyalog_error_free.
///
/// Immutable, so thread-safe.
pub struct diyalog_error {
    error: Error,
    message: CString,
    argument: Option<CString>,
}

impl diyalog_error {
    pub(super) fn into_raw(error: Error) -> *mut Self {
        Box::into_raw(Box::new(diyalog_error::new(error)))
    }

    pub(super) fn new(error: Error) -> Self {
        diyalog_error {
            message: to_c(error.message()),
            argument: error.argument().map(to_c),
            error,
        }
    }

    pub(super) fn code(&self) -> i32 {
        self.error.code() as i32
    }

    /// # Safety
    ///
    /// `error` is NULL, or came from `into_raw` and is not used again.
    pub(super) unsafe fn free_raw(error: *mut Self) {
        if !error.is_null() {
            // SAFETY: came from Box::into_raw, and is not used again.
            drop(unsafe { Box::from_raw(error) });
        }
    }
}

/// A text for C, without the NULs that would end it early.
pub(super) fn to_c(text: &str) -> CString {
    CString::new(text.replace('\0', "")).unwrap_or_default()
}

// The functions below only read fields and cannot panic, so they need no panic guard. The guard
// creates errors and can use this section.

/// Returns the code of the error, a DIYALOG_ERROR_ constant; DIYALOG_OK if error is NULL.
///
/// error is borrowed for the duration of the call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_error_code(error: *const diyalog_error) -> returns_int32 {
    // SAFETY: by the header's rules it is NULL or an error.
    unsafe { error.as_ref() }.map_or(DIYALOG_OK, |error| error.error.code() as i32)
}

/// Returns what happened, with which host, and what to do about it, in English; "" if error is NULL.
/// Do not parse it: the wording may change, codes never do. It never contains the secret, a
/// signature or an authorization header.
///
/// The text lives as long as the error, do not free. error is borrowed for the duration of the call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_error_message(error: *const diyalog_error) -> returns_text {
    // SAFETY: by the header's rules it is NULL or an error.
    unsafe { error.as_ref() }.map_or(c"".as_ptr(), |error| error.message.as_ptr())
}

/// Returns the HTTP status of the response; 0 if none was received, or error is NULL.
///
/// error is borrowed for the duration of the call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_error_http_status(error: *const diyalog_error) -> returns_int32 {
    // SAFETY: by the header's rules it is NULL or an error.
    unsafe { error.as_ref() }
        .and_then(|error| error.error.http_status())
        .map_or(0, i32::from)
}

/// Returns 1 if the failure is transient, so that the same call may succeed later, else 0; 0 if
/// error is NULL. The client has already retried as often as max_retries and the deadline allow.
///
/// error is borrowed for the duration of the call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_error_is_retryable(error: *const diyalog_error) -> returns_int32 {
    // SAFETY: by the header's rules it is NULL or an error.
    unsafe { error.as_ref() }.map_or(0, |error| error.error.is_retryable().into())
}

/// Returns the name of the argument or setting that is invalid, such as "customer_id", for
/// DIYALOG_ERROR_INVALID_ARGUMENT and DIYALOG_ERROR_INVALID_CONFIG; NULL for every other code, and
/// if error is NULL.
///
/// The text lives as long as the error, do not free. error is borrowed for the duration of the call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_error_argument(error: *const diyalog_error) -> returns_text {
    // SAFETY: by the header's rules it is NULL or an error.
    unsafe { error.as_ref() }
        .and_then(|error| error.argument.as_ref())
        .map_or(null(), |argument| argument.as_ptr())
}

/// Returns how long the server asked to wait before the next call, in milliseconds, from the
/// Retry-After header; 0 if it did not, or error is NULL.
///
/// error is borrowed for the duration of the call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_error_retry_after_ms(
    error: *const diyalog_error,
) -> returns_uint32 {
    // SAFETY: by the header's rules it is NULL or an error.
    unsafe { error.as_ref() }
        .and_then(|error| error.error.retry_after())
        .map_or(0, |wait| wait.as_millis().try_into().unwrap_or(u32::MAX))
}

/// Returns the name of a code without its prefix, such as "TIMEOUT" for DIYALOG_ERROR_TIMEOUT and
/// "OK" for DIYALOG_OK; "" for an unknown code.
///
/// Static, do not free. Thread-safe.
#[unsafe(no_mangle)]
pub extern "C" fn diyalog_error_code_name(code: i32) -> returns_text {
    let name = match code {
        DIYALOG_OK => c"OK",
        DIYALOG_ERROR_INVALID_ARGUMENT => c"INVALID_ARGUMENT",
        DIYALOG_ERROR_INVALID_CONFIG => c"INVALID_CONFIG",
        DIYALOG_ERROR_CANCELLED => c"CANCELLED",
        DIYALOG_ERROR_TIMEOUT => c"TIMEOUT",
        DIYALOG_ERROR_RESOLVE => c"RESOLVE",
        DIYALOG_ERROR_CONNECT => c"CONNECT",
        DIYALOG_ERROR_TLS => c"TLS",
        DIYALOG_ERROR_PROXY => c"PROXY",
        DIYALOG_ERROR_CONNECTION_LOST => c"CONNECTION_LOST",
        DIYALOG_ERROR_HEADERS_MISSING => c"HEADERS_MISSING",
        DIYALOG_ERROR_AUTHORIZATION_FORMAT => c"AUTHORIZATION_FORMAT",
        DIYALOG_ERROR_DATE_FORMAT => c"DATE_FORMAT",
        DIYALOG_ERROR_UNAUTHORIZED => c"UNAUTHORIZED",
        DIYALOG_ERROR_CLOCK_SKEW => c"CLOCK_SKEW",
        DIYALOG_ERROR_SERVER => c"SERVER",
        DIYALOG_ERROR_HTTP_STATUS => c"HTTP_STATUS",
        DIYALOG_ERROR_INVALID_RESPONSE => c"INVALID_RESPONSE",
        DIYALOG_ERROR_INTERNAL => c"INTERNAL",
        _ => c"",
    };
    name.as_ptr()
}

/// Frees an error and its texts. Does nothing if error is NULL.
///
/// Call exactly once for each error received.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_error_free(error: *mut diyalog_error) -> returns_nothing {
    // SAFETY: by the header's rules it is NULL or an error, and not used again.
    unsafe { diyalog_error::free_raw(error) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CStr;

    use crate::error::ErrorCode;

    #[test]
    fn constants_and_names_are_those_of_the_codes() {
        let rows = [
            (ErrorCode::InvalidArgument, DIYALOG_ERROR_INVALID_ARGUMENT),
            (ErrorCode::InvalidConfig, DIYALOG_ERROR_INVALID_CONFIG),
            (ErrorCode::Cancelled, DIYALOG_ERROR_CANCELLED),
            (ErrorCode::Timeout, DIYALOG_ERROR_TIMEOUT),
            (ErrorCode::Resolve, DIYALOG_ERROR_RESOLVE),
            (ErrorCode::Connect, DIYALOG_ERROR_CONNECT),
            (ErrorCode::Tls, DIYALOG_ERROR_TLS),
            (ErrorCode::Proxy, DIYALOG_ERROR_PROXY),
            (ErrorCode::ConnectionLost, DIYALOG_ERROR_CONNECTION_LOST),
            (ErrorCode::HeadersMissing, DIYALOG_ERROR_HEADERS_MISSING),
            (
                ErrorCode::AuthorizationFormat,
                DIYALOG_ERROR_AUTHORIZATION_FORMAT,
            ),
            (ErrorCode::DateFormat, DIYALOG_ERROR_DATE_FORMAT),
            (ErrorCode::Unauthorized, DIYALOG_ERROR_UNAUTHORIZED),
            (ErrorCode::ClockSkew, DIYALOG_ERROR_CLOCK_SKEW),
            (ErrorCode::Server, DIYALOG_ERROR_SERVER),
            (ErrorCode::HttpStatus, DIYALOG_ERROR_HTTP_STATUS),
            (ErrorCode::InvalidResponse, DIYALOG_ERROR_INVALID_RESPONSE),
            (ErrorCode::Internal, DIYALOG_ERROR_INTERNAL),
        ];
        for (code, constant) in rows {
            assert_eq!(code as i32, constant, "{code:?}");
            assert_eq!(name(constant), constant_case(code), "{code:?}");
        }
        let named = (-100..1000).filter(|code| !name(*code).is_empty()).count();
        assert_eq!(named, rows.len() + 1);
    }

    fn name(code: i32) -> &'static str {
        // SAFETY: the name is static text that ends with a NUL.
        unsafe { CStr::from_ptr(diyalog_error_code_name(code)) }
            .to_str()
            .unwrap()
    }

    /// `ConnectionLost` as `CONNECTION_LOST`.
    fn constant_case(code: ErrorCode) -> String {
        let mut name = String::new();
        for letter in format!("{code:?}").chars() {
            if letter.is_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.push(letter.to_ascii_uppercase());
        }
        name
    }

    #[test]
    fn a_wait_too_long_for_the_type_is_its_longest() {
        for (wait, milliseconds) in [(7, 7000), (u64::MAX, u32::MAX)] {
            let error = Error::from_response(503, b"", "h")
                .with_retry_after(std::time::Duration::from_secs(wait));
            let error = diyalog_error::into_raw(error);
            // SAFETY: an error of our own, freed once.
            unsafe {
                assert_eq!(diyalog_error_retry_after_ms(error), milliseconds);
                diyalog_error_free(error);
            }
        }
    }
}
