//! Arguments from C, checked before anything is done with them.

use std::ffi::{CStr, c_char};

use crate::config::header_value_fault;
use crate::error::Error;

/// What a pointer points to.
///
/// # Safety
///
/// `pointer` is NULL or valid to read for as long as the result is used.
pub(super) unsafe fn reference<'a, T>(pointer: *const T, name: &str) -> Result<&'a T, Error> {
    // SAFETY: passed on from the caller.
    unsafe { pointer.as_ref() }.ok_or_else(|| is_null(name))
}

/// What a pointer points to, to be changed.
///
/// # Safety
///
/// `pointer` is NULL or valid to write, and nobody else uses it meanwhile.
pub(super) unsafe fn exclusive<'a, T>(pointer: *mut T, name: &str) -> Result<&'a mut T, Error> {
    // SAFETY: passed on from the caller.
    unsafe { pointer.as_mut() }.ok_or_else(|| is_null(name))
}

/// A text.
///
/// # Safety
///
/// `text` is NULL or ends with a NUL and is valid for as long as the result is used.
pub(super) unsafe fn text<'a>(text: *const c_char, name: &str) -> Result<&'a str, Error> {
    if text.is_null() {
        return Err(is_null(name));
    }
    // SAFETY: not NULL, so the caller promised that it ends with a NUL.
    unsafe { CStr::from_ptr(text) }
        .to_str()
        .map_err(|_| Error::invalid_argument(format!("{name} is not valid UTF-8")))
}

/// A text that is sent as a header's value.
///
/// # Safety
///
/// As for [`text`].
pub(super) unsafe fn header_text<'a>(value: *const c_char, name: &str) -> Result<&'a str, Error> {
    // SAFETY: passed on from the caller.
    let value = unsafe { text(value, name) }?;
    match header_value_fault(value) {
        None => Ok(value),
        Some(fault) => Err(Error::invalid_argument(format!("{name} {fault}"))),
    }
}

/// 0 or 1 as a truth value.
pub(super) fn flag(value: i32, name: &str) -> Result<bool, Error> {
    match value {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(Error::invalid_argument(format!("{name} must be 0 or 1"))),
    }
}

/// Checks the size that the caller's header gave a struct.
pub(super) fn struct_size(given: u32, least: usize, name: &str) -> Result<(), Error> {
    if given as usize >= least {
        return Ok(());
    }
    Err(Error::invalid_argument(format!(
        "struct_size of {name} is {given}, but at least {least} is needed; begin with DIYALOG_{}_INIT",
        name.to_ascii_uppercase()
    )))
}

pub(super) fn is_null(name: &str) -> Error {
    Error::invalid_argument(format!("{name} is NULL"))
}
