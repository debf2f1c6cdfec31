//! The C functions with arbitrary texts, bytes and struct sizes. Each line is a letter and a value:
//!
//! e k s r c C K p u  the text settings, by their first letters (s: a secret that is bytes)
//! n                  the numbers, flags and constants: one little-endian i32 for all of them
//! a                  what the server answers from now on
//! m                  makes a client, in place of the one before
//! l                  a lookup: two struct sizes, a timeout in ms, a requester; a tab; a customer
//! o                  a post: a struct size, a path; a tab; JSON
//! h                  headers: a struct size, a method; a tab; a path; a tab; a body of any bytes
//!
//! Texts and structs lie in memory of exactly their size, so that AddressSanitizer sees each byte
//! too many.

#![no_main]

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::ffi::{CStr, CString, c_char, c_void};
use std::ptr::{null, null_mut};

use diyalog::ffi::*;
use diyalog_fuzz::{RIGHT_ANSWER, SECRET, Script, end_with, knows_the_secrets, play};
use libfuzzer_sys::fuzz_target;

type Text =
    unsafe extern "C" fn(*mut diyalog_config, *const c_char, *mut *mut diyalog_error) -> i32;
type Number = unsafe fn(*mut diyalog_config, i32, *mut *mut diyalog_error) -> i32;

const TEXTS: [Text; 7] = [
    diyalog_config_set_endpoint,
    diyalog_config_set_requester_user_id,
    diyalog_config_set_ca_file,
    diyalog_config_set_client_certificate_file,
    diyalog_config_set_client_key_file,
    diyalog_config_set_proxy,
    diyalog_config_set_user_agent_suffix,
];

/// Setters of an i32 or an u32, which gets the same bits.
macro_rules! numbers {
    ($($name:ident)*) => { [$(|config, value, error| unsafe { $name(config, value as _, error) }),*] };
}

const NUMBERS: [Number; 7] = numbers!(
    diyalog_config_set_timeout_ms
    diyalog_config_set_max_retries
    diyalog_config_set_system_trust
    diyalog_config_set_allow_plain_http
    diyalog_config_set_clock_correction
    diyalog_config_set_date_zone
    diyalog_config_set_max_idle_connections
);

const INVALID_ARGUMENT: i32 = 1;
const LEAST_OPTIONS: usize = size_of::<diyalog_call_options>();
const LEAST_STATUS: usize = size_of::<diyalog_help_status>();

fuzz_target!(|data: &[u8]| {
    if knows_the_secrets(data) {
        return;
    }
    // SAFETY: by the header's rules for callers, which this program keeps.
    unsafe { run(data) }
});

unsafe fn run(data: &[u8]) {
    play(Script::default());
    end_with(vec![RIGHT_ANSWER.to_vec()]);
    let mut lines = 0_usize;
    let config = diyalog_config_new();
    let mut client: *mut diyalog_client = null_mut();
    unsafe {
        assert!(!diyalog_version().is_null());
        let lines = (&raw mut lines).cast();
        succeeds(|error| diyalog_config_set_log_callback(config, Some(log), lines, 4, error));
        succeeds(|error| {
            diyalog_config_set_credentials(
                config,
                c"id".as_ptr(),
                text(SECRET.as_bytes()).as_ptr(),
                error,
            )
        });
        succeeds(|error| diyalog_config_load_env(config, error));
        set_text(config, b'e', b"http://127.0.0.1:1");
        set_text(config, b'r', b"45186");
        for line in data.split(|byte| *byte == b'\n') {
            let Some((what, value)) = line.split_first() else {
                continue;
            };
            match what {
                b'a' => end_with(vec![value.to_vec()]),
                b'm' => make(config, &mut client),
                b'l' => look_up(client, value),
                b'o' => post(client, value),
                b'h' => sign(client, value),
                b'n' => set_numbers(config, value),
                b'k' => {
                    let id = text(value);
                    judge(|error| {
                        diyalog_config_set_credentials(config, id.as_ptr(), c"s".as_ptr(), error)
                    });
                }
                b's' => {
                    let secret: Box<[u8]> = value.into();
                    let (bytes, length) = (secret.as_ptr(), secret.len());
                    judge(|error| {
                        let id = c"id".as_ptr();
                        diyalog_config_set_credentials_bytes(config, id, bytes, length, error)
                    });
                }
                _ => {
                    set_text(config, *what, value);
                }
            }
        }
        diyalog_client_free(client);
        diyalog_config_free(config);
    }
}

/// A text in memory of its own, which ends at the first NUL.
fn text(bytes: &[u8]) -> CString {
    let end = bytes
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(bytes.len());
    CString::new(&bytes[..end]).expect("no NUL is left")
}

unsafe extern "C" fn log(level: i32, message: *const c_char, lines: *mut c_void) {
    assert!((1..=4).contains(&level));
    let message = unsafe { CStr::from_ptr(message) }.to_str().expect("UTF-8");
    assert!(!message.is_empty() && !message.contains(SECRET));
    unsafe { *lines.cast::<usize>() += 1 };
}

/// Makes a call and checks that its code and its error say the same.
unsafe fn judge(call: impl FnOnce(*mut *mut diyalog_error) -> i32) -> i32 {
    let mut error = std::ptr::dangling_mut::<diyalog_error>();
    let code = call(&mut error);
    unsafe {
        assert_eq!(diyalog_error_code(error), code);
        let message = CStr::from_ptr(diyalog_error_message(error))
            .to_str()
            .expect("UTF-8");
        let (status, retryable) = (
            diyalog_error_http_status(error),
            diyalog_error_is_retryable(error),
        );
        if code == 0 {
            assert!(error.is_null() && message.is_empty() && status == 0 && retryable == 0);
        } else {
            assert!(code > 0 && code < 90, "{code}: {message}");
            assert!([0, 1].contains(&retryable) && (0..1000).contains(&status));
            assert!(!message.is_empty() && !message.contains(SECRET));
        }
        diyalog_error_free(error);
    }
    code
}

unsafe fn succeeds(call: impl FnOnce(*mut *mut diyalog_error) -> i32) {
    assert_eq!(unsafe { judge(call) }, 0);
}

/// Files are looked for in one empty place only.
unsafe fn set_text(config: *mut diyalog_config, what: u8, value: &[u8]) {
    let Some(index) = b"ercCKpu".iter().position(|letter| *letter == what) else {
        return;
    };
    let is_file = b"cCK".contains(&what);
    let value = match is_file {
        true => text(&[b"/nonexistent/".as_slice(), value].concat()),
        false => text(value),
    };
    if is_file && value.as_bytes().windows(2).any(|bytes| bytes == b"..") {
        return;
    }
    let code = unsafe { judge(|error| TEXTS[index](config, value.as_ptr(), error)) };
    assert!(code == 0 || code == INVALID_ARGUMENT);
    assert!(value.to_str().is_ok() || code == INVALID_ARGUMENT);
}

unsafe fn set_numbers(config: *mut diyalog_config, value: &[u8]) {
    let mut bytes = [0; 4];
    let length = value.len().min(4);
    bytes[..length].copy_from_slice(&value[..length]);
    for setter in NUMBERS {
        let code = unsafe { judge(|error| setter(config, i32::from_le_bytes(bytes), error)) };
        assert!(code == 0 || code == INVALID_ARGUMENT);
    }
}

/// Makes a client that is patient but not stubborn, and never reads the system's certificates.
unsafe fn make(config: *mut diyalog_config, client: &mut *mut diyalog_client) {
    unsafe {
        succeeds(|error| NUMBERS[0](config, 5000, error));
        succeeds(|error| NUMBERS[1](config, 0, error));
        succeeds(|error| NUMBERS[2](config, 0, error));
        let mut made: *mut diyalog_client = null_mut();
        let code = judge(|error| diyalog_client_new(config, &mut made, error));
        assert_eq!(code == 0, !made.is_null());
        if code == 0 {
            diyalog_client_free(std::mem::replace(client, made));
        }
    }
}

unsafe fn look_up(client: *const diyalog_client, value: &[u8]) {
    let Some(([status_size, options_size, timeout], texts)) = value.split_first_chunk::<3>() else {
        return;
    };
    let mut texts = texts.splitn(2, |byte| *byte == b'\t').map(text);
    let (requester, customer) = (texts.next(), texts.next());
    let options = Sized::new(*options_size);
    let status = Sized::new(*status_size);
    if usize::from(*options_size) >= LEAST_OPTIONS {
        let options = options.start.cast::<diyalog_call_options>();
        unsafe {
            (&raw mut (*options).timeout_ms).write(u32::from(*timeout) * 50);
            let requester = requester.as_ref().map_or(null(), |text| text.as_ptr());
            (&raw mut (*options).requester_user_id).write(requester);
        }
    }
    let customer = customer.as_ref().map_or(null(), |text| text.as_ptr());
    let options = match options_size {
        0 => null(),
        _ => options.start.cast::<diyalog_call_options>().cast_const(),
    };
    let status_at = status.start.cast::<diyalog_help_status>();
    let code = unsafe {
        judge(|error| {
            diyalog_client_is_customer_in_online_help(client, customer, options, status_at, error)
        })
    };
    assert_eq!(
        status.size(),
        u32::from(*status_size),
        "struct_size is the caller's"
    );
    if code == 0 {
        assert!(usize::from(*status_size) >= LEAST_STATUS && !client.is_null());
        unsafe { check_status(&*status_at) };
    } else {
        assert!(
            status.is_zero_after_the_size(),
            "written to though it failed"
        );
    }
    for _ in 0..2 {
        unsafe { diyalog_help_status_clear(status_at) };
        assert!(status.is_zero_after_the_size(), "cleared");
    }
}

unsafe fn post(client: *const diyalog_client, value: &[u8]) {
    let Some((size, texts)) = value.split_first() else {
        return;
    };
    let mut texts = texts.splitn(2, |byte| *byte == b'\t').map(text);
    let (path, json) = (texts.next(), texts.next());
    let response = Sized::new(*size);
    let response_at = response.start.cast::<diyalog_response>();
    let pointer = |text: &Option<CString>| text.as_ref().map_or(null(), |text| text.as_ptr());
    let code = unsafe {
        judge(|error| {
            diyalog_client_post(
                client,
                pointer(&path),
                pointer(&json),
                null(),
                response_at,
                error,
            )
        })
    };
    if code == 0 {
        assert!(usize::from(*size) >= size_of::<diyalog_response>() && !client.is_null());
        assert!(is_path(path.as_deref()) && is_json(json.as_deref()));
        let body = unsafe { CStr::from_ptr((*response_at).body) };
        assert_eq!(unsafe { (*response_at).body_length }, body.count_bytes());
        assert!(is_json(Some(body)));
    } else {
        assert!(
            response.is_zero_after_the_size(),
            "written to though it failed"
        );
        let is_valid = is_path(path.as_deref()) && is_json(json.as_deref());
        assert!(is_valid || code == INVALID_ARGUMENT, "{code}");
    }
    for _ in 0..2 {
        unsafe { diyalog_response_clear(response_at) };
        assert!(response.is_zero_after_the_size(), "cleared");
    }
}

unsafe fn sign(client: *const diyalog_client, value: &[u8]) {
    let Some((size, texts)) = value.split_first() else {
        return;
    };
    let mut parts = texts.splitn(3, |byte| *byte == b'\t');
    let (method, path) = (parts.next().map(text), parts.next().map(text));
    let body: Box<[u8]> = parts.next().unwrap_or_default().into();
    let headers = Sized::new(*size);
    let headers_at = headers.start.cast::<diyalog_signed_headers>();
    let pointer = |text: &Option<CString>| text.as_ref().map_or(null(), |text| text.as_ptr());
    let (method_at, path_at) = (pointer(&method), pointer(&path));
    let (bytes, length) = (body.as_ptr().cast(), body.len());
    let code = unsafe {
        judge(|error| {
            diyalog_client_sign(
                client,
                method_at,
                path_at,
                bytes,
                length,
                null(),
                headers_at,
                error,
            )
        })
    };
    if code == 0 {
        assert!(usize::from(*size) >= size_of::<diyalog_signed_headers>() && !client.is_null());
        let path = path.expect("a path").into_bytes();
        assert!(path.starts_with(b"/") && path.iter().all(u8::is_ascii_graphic));
        for text in unsafe {
            let headers = &*headers_at;
            [
                headers.date,
                headers.requester_user_id,
                headers.authorization,
            ]
        } {
            let text = unsafe { CStr::from_ptr(text) }.to_str().expect("UTF-8");
            assert!(
                !text.is_empty() && !text.chars().any(char::is_control),
                "{text:?}"
            );
        }
    } else {
        assert_eq!(code, INVALID_ARGUMENT);
        assert!(
            headers.is_zero_after_the_size(),
            "written to though it failed"
        );
    }
    for _ in 0..2 {
        unsafe { diyalog_signed_headers_clear(headers_at) };
        assert!(headers.is_zero_after_the_size(), "cleared");
    }
}

/// By the header's rules, and those of URLs.
fn is_path(path: Option<&CStr>) -> bool {
    path.is_some_and(|path| {
        let path = path.to_bytes();
        path.starts_with(b"/")
            && path
                .iter()
                .all(|byte| byte.is_ascii_graphic() && !b"?#<>`".contains(byte))
    })
}

fn is_json(json: Option<&CStr>) -> bool {
    let text = json.and_then(|json| json.to_str().ok());
    text.is_some_and(|text| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok())
}

unsafe fn check_status(status: &diyalog_help_status) {
    assert!([0, 1].contains(&status.is_in_help));
    let text = |pointer: *mut c_char| {
        let text = (!pointer.is_null()).then(|| unsafe { CStr::from_ptr(pointer) });
        text.map(|text| text.to_str().expect("UTF-8"))
    };
    let expected = match text(status.help_type_text) {
        None => 0,
        Some("inbound") => 1,
        Some("outbound") => 2,
        Some(_) => 3,
    };
    assert_eq!(status.help_type, expected);
    assert!(text(status.staff_id).is_none_or(|text| !text.is_empty()));
}

/// A struct of a size that the caller says, in memory of just that size.
struct Sized {
    start: *mut u8,
    layout: Layout,
}

impl Sized {
    fn new(size: u8) -> Self {
        let bytes = usize::from(size).max(size_of::<u32>());
        let layout =
            Layout::from_size_align(bytes, align_of::<diyalog_help_status>()).expect("small");
        // SAFETY: the layout is not empty, and large enough for the size.
        unsafe {
            let start = alloc_zeroed(layout);
            start.cast::<u32>().write(size.into());
            Sized { start, layout }
        }
    }

    fn size(&self) -> u32 {
        // SAFETY: written by new().
        unsafe { self.start.cast::<u32>().read() }
    }

    fn is_zero_after_the_size(&self) -> bool {
        // SAFETY: zeroed by new().
        let bytes = unsafe { std::slice::from_raw_parts(self.start, self.layout.size()) };
        bytes[size_of::<u32>()..].iter().all(|byte| *byte == 0)
    }
}

impl Drop for Sized {
    fn drop(&mut self) {
        // SAFETY: allocated by new() with this layout.
        unsafe { dealloc(self.start, self.layout) };
    }
}
