//! Section "Help status" of the header.

use std::ffi::{CString, c_char};
use std::mem::offset_of;
use std::ptr::{addr_of, addr_of_mut, null_mut};

use super::arguments::{is_null, struct_size};
use super::boundary::infallible;
use super::returns_nothing;
use crate::error::Error;
use crate::help_status::{HelpStatus, HelpType};

/// The response contains no kind of session.
pub const DIYALOG_HELP_TYPE_NONE: i32 = 0;
/// The customer called ("inbound").
pub const DIYALOG_HELP_TYPE_INBOUND: i32 = 1;
/// The staff called ("outbound").
pub const DIYALOG_HELP_TYPE_OUTBOUND: i32 = 2;
/// A kind that the API's documentation does not list; help_type_text contains it.
pub const DIYALOG_HELP_TYPE_OTHER: i32 = 3;

/// The result of a lookup: whether a customer is in online help, and with whom.
///
/// Initialize with DIYALOG_HELP_STATUS_INIT. Call diyalog_help_status_clear at the end, and before
/// the struct is passed to another call: it would overwrite the strings without freeing them.
///
/// Not thread-safe; use from one thread at a time.
#[repr(C)]
pub struct diyalog_help_status {
    /// The size of this struct; DIYALOG_HELP_STATUS_INIT sets it.
    pub struct_size: u32,
    /// 1 if the customer is in an active session right now, else 0.
    pub is_in_help: i32,
    /// The kind of session: a DIYALOG_HELP_TYPE_ constant.
    pub help_type: i32,
    /// errorCode of the response, 0 if none. 400: no such customer.
    pub error_code: i32,
    /// The kind of session as received, NULL if none. Owned by the caller, freed by
    /// diyalog_help_status_clear.
    pub help_type_text: *mut c_char,
    /// User id of the staff member in the session, NULL if none. Owned by the caller, freed by
    /// diyalog_help_status_clear.
    pub staff_id: *mut c_char,
}

/// The size in 0.1, which introduced the struct: up to its last field then. Frozen, so that
/// programs compiled with that header keep working when fields are added.
const SIZE_IN_0_1: usize = offset_of!(diyalog_help_status, staff_id) + size_of::<*mut c_char>();

/// Rejects a struct that is too small for the result.
///
/// # Safety
///
/// `status` is NULL or begins with a size up to which it can be written.
pub(super) unsafe fn check(status: *mut diyalog_help_status) -> Result<(), Error> {
    if status.is_null() {
        return Err(is_null("status"));
    }
    // SAFETY: not NULL, so the caller promised that the size is there to read.
    let given = unsafe { addr_of!((*status).struct_size).read() };
    struct_size(given, SIZE_IN_0_1, "status", "DIYALOG_HELP_STATUS_INIT")
}

/// Writes a result into the caller's struct, all fields but the size.
///
/// # Safety
///
/// `status` passed [`check`].
pub(super) unsafe fn write(status: *mut diyalog_help_status, result: HelpStatus) {
    let help_type = match &result.help_type {
        None => DIYALOG_HELP_TYPE_NONE,
        Some(HelpType::Inbound) => DIYALOG_HELP_TYPE_INBOUND,
        Some(HelpType::Outbound) => DIYALOG_HELP_TYPE_OUTBOUND,
        Some(HelpType::Other(_)) => DIYALOG_HELP_TYPE_OTHER,
    };
    let help_type_text = into_raw_text(result.help_type.as_ref().map(HelpType::as_str));
    let staff_id = into_raw_text(result.staff_id);
    // SAFETY: check() accepted its size, so the struct has these fields.
    unsafe {
        addr_of_mut!((*status).is_in_help).write(result.is_in_help.into());
        addr_of_mut!((*status).help_type).write(help_type);
        addr_of_mut!((*status).error_code).write(result.error_code.unwrap_or(0));
        addr_of_mut!((*status).help_type_text).write(help_type_text);
        addr_of_mut!((*status).staff_id).write(staff_id);
    }
}

/// A struct of the library's own with this result. The owner clears it.
pub(super) fn new(result: HelpStatus) -> diyalog_help_status {
    let mut status = diyalog_help_status {
        struct_size: size_of::<diyalog_help_status>() as u32,
        is_in_help: 0,
        help_type: DIYALOG_HELP_TYPE_NONE,
        error_code: 0,
        help_type_text: null_mut(),
        staff_id: null_mut(),
    };
    // SAFETY: the struct is whole.
    unsafe { write(&mut status, result) };
    status
}

/// A result's texts contain no NUL: parsing the response rejects it.
fn into_raw_text(text: Option<impl Into<Vec<u8>>>) -> *mut c_char {
    text.and_then(|text| CString::new(text).ok())
        .map_or(null_mut(), CString::into_raw)
}

/// Frees the strings of a result and zeroes every field but struct_size. Does nothing if status is
/// NULL, or initialized or cleared already.
///
/// The struct itself is borrowed for the duration of the call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_help_status_clear(
    status: *mut diyalog_help_status,
) -> returns_nothing {
    infallible((), || {
        // SAFETY: by the header's rules it is NULL or a struct with its size.
        if unsafe { check(status) }.is_err() {
            return;
        }
        // SAFETY: check() found the struct large enough; its strings are NULL or came from
        // CString::into_raw and are not used again.
        unsafe {
            for text in [
                addr_of_mut!((*status).help_type_text),
                addr_of_mut!((*status).staff_id),
            ] {
                let owned = text.replace(null_mut());
                if !owned.is_null() {
                    drop(CString::from_raw(owned));
                }
            }
            addr_of_mut!((*status).is_in_help).write(0);
            addr_of_mut!((*status).help_type).write(DIYALOG_HELP_TYPE_NONE);
            addr_of_mut!((*status).error_code).write(0);
        }
    })
}
