//! Section "Client" of the header.

use std::ffi::c_char;
use std::ptr::addr_of;
use std::time::Duration;

use super::arguments::{header_text, is_null, reference, struct_size, text};
use super::boundary::{fallible, infallible};
use super::config::diyalog_config;
use super::error::diyalog_error;
use super::help_status::{self, diyalog_help_status};
use super::{returns_int32, returns_nothing};
use crate::call_options::CallOptions;
use crate::client::Client;
use crate::error::Error;

/// Asks one server, on connections that it keeps. Made by diyalog_client_new, freed with
/// diyalog_client_free.
///
/// Safe to use from any number of threads at the same time: share one per process. A child that
/// inherits one through fork() may go on using it; it gets connections of its own.
pub struct diyalog_client {
    client: Client,
}

/// What one call does differently from the client's settings. Begin with
/// DIYALOG_CALL_OPTIONS_INIT.
///
/// A plain struct that calls only read: threads may share one while nobody changes it.
#[repr(C)]
pub struct diyalog_call_options {
    /// The size of this struct as the caller knows it; DIYALOG_CALL_OPTIONS_INIT sets it.
    pub struct_size: u32,
    /// The time in milliseconds that this call may take in all; 0 for the client's.
    pub timeout_ms: u32,
    /// On whose behalf this request is made; NULL for the client's. Stays the caller's.
    pub requester_user_id: *const c_char,
}

/// Makes a client: checks the settings and reads the files that they name. Opens no connection.
///
/// On success *client receives a client that the caller owns and frees with diyalog_client_free;
/// otherwise it is left as it is. The settings are copied and stay the caller's.
///
/// Fails with DIYALOG_ERROR_INVALID_CONFIG, naming the setting that is missing or makes no sense.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_client_new(
    config: *const diyalog_config,
    client: *mut *mut diyalog_client,
    error: *mut *mut diyalog_error,
) -> returns_int32 {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        fallible(error, || {
            let config = reference(config, "config")?;
            if client.is_null() {
                return Err(is_null("client"));
            }
            let made = Client::new(&config.config)?;
            client.write(Box::into_raw(Box::new(diyalog_client { client: made })));
            Ok(())
        })
    }
}

/// Frees a client and closes its connections. NULL is taken and does nothing.
///
/// To be called once, when no call is running on it any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_client_free(client: *mut diyalog_client) -> returns_nothing {
    infallible((), || {
        if !client.is_null() {
            // SAFETY: came from diyalog_client_new, and is not used again.
            drop(unsafe { Box::from_raw(client) });
        }
    })
}

/// Asks whether a customer is in an active online help session right now, and with whom
/// (POST /v1/application/iscustomerinonlinehelp). Blocks until the answer is there or the deadline
/// has passed.
///
/// customer_id and options stay the caller's; NULL options stand for the client's settings. On
/// success *status is overwritten and owns its strings until diyalog_help_status_clear; on failure
/// it is left as it is. That the system knows no such customer is a success: is_in_help is 0 and
/// error_code 400.
///
/// Fails with any DIYALOG_ERROR_ code.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_client_is_customer_in_online_help(
    client: *const diyalog_client,
    customer_id: *const c_char,
    options: *const diyalog_call_options,
    status: *mut diyalog_help_status,
    error: *mut *mut diyalog_error,
) -> returns_int32 {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        fallible(error, || {
            let client = &reference(client, "client")?.client;
            let customer_id = text(customer_id, "customer_id")?;
            let options = read_options(options)?;
            help_status::check(status)?;
            let answer = client.is_customer_in_online_help_with(customer_id, options)?;
            help_status::write(status, answer)
        })
    }
}

/// # Safety
///
/// `options` is NULL or begins with a size up to which it can be read.
unsafe fn read_options<'a>(options: *const diyalog_call_options) -> Result<CallOptions<'a>, Error> {
    let mut read = CallOptions::new();
    if options.is_null() {
        return Ok(read);
    }
    // SAFETY: not NULL, so the caller promised that the size is there to read.
    let given = unsafe { addr_of!((*options).struct_size).read() };
    struct_size(given, size_of::<diyalog_call_options>(), "call_options")?;
    // SAFETY: the struct was found large enough for these fields.
    let (timeout_ms, requester) = unsafe {
        (
            addr_of!((*options).timeout_ms).read(),
            addr_of!((*options).requester_user_id).read(),
        )
    };
    if timeout_ms != 0 {
        read = read.timeout(Duration::from_millis(timeout_ms.into()));
    }
    if !requester.is_null() {
        // SAFETY: not NULL, so the caller promised that it ends with a NUL.
        read = read.requester_user_id(unsafe { header_text(requester, "requester_user_id") }?);
    }
    Ok(read)
}
