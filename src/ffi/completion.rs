//! Section "Queue" of the header: completions.

use std::ffi::c_void;
use std::ptr::{null, null_mut, with_exposed_provenance_mut};

use super::boundary::infallible;
use super::error::{DIYALOG_OK, diyalog_error};
use super::help_status::{self, diyalog_help_status};
use super::response::{self, diyalog_response};
use super::{
    returns_const_error, returns_const_response, returns_const_status, returns_int32,
    returns_nothing, returns_pointer,
};
use crate::queue::{Completion, Outcome};

/// The end of one submitted call. Returned by diyalog_queue_next, free with
/// diyalog_completion_free. It may outlive its queue.
///
/// Immutable, so thread-safe.
pub struct diyalog_completion {
    tag: usize,
    result: Result<Value, diyalog_error>,
}

/// What a call that succeeded returned.
enum Value {
    Status(diyalog_help_status),
    Response(diyalog_response),
}

impl diyalog_completion {
    pub(super) fn into_raw(completion: Completion) -> *mut Self {
        let result = match completion.result {
            Ok(Outcome::HelpStatus(status)) => Ok(Value::Status(help_status::new(status))),
            Ok(Outcome::Response(response)) => Ok(Value::Response(response::new(response))),
            Err(error) => Err(diyalog_error::new(error)),
        };
        Box::into_raw(Box::new(diyalog_completion {
            tag: completion.tag,
            result,
        }))
    }
}

impl Drop for diyalog_completion {
    fn drop(&mut self) {
        // SAFETY: the structs are whole and own their strings.
        unsafe {
            match &mut self.result {
                Ok(Value::Status(status)) => help_status::diyalog_help_status_clear(status),
                Ok(Value::Response(response)) => response::diyalog_response_clear(response),
                Err(_) => {}
            }
        }
    }
}

/// Returns the tag that the call was submitted with; NULL if completion is NULL.
///
/// completion is borrowed for the duration of the call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_completion_tag(
    completion: *const diyalog_completion,
) -> returns_pointer {
    infallible(null_mut(), || -> *mut c_void {
        // SAFETY: by the header's rules it is NULL or a completion.
        unsafe { completion.as_ref() }.map_or(null_mut(), |completion| {
            with_exposed_provenance_mut(completion.tag)
        })
    })
}

/// Returns what the call returned: DIYALOG_OK or a DIYALOG_ERROR_ constant; 0 if completion is NULL.
///
/// completion is borrowed for the duration of the call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_completion_code(
    completion: *const diyalog_completion,
) -> returns_int32 {
    infallible(DIYALOG_OK, || {
        // SAFETY: by the header's rules it is NULL or a completion.
        match unsafe { completion.as_ref() }.map(|completion| &completion.result) {
            Some(Err(error)) => error.code(),
            _ => DIYALOG_OK,
        }
    })
}

/// Returns the status of a lookup that succeeded; NULL if it failed, for a post, and if completion
/// is NULL.
///
/// It is owned by the completion and lives as long: do not clear it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_completion_status(
    completion: *const diyalog_completion,
) -> returns_const_status {
    infallible(null(), || -> *const diyalog_help_status {
        // SAFETY: by the header's rules it is NULL or a completion.
        match unsafe { completion.as_ref() }.map(|completion| &completion.result) {
            Some(Ok(Value::Status(status))) => status,
            _ => null(),
        }
    })
}

/// Returns the response of a post that succeeded; NULL if it failed, for a lookup, and if completion
/// is NULL.
///
/// It is owned by the completion and lives as long: do not clear it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_completion_response(
    completion: *const diyalog_completion,
) -> returns_const_response {
    infallible(null(), || -> *const diyalog_response {
        // SAFETY: by the header's rules it is NULL or a completion.
        match unsafe { completion.as_ref() }.map(|completion| &completion.result) {
            Some(Ok(Value::Response(response))) => response,
            _ => null(),
        }
    })
}

/// Returns why the call failed; NULL if it succeeded or completion is NULL.
///
/// It is owned by the completion and lives as long: do not free it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_completion_error(
    completion: *const diyalog_completion,
) -> returns_const_error {
    infallible(null(), || -> *const diyalog_error {
        // SAFETY: by the header's rules it is NULL or a completion.
        match unsafe { completion.as_ref() }.map(|completion| &completion.result) {
            Some(Err(error)) => error,
            _ => null(),
        }
    })
}

/// Frees a completion with its status, response or error. Does nothing if completion is NULL.
///
/// Call exactly once for each completion.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_completion_free(
    completion: *mut diyalog_completion,
) -> returns_nothing {
    infallible((), || {
        if !completion.is_null() {
            // SAFETY: came from diyalog_queue_next, and is not used again.
            drop(unsafe { Box::from_raw(completion) });
        }
    })
}
