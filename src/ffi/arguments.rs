//! Validation of arguments from C, before they are used.

use std::ffi::{CStr, c_char};

use crate::error::Error;
use crate::header_text::HeaderText;

/// # Safety
///
/// `pointer` is NULL or valid to read for as long as the result is used.
pub(super) unsafe fn reference<'a, T>(
    pointer: *const T,
    name: &'static str,
) -> Result<&'a T, Error> {
    // SAFETY: passed on from the caller.
    unsafe { pointer.as_ref() }.ok_or_else(|| is_null(name))
}

/// # Safety
///
/// `pointer` is NULL or valid to write, and nobody else uses it meanwhile.
pub(super) unsafe fn exclusive<'a, T>(
    pointer: *mut T,
    name: &'static str,
) -> Result<&'a mut T, Error> {
    // SAFETY: passed on from the caller.
    unsafe { pointer.as_mut() }.ok_or_else(|| is_null(name))
}

/// # Safety
///
/// `text` is NULL or ends with a NUL and is valid for as long as the result is used.
pub(super) unsafe fn text<'a>(text: *const c_char, name: &'static str) -> Result<&'a str, Error> {
    if text.is_null() {
        return Err(is_null(name));
    }
    // SAFETY: not NULL, so the caller promised that it ends with a NUL.
    unsafe { CStr::from_ptr(text) }
        .to_str()
        .map_err(|_| Error::invalid_argument(name, "is not valid UTF-8"))
}

/// A text that is sent as a header's value.
///
/// # Safety
///
/// As for [`text`].
pub(super) unsafe fn header_text<'a>(
    value: *const c_char,
    name: &'static str,
) -> Result<&'a str, Error> {
    // SAFETY: passed on from the caller.
    HeaderText::new(unsafe { text(value, name) }?)
        .map(HeaderText::as_str)
        .map_err(|fault| Error::invalid_argument(name, fault))
}

pub(super) fn flag(value: i32, name: &'static str) -> Result<bool, Error> {
    match value {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(Error::invalid_argument(name, "must be 0 or 1")),
    }
}

/// Rejects a struct that is smaller than in the version which introduced it.
pub(super) fn struct_size(
    given: u32,
    least: usize,
    name: &'static str,
    initializer: &'static str,
) -> Result<(), Error> {
    if given as usize >= least {
        return Ok(());
    }
    let fault = format!(
        "has a struct_size of {given} (at least {least} is needed); set it to {initializer}"
    );
    Err(Error::invalid_argument(name, fault))
}

pub(super) fn is_null(name: &'static str) -> Error {
    Error::invalid_argument(name, "is NULL")
}
