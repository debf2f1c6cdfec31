//! Section "Cancelling calls" of the header.

use super::boundary::infallible;
use super::{returns_cancellation, returns_nothing};
use crate::cancellation::Cancellation;

/// Ends calls from another thread. Create with diyalog_cancellation_new, free with
/// diyalog_cancellation_free, and set it in the diyalog_call_options of the calls.
///
/// Thread-safe. In a forked child an inherited cancellation acts on the child's calls only.
pub struct diyalog_cancellation {
    pub(super) cancellation: Cancellation,
}

/// Creates a cancellation that is not cancelled. It is owned by the caller.
///
/// Returns NULL only after a bug of this library.
#[unsafe(no_mangle)]
pub extern "C" fn diyalog_cancellation_new() -> returns_cancellation {
    infallible(std::ptr::null_mut(), || {
        Box::into_raw(Box::new(diyalog_cancellation {
            cancellation: Cancellation::new(),
        }))
    })
}

/// Ends every call that uses this cancellation with DIYALOG_ERROR_CANCELLED, in any phase, within
/// 100 ms. Calls that start later fail immediately and send nothing: it stays cancelled. Does
/// nothing if cancellation is NULL.
///
/// Never blocks. Call it from any thread, but not from a signal handler: let the handler set a flag
/// that the interrupt callback of diyalog_call_options reads. cancellation is borrowed for the
/// duration of the call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_cancellation_cancel(
    cancellation: *mut diyalog_cancellation,
) -> returns_nothing {
    infallible((), || {
        // SAFETY: by the header's rules it is NULL or a cancellation.
        if let Some(handle) = unsafe { cancellation.as_ref() } {
            handle.cancellation.cancel();
        }
    })
}

/// Frees a cancellation. Does nothing if cancellation is NULL.
///
/// Call exactly once, after every call that uses it has returned. Calls that were submitted to a
/// queue keep a reference of their own: free it right after diyalog_queue_submit if it is no longer
/// needed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_cancellation_free(
    cancellation: *mut diyalog_cancellation,
) -> returns_nothing {
    infallible((), || {
        if !cancellation.is_null() {
            // SAFETY: came from diyalog_cancellation_new, and is not used again.
            drop(unsafe { Box::from_raw(cancellation) });
        }
    })
}
