//! Section "Client" of the header.

use std::cell::Cell;
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
use super::log::{DIYALOG_LOG_DEBUG, DIYALOG_LOG_ERROR, DIYALOG_LOG_INFO, DIYALOG_LOG_WARN};
use super::{returns_int32, returns_nothing};
use crate::call_options::{CallOptions, Interrupt};
use crate::client::Client;
use crate::error::Error;

/// Asks one server, on connections that it keeps. Made by diyalog_client_new, freed with
/// diyalog_client_free.
///
/// Safe to use from any number of threads at the same time: share one per process. A child that
/// inherits one through fork() may go on using it; it gets connections of its own.
pub struct diyalog_client {
    /// Shared with its queues.
    pub(super) client: Arc<Client>,
}

/// Asked while a call waits; nonzero cancels the call.
pub type diyalog_interrupt_callback = Option<unsafe extern "C" fn(user_data: *mut c_void) -> i32>;

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
    /// Lets other threads cancel this call; NULL: nobody. Borrowed for the duration of the call.
    pub cancellation: *const diyalog_cancellation,
    /// Called with interrupt_data on the calling thread, every 100 ms while the call waits and when
    /// a signal interrupts a wait; nonzero cancels the call, and it is not called again. It may call
    /// this library, except to free what the call uses. NULL: none.
    pub interrupt: diyalog_interrupt_callback,
    /// Passed on to interrupt.
    pub interrupt_data: *mut c_void,
    /// For a post: 1 if repeating the request does no harm, else 0. A lookup ignores it.
    pub repeatable: i32,
    /// The most detailed log lines of this call: a DIYALOG_LOG_ constant; 0 uses the client's level,
    /// -1 writes none.
    pub log_level: i32,
}

/// The size in version 0.1, which ended at requester_user_id.
const SIZE_0_1: usize =
    offset_of!(diyalog_call_options, requester_user_id) + size_of::<*const c_char>();

/// The size in version 0.2, which ended at log_level.
const SIZE_0_2: usize = offset_of!(diyalog_call_options, log_level) + size_of::<i32>();

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
            let made = Arc::new(Client::new(&config.config)?);
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
            help_status::check(status)?;
            let answer = with_options(options, |options| {
                client.is_customer_in_online_help_with(customer_id, options)
            })?;
            help_status::write(status, answer);
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
    struct_size(given, SIZE_0_1, "call_options")?;
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
    flag(options.repeatable, "repeatable")?;
    read.log_level = log_level(options.log_level)?;
    let ask;
    if let Some(callback) = options.interrupt {
        let data = options.interrupt_data;
        let was_interrupted = Cell::new(false);
        ask = move || {
            // SAFETY: the caller's own function and pointer, on the caller's thread.
            let is_over = was_interrupted.get() || unsafe { callback(data) } != 0;
            was_interrupted.set(is_over);
            is_over
        };
        read.interrupt = Some(Interrupt(&ask));
    }
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
            return Err(Error::invalid_argument(format!(
                "log_level is {constant}; use a DIYALOG_LOG_ constant, 0 for the client's level or -1 for no lines"
            )));
        }
    }))
}
