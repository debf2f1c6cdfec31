//! The FFI boundary: catches panics and turns errors into codes.

use super::error::{DIYALOG_OK, diyalog_error};
use crate::error::Error;
use crate::panic_guard::catch;

/// Runs the body of a function that can fail. Returns its code, and its error through `error`.
///
/// # Safety
///
/// `error` is NULL or points to where a pointer can be written.
pub(super) unsafe fn fallible(
    error: *mut *mut diyalog_error,
    body: impl FnOnce() -> Result<(), Error>,
) -> i32 {
    let outcome = catch(body).and_then(|result| result);
    let (code, owned) = match outcome {
        Ok(()) => (DIYALOG_OK, std::ptr::null_mut()),
        Err(failure) => (failure.code() as i32, diyalog_error::into_raw(failure)),
    };
    if error.is_null() {
        // SAFETY: NULL or just created by into_raw, and not shared.
        unsafe { diyalog_error::free_raw(owned) };
    } else {
        // SAFETY: not NULL, so the caller promised that it can be written to.
        unsafe { error.write(owned) };
    }
    code
}

/// Runs the body of a function that cannot fail. Returns `fallback` if it panics.
pub(super) fn infallible<T>(fallback: T, body: impl FnOnce() -> T) -> T {
    catch(body).unwrap_or(fallback)
}

#[cfg(test)]
mod tests {
    use super::super::error::{diyalog_error_code, diyalog_error_free};
    use super::*;
    use crate::error::ErrorCode;

    #[test]
    fn a_panic_becomes_an_error() {
        let mut error = std::ptr::null_mut();
        // SAFETY: `error` is a local that can be written to, and freed once.
        let code = unsafe { fallible(&mut error, || panic!("on purpose")) };
        assert_eq!(code, ErrorCode::Internal as i32);
        // SAFETY: as above.
        unsafe {
            assert_eq!(diyalog_error_code(error), code);
            diyalog_error_free(error);
        }
        assert_eq!(infallible(7, || panic!("again")), 7);
        assert_eq!(infallible(7, || 8), 8);
    }
}
