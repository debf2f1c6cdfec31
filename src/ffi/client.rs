//! Section "Client" of the header.

use std::ffi::{c_char, c_void};
use std::mem::offset_of;
use std::ptr::addr_of;
use std::sync::Arc;
use std::time::Duration;

use log::LevelFilter;

use super::arguments::{flag, header_text, is_null, reference, struct_size, text};
use super::boundary::{fallible, infallible};
use super::cancellation::diyalog_cancellation;
use super::config::diyalog_config;
use super::error::diyalog_error;
use super::help_status::{self, diyalog_help_status};
use super::log::{
    DIYALOG_LOG_DEBUG, DIYALOG_LOG_ERROR, DIYALOG_LOG_INFO, DIYALOG_LOG_WARN, UserData,
};
use super::{returns_int32, returns_nothing};
use crate::call_options::CallOptions;
use crate::client::Client;
use crate::error::Error;
use crate::interruption::Interrupt;

/// A client for one server, with a pool of persistent connections. Create with diyalog_client_new,
/// free with diyalog_client_free. A child that inherits a client through fork() may use it: it opens
/// connections of its own.
///
/// Thread-safe. Share one per process.
pub struct diyalog_client {
    /// Shared with its queues.
    pub(super) client: Arc<Client>,
}

/// Called while a call waits. Nonzero cancels the call.
pub type diyalog_interrupt_callback = Option<unsafe extern "C" fn(user_data: *mut c_void) -> i32>;

/// Per-call overrides of the client's settings. Initialize with DIYALOG_CALL_OPTIONS_INIT.
///
/// Not thread-safe; use from one thread at a time.
#[repr(C)]
pub struct diyalog_call_options {
    /// The size of this struct; DIYALOG_CALL_OPTIONS_INIT sets it.
    pub struct_size: u32,
    /// Time budget for the whole call in milliseconds, retries included. 0 uses the client's timeout.
    pub timeout_ms: u32,
    /// Staff number sent as the requester. NULL uses the client's; "" is an invalid argument. Borrowed
    /// for the duration of the call.
    pub requester_user_id: *const c_char,
    /// Lets other threads cancel this call. NULL: none. Borrowed for the duration of the call.
    pub cancellation: *const diyalog_cancellation,
    /// Called with interrupt_data on the calling thread, every 100 ms while the call waits and when
    /// a signal interrupts a wait. Nonzero cancels the call, and the callback is not called again. It
    /// may call this library, except to free what the call uses. NULL: none.
    pub interrupt: diyalog_interrupt_callback,
    /// Passed to interrupt unchanged.
    pub interrupt_data: *mut c_void,
    /// For a post: 1 if the server may receive the request twice without harm, else 0. Ignored by a
    /// lookup.
    pub repeatable: i32,
    /// The most detailed log lines of this call: a DIYALOG_LOG_ constant; 0 uses the client's level,
    /// -1 writes none.
    pub log_level: i32,
}

/// The size in 0.1, which introduced the struct and ended at requester_user_id. Frozen, so that
/// programs compiled with that header keep working.
const SIZE_0_1: usize =
    offset_of!(diyalog_call_options, requester_user_id) + size_of::<*const c_char>();

/// The size in 0.2, which ended at log_level.
const SIZE_0_2: usize = offset_of!(diyalog_call_options, log_level) + size_of::<i32>();

/// Creates a client: validates the settings and reads the files that they name. Opens no connection.
///
/// Fails with DIYALOG_ERROR_INVALID_CONFIG if a setting is missing or invalid.
///
/// On success *client is owned by the caller; on failure it is unchanged. The settings are copied.
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
            let created = Arc::new(Client::new(&config.config)?);
            client.write(Box::into_raw(Box::new(diyalog_client { client: created })));
            Ok(())
        })
    }
}

/// Frees the client and closes its connections. Does nothing if client is NULL.
///
/// Call exactly once, after every call on this client has returned.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_client_free(client: *mut diyalog_client) -> returns_nothing {
    infallible((), || {
        if !client.is_null() {
            // SAFETY: came from diyalog_client_new, and is not used again.
            drop(unsafe { Box::from_raw(client) });
        }
    })
}

/// Looks up whether a customer is in an active online help session right now, and with whom
/// (POST /v1/application/iscustomerinonlinehelp). Blocks until the response is complete or the
/// deadline has passed.
///
/// "No such customer" is a result, not an error: is_in_help is 0 and error_code 400. A customer_id
/// with control characters, or with white space at its beginning or end, is an invalid argument.
/// Fails with any DIYALOG_ERROR_ code.
///
/// customer_id and options are borrowed for the duration of the call; options may be NULL. On success
/// *status is overwritten and its strings are owned by the caller; on failure it is unchanged.
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
            help_status::check(status)?;
            let result = with_options(options, |options| {
                client.is_customer_in_online_help_with(customer_id, options)
            })?;
            help_status::write(status, result);
            Ok(())
        })
    }
}

/// Runs a call with the caller's options.
///
/// # Safety
///
/// `options` is NULL or begins with a size up to which it can be read, and its pointers are NULL or
/// valid until this returns.
pub(super) unsafe fn with_options<T>(
    options: *const diyalog_call_options,
    call: impl FnOnce(CallOptions) -> Result<T, Error>,
) -> Result<T, Error> {
    let mut read = CallOptions::new();
    if options.is_null() {
        return call(read);
    }
    // SAFETY: not NULL, so the caller promised that the size is there to read.
    let given = unsafe { addr_of!((*options).struct_size).read() };
    struct_size(given, SIZE_0_1, "options", "DIYALOG_CALL_OPTIONS_INIT")?;
    // SAFETY: the struct is large enough for these fields.
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
    if (given as usize) < SIZE_0_2 {
        return call(read);
    }
    // SAFETY: the struct is large enough for the fields of 0.2, and aligned as C aligned it.
    let options = unsafe { &*options };
    // SAFETY: NULL, or the caller promised that it is valid until the call has returned.
    if let Some(handle) = unsafe { options.cancellation.as_ref() } {
        read = read.cancellation(&handle.cancellation);
    }
    read = read.repeatable(flag(options.repeatable, "repeatable")?);
    read.log_level = log_level(options.log_level)?;
    let interrupt = options.interrupt.map(|callback| {
        let data = UserData(options.interrupt_data);
        // SAFETY: the caller's own function and pointer, on the caller's thread.
        Interrupt(Arc::new(move || unsafe { callback(data.get()) } != 0))
    });
    read.interrupt = interrupt.as_ref();
    call(read)
}

fn log_level(constant: i32) -> Result<Option<LevelFilter>, Error> {
    Ok(Some(match constant {
        0 => return Ok(None),
        -1 => LevelFilter::Off,
        DIYALOG_LOG_ERROR => LevelFilter::Error,
        DIYALOG_LOG_WARN => LevelFilter::Warn,
        DIYALOG_LOG_INFO => LevelFilter::Info,
        DIYALOG_LOG_DEBUG => LevelFilter::Debug,
        _ => {
            let fault = format!(
                "is {constant}; use a DIYALOG_LOG_ constant, 0 for the client's level or -1 for no lines"
            );
            return Err(Error::invalid_argument("log_level", fault));
        }
    }))
}
