//! Where Rust ends: no panic gets past here, and errors leave as codes.

use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use super::error::{DIYALOG_OK, diyalog_error};
use crate::error::{Error, ErrorCode};

thread_local! {
    /// Whether this thread is inside a function of the library.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Runs the body of a function that can fail: gives its code, and its error to who asked for it.
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
        // SAFETY: just made by into_raw, and given to nobody else.
        unsafe { diyalog_error::free_raw(owned) };
    } else {
        // SAFETY: not NULL, so the caller promised that it can be written to.
        unsafe { error.write(owned) };
    }
    code
}

/// Runs the body of a function that cannot fail; `otherwise` is for the case that it panics.
pub(super) fn infallible<T>(otherwise: T, body: impl FnOnce() -> T) -> T {
    catch(body).unwrap_or(otherwise)
}

/// The panic boundary.
fn catch<T>(body: impl FnOnce() -> T) -> Result<T, Error> {
    keep_panics_quiet();
    let outside = INSIDE.replace(true);
    // A panic leaves nothing half-changed that is used again: a lookup changes only the pool,
    // whose locks no panicking code holds, and the settings' setters assign one field.
    let outcome = panic::catch_unwind(AssertUnwindSafe(body));
    INSIDE.set(outside);
    outcome.map_err(|panic| {
        Error::new(
            ErrorCode::Internal,
            format!(
                "a bug in diyalog {}: {}; please report it",
                env!("CARGO_PKG_VERSION"),
                words(&*panic)
            ),
        )
    })
}

fn words(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without words")
}

/// Rust's panic hook writes to stderr, which belongs to the program that called. The hook that
/// was there before still serves for panics outside of the library's functions.
fn keep_panics_quiet() {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !INSIDE.get() {
                before(info);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::super::error::{diyalog_error_code, diyalog_error_free};
    use super::*;

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
