//! Section "Settings" of the header: the log callback.

use std::ffi::{CString, c_char, c_void};
use std::sync::Arc;

use log::Level;

use super::config::{diyalog_config, set};
use super::error::{diyalog_error, to_c};
use super::returns_int32;
use crate::error::Error;
use crate::log_sink::LogSink;

/// A call failed; its error was returned to the caller.
pub const DIYALOG_LOG_ERROR: i32 = 1;
/// An attempt failed and is retried.
pub const DIYALOG_LOG_WARN: i32 = 2;
/// Not used at present.
pub const DIYALOG_LOG_INFO: i32 = 3;
/// An attempt succeeded: its status and duration.
pub const DIYALOG_LOG_DEBUG: i32 = 4;

/// Receives log lines. The message is valid during the call only.
pub type diyalog_log_callback =
    Option<unsafe extern "C" fn(level: i32, message: *const c_char, user_data: *mut c_void)>;

/// Sets the callback that receives log lines up to max_level, a DIYALOG_LOG_ constant. Default none;
/// a NULL callback removes it. No line contains the secret, a signature or a body.
///
/// The callback runs on the thread that makes the call, so possibly on several threads at once. It
/// must not call this library and must not throw: a C++ exception that leaves it aborts the process.
///
/// user_data is passed to the callback unchanged and must outlive every client created from these
/// settings.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_config_set_log_callback(
    config: *mut diyalog_config,
    callback: diyalog_log_callback,
    user_data: *mut c_void,
    max_level: i32,
    error: *mut *mut diyalog_error,
) -> returns_int32 {
    let user_data = UserData(user_data);
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        set(config, error, |config| {
            let max_level = level(max_level)?;
            config.log_sink = callback.map(|callback| LogSink {
                max_level,
                write: Arc::new(move |level, line| {
                    let line: CString = to_c(line);
                    callback(level as i32, line.as_ptr(), user_data.get());
                }),
            });
            Ok(())
        })
    }
}

/// The caller's pointer for its callback.
pub(super) struct UserData(pub(super) *mut c_void);

impl UserData {
    pub(super) fn get(&self) -> *mut c_void {
        self.0
    }
}

// SAFETY: the library only passes the pointer on; the caller promised that its callback may run on
// any thread.
unsafe impl Send for UserData {}
// SAFETY: as above, on several threads at once.
unsafe impl Sync for UserData {}

fn level(constant: i32) -> Result<Level, Error> {
    match constant {
        DIYALOG_LOG_ERROR => Ok(Level::Error),
        DIYALOG_LOG_WARN => Ok(Level::Warn),
        DIYALOG_LOG_INFO => Ok(Level::Info),
        DIYALOG_LOG_DEBUG => Ok(Level::Debug),
        _ => Err(Error::invalid_argument(
            "max_level",
            "must be a DIYALOG_LOG_ constant, 1 to 4",
        )),
    }
}
