//! Section "Errors" of the header.

use std::ffi::{CString, c_char};

use super::boundary::infallible;
use super::{returns_int32, returns_nothing, returns_text};
use crate::error::Error;

/// The call succeeded.
pub const DIYALOG_OK: i32 = 0;
/// An argument cannot be used; the message names it.
pub const DIYALOG_ERROR_INVALID_ARGUMENT: i32 = 1;
/// A setting is missing or makes no sense; said by diyalog_client_new and diyalog_config_load_env.
pub const DIYALOG_ERROR_INVALID_CONFIG: i32 = 2;
/// The program cancelled the call.
pub const DIYALOG_ERROR_CANCELLED: i32 = 3;
/// The deadline passed, in whichever phase. Retryable.
pub const DIYALOG_ERROR_TIMEOUT: i32 = 10;
/// The host name has no address. Retryable.
pub const DIYALOG_ERROR_RESOLVE: i32 = 11;
/// Connecting was refused, or the host cannot be reached. Retryable.
pub const DIYALOG_ERROR_CONNECT: i32 = 12;
/// The certificate or the TLS handshake; the message says which check failed and names the fix.
pub const DIYALOG_ERROR_TLS: i32 = 13;
/// The proxy refused, cannot be reached, or wants credentials.
pub const DIYALOG_ERROR_PROXY: i32 = 14;
/// The connection broke before the answer was complete. Retryable.
pub const DIYALOG_ERROR_CONNECTION_LOST: i32 = 15;
/// 400: the server did not find the three authentication headers.
pub const DIYALOG_ERROR_HEADERS_MISSING: i32 = 20;
/// 400: the server could not read the authorization header.
pub const DIYALOG_ERROR_AUTHORIZATION_FORMAT: i32 = 21;
/// 400: the server could not read the date header.
pub const DIYALOG_ERROR_DATE_FORMAT: i32 = 22;
/// 401: the signature or the access key id is wrong.
pub const DIYALOG_ERROR_UNAUTHORIZED: i32 = 23;
/// 403: the clocks differ too much and correcting did not help; the message gives the difference.
pub const DIYALOG_ERROR_CLOCK_SKEW: i32 = 24;
/// 500: the server failed; the message carries its text. Retryable.
pub const DIYALOG_ERROR_SERVER: i32 = 25;
/// Any other status, redirects included. Retryable: 408, 429, 502, 503, 504.
pub const DIYALOG_ERROR_HTTP_STATUS: i32 = 26;
/// The answer is not the documented JSON, too large, or not HTTP.
pub const DIYALOG_ERROR_INVALID_RESPONSE: i32 = 30;
/// A bug of this library; the client stays usable.
pub const DIYALOG_ERROR_INTERNAL: i32 = 90;

/// Why a call failed. Made by the functions that fail, freed with diyalog_error_free.
///
/// Immutable: any number of threads may read one at the same time.
pub struct diyalog_error {
    error: Error,
    message: CString,
}

impl diyalog_error {
    pub(super) fn into_raw(error: Error) -> *mut Self {
        Box::into_raw(Box::new(diyalog_error::new(error)))
    }

    pub(super) fn new(error: Error) -> Self {
        diyalog_error {
            message: to_c(error.message()),
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

/// A text for C. What would end it early is left out.
pub(super) fn to_c(text: &str) -> CString {
    CString::new(text.replace('\0', "")).unwrap_or_default()
}

/// The code of the error, a DIYALOG_ERROR_ constant; DIYALOG_OK for NULL.
///
/// The error stays the caller's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_error_code(error: *const diyalog_error) -> returns_int32 {
    infallible(DIYALOG_OK, || {
        // SAFETY: by the header's rules it is NULL or an error.
        unsafe { error.as_ref() }.map_or(DIYALOG_OK, |error| error.error.code() as i32)
    })
}

/// What happened, to which host, and what to do about it, in English; "" for NULL. Never holds
/// the secret, a signature or an authorization header.
///
/// The text belongs to the error and lives as long as it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_error_message(error: *const diyalog_error) -> returns_text {
    infallible(c"".as_ptr(), || -> *const c_char {
        // SAFETY: by the header's rules it is NULL or an error.
        unsafe { error.as_ref() }.map_or(c"".as_ptr(), |error| error.message.as_ptr())
    })
}

/// The HTTP status of the answer; 0 where no answer was received, and for NULL.
///
/// The error stays the caller's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_error_http_status(error: *const diyalog_error) -> returns_int32 {
    infallible(0, || {
        // SAFETY: by the header's rules it is NULL or an error.
        unsafe { error.as_ref() }
            .and_then(|error| error.error.http_status())
            .map_or(0, i32::from)
    })
}

/// 1 where the same call may succeed later, else 0; 0 for NULL. The client has then already tried
/// again as often as its settings and the deadline allow.
///
/// The error stays the caller's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_error_is_retryable(error: *const diyalog_error) -> returns_int32 {
    infallible(0, || {
        // SAFETY: by the header's rules it is NULL or an error.
        unsafe { error.as_ref() }.map_or(0, |error| error.error.is_retryable().into())
    })
}

/// Frees an error and its message. NULL is taken and does nothing.
///
/// To be called once for each error that was received.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_error_free(error: *mut diyalog_error) -> returns_nothing {
    infallible((), || {
        // SAFETY: by the header's rules it is NULL or an error, and not used again.
        unsafe { diyalog_error::free_raw(error) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;

    #[test]
    fn the_constants_are_the_codes() {
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
        }
    }
}
