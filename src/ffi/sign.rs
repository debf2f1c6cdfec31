//! Section "Signing only" of the header.

use std::ffi::{CString, c_char, c_void};
use std::mem::offset_of;
use std::ptr::{addr_of, addr_of_mut, null_mut};
use std::slice;

use super::arguments::{is_null, reference, struct_size, text};
use super::boundary::{fallible, infallible};
use super::client::{diyalog_call_options, diyalog_client, with_options};
use super::error::{diyalog_error, to_c};
use super::{returns_int32, returns_nothing};
use crate::error::Error;

/// The headers that sign one request.
///
/// Initialize with DIYALOG_SIGNED_HEADERS_INIT. Call diyalog_signed_headers_clear at the end, and
/// before the struct is passed to another call: it would overwrite the strings without freeing them.
///
/// Not thread-safe; use from one thread at a time.
#[repr(C)]
pub struct diyalog_signed_headers {
    /// The size of this struct; DIYALOG_SIGNED_HEADERS_INIT sets it.
    pub struct_size: u32,
    /// 0.
    pub reserved: i32,
    /// The value of x-dlg-date. Owned by the caller, freed by diyalog_signed_headers_clear.
    pub date: *mut c_char,
    /// The value of x-dlg-requester-userid. Owned by the caller, freed by
    /// diyalog_signed_headers_clear.
    pub requester_user_id: *mut c_char,
    /// The value of x-dlg-authorization. Owned by the caller, freed by diyalog_signed_headers_clear.
    pub authorization: *mut c_char,
}

/// The struct of version 0.2, which introduced it.
const SIZE_0_2: usize =
    offset_of!(diyalog_signed_headers, authorization) + size_of::<*mut c_char>();

/// # Safety
///
/// `headers` is NULL or begins with a size up to which it can be written.
unsafe fn check(headers: *mut diyalog_signed_headers) -> Result<(), Error> {
    if headers.is_null() {
        return Err(is_null("headers"));
    }
    // SAFETY: not NULL, so the caller promised that the size is there to read.
    let given = unsafe { addr_of!((*headers).struct_size).read() };
    struct_size(given, SIZE_0_2, "headers", "DIYALOG_SIGNED_HEADERS_INIT")
}

/// Signs a request that the program sends itself, and returns the values of its three headers. Sends
/// nothing.
///
/// Uses the client's access key, date zone and corrected clock. method and path are signed exactly as
/// given: path starts with / and includes the endpoint's base path, visible ASCII without ? and #.
/// body contains the bytes to send and may be NULL if body_length is 0. The signed content type is
/// application/json: send exactly that. Only requester_user_id of the options applies. A signature
/// is valid for 15 minutes: sign each attempt again. Fails with DIYALOG_ERROR_INVALID_ARGUMENT.
///
/// method, path, body and options are borrowed for the duration of the call; options may be NULL. On
/// success *headers is overwritten and its strings are owned by the caller; on failure it is
/// unchanged.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_client_sign(
    client: *const diyalog_client,
    method: *const c_char,
    path: *const c_char,
    body: *const c_void,
    body_length: usize,
    options: *const diyalog_call_options,
    headers: *mut diyalog_signed_headers,
    error: *mut *mut diyalog_error,
) -> returns_int32 {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        fallible(error, || {
            let client = &reference(client, "client")?.client;
            let (method, path) = (text(method, "method")?, text(path, "path")?);
            let body = bytes(body, body_length)?;
            check(headers)?;
            let signed = with_options(options, |options| {
                client.sign_with(method, path, body, options)
            })?;
            addr_of_mut!((*headers).reserved).write(0);
            addr_of_mut!((*headers).date).write(to_c(&signed.date).into_raw());
            addr_of_mut!((*headers).requester_user_id)
                .write(to_c(&signed.requester_user_id).into_raw());
            addr_of_mut!((*headers).authorization).write(to_c(&signed.authorization).into_raw());
            Ok(())
        })
    }
}

/// # Safety
///
/// `body` is NULL or valid to read for `length` bytes.
unsafe fn bytes<'a>(body: *const c_void, length: usize) -> Result<&'a [u8], Error> {
    match (body.is_null(), length) {
        (_, 0) => Ok(&[]),
        (true, _) => Err(is_null("body")),
        // SAFETY: not NULL, so the caller promised that it is valid for the length.
        (false, _) => Ok(unsafe { slice::from_raw_parts(body.cast(), length) }),
    }
}

/// Frees the strings and zeroes every field but struct_size. Does nothing if headers is NULL, or
/// initialized or cleared already.
///
/// The struct itself is borrowed for the duration of the call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_signed_headers_clear(
    headers: *mut diyalog_signed_headers,
) -> returns_nothing {
    infallible((), || {
        // SAFETY: by the header's rules it is NULL or a struct with its size.
        if unsafe { check(headers) }.is_err() {
            return;
        }
        // SAFETY: check() found the struct large enough; its strings are NULL or came from
        // CString::into_raw and are not used again.
        unsafe {
            for text in [
                addr_of_mut!((*headers).date),
                addr_of_mut!((*headers).requester_user_id),
                addr_of_mut!((*headers).authorization),
            ] {
                let owned = text.replace(null_mut());
                if !owned.is_null() {
                    drop(CString::from_raw(owned));
                }
            }
            addr_of_mut!((*headers).reserved).write(0);
        }
    })
}
