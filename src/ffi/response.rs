//! Section "Other endpoints" of the header.

use std::ffi::{CString, c_char};
use std::mem::offset_of;
use std::ptr::{addr_of, addr_of_mut, null_mut};

use super::arguments::{is_null, reference, struct_size, text};
use super::boundary::{fallible, infallible};
use super::client::{diyalog_call_options, diyalog_client, with_options};
use super::error::diyalog_error;
use super::{returns_int32, returns_nothing};
use crate::Response;
use crate::error::Error;

/// The response of an endpoint of the platform.
///
/// Initialize with DIYALOG_RESPONSE_INIT. Call diyalog_response_clear at the end, and before the
/// struct is passed to another call: it would overwrite the body without freeing it.
///
/// Not thread-safe; use from one thread at a time.
#[repr(C)]
pub struct diyalog_response {
    /// The size of this struct; DIYALOG_RESPONSE_INIT sets it.
    pub struct_size: u32,
    /// Always 200: other responses are errors.
    pub http_status: i32,
    /// Length of body in bytes, without the NUL at its end.
    pub body_length: usize,
    /// The JSON as received, NULL if none. Owned by the caller, freed by diyalog_response_clear.
    pub body: *mut c_char,
}

/// The struct of version 0.2, which introduced it.
const SIZE_0_2: usize = offset_of!(diyalog_response, body) + size_of::<*mut c_char>();

/// # Safety
///
/// `response` is NULL or begins with a size up to which it can be written.
unsafe fn check(response: *mut diyalog_response) -> Result<(), Error> {
    if response.is_null() {
        return Err(is_null("response"));
    }
    // SAFETY: not NULL, so the caller promised that the size is there to read.
    let given = unsafe { addr_of!((*response).struct_size).read() };
    struct_size(given, SIZE_0_2, "response", "DIYALOG_RESPONSE_INIT")
}

/// Writes a response into the caller's struct, all fields but the size.
///
/// # Safety
///
/// `to` passed [`check`].
unsafe fn write(to: *mut diyalog_response, response: Response) {
    let body_length = response.body.len();
    // Valid JSON has no NUL.
    let body = CString::new(response.body).unwrap_or_default().into_raw();
    // SAFETY: check() accepted its size, so the struct has these fields.
    unsafe {
        addr_of_mut!((*to).http_status).write(response.http_status.into());
        addr_of_mut!((*to).body_length).write(body_length);
        addr_of_mut!((*to).body).write(body);
    }
}

/// A struct of the library's own with this response. The owner clears it.
pub(super) fn new(response: Response) -> diyalog_response {
    let mut new = diyalog_response {
        struct_size: SIZE_0_2 as u32,
        http_status: 0,
        body_length: 0,
        body: null_mut(),
    };
    // SAFETY: the struct is whole.
    unsafe { write(&mut new, response) };
    new
}

/// Sends a signed POST request to an endpoint of the platform and returns its JSON response. Blocks
/// until the response is received or the deadline passes.
///
/// path starts with / and is appended to the endpoint's base path: visible ASCII without ? and #.
/// json is valid JSON of at most 1 MiB and is sent byte for byte. Success is status 200 with valid
/// JSON in UTF-8, of at most 1 MiB and nested at most 128 levels deep.
///
/// Errors, deadline and clock correction work as for a lookup. A request is retried only if the
/// server cannot have acted on it, unless repeatable is 1 in the options. Fails with any
/// DIYALOG_ERROR_ code.
///
/// path, json and options are borrowed for the duration of the call; options may be NULL. On success
/// *response is overwritten and its body is owned by the caller; on failure it is unchanged.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_client_post(
    client: *const diyalog_client,
    path: *const c_char,
    json: *const c_char,
    options: *const diyalog_call_options,
    response: *mut diyalog_response,
    error: *mut *mut diyalog_error,
) -> returns_int32 {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        fallible(error, || {
            let client = &reference(client, "client")?.client;
            let (path, json) = (text(path, "path")?, text(json, "json")?);
            check(response)?;
            let received = with_options(options, |options| client.post_with(path, json, options))?;
            write(response, received);
            Ok(())
        })
    }
}

/// Frees the body and zeroes every field but struct_size. Does nothing if response is NULL, or
/// initialized or cleared already.
///
/// The struct itself is borrowed for the duration of the call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_response_clear(
    response: *mut diyalog_response,
) -> returns_nothing {
    infallible((), || {
        // SAFETY: by the header's rules it is NULL or a struct with its size.
        if unsafe { check(response) }.is_err() {
            return;
        }
        // SAFETY: check() found the struct large enough; its body is NULL or came from
        // CString::into_raw and is not used again.
        unsafe {
            let body = addr_of_mut!((*response).body).replace(null_mut());
            if !body.is_null() {
                drop(CString::from_raw(body));
            }
            addr_of_mut!((*response).http_status).write(0);
            addr_of_mut!((*response).body_length).write(0);
        }
    })
}
