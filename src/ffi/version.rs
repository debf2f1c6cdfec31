//! Section "Version" of the header.

use std::ffi::CStr;

use super::{returns_int32, returns_text};

const VERSION: &CStr =
    match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
        Ok(version) => version,
        Err(_) => panic!("the version contains no NUL"),
    };

/// 0xMMmmpp, as DIYALOG_VERSION_NUMBER in the header.
const VERSION_NUMBER: i32 = number(env!("CARGO_PKG_VERSION_MAJOR")) << 16
    | number(env!("CARGO_PKG_VERSION_MINOR")) << 8
    | number(env!("CARGO_PKG_VERSION_PATCH"));

const fn number(digits: &str) -> i32 {
    match i32::from_str_radix(digits, 10) {
        Ok(number) if number < 256 => number,
        _ => panic!("each part of the version fits into two hexadecimal digits"),
    }
}

/// Returns the version of the running library, such as "0.2.0". DIYALOG_VERSION is the version of
/// the header.
///
/// Static, do not free. Thread-safe.
#[unsafe(no_mangle)]
pub extern "C" fn diyalog_version() -> returns_text {
    VERSION.as_ptr()
}

/// Returns the version of the running library as a number to compare, such as 0x000200 for 0.2.0.
/// DIYALOG_VERSION_NUMBER is that of the header.
///
/// Thread-safe.
#[unsafe(no_mangle)]
pub extern "C" fn diyalog_version_number() -> returns_int32 {
    VERSION_NUMBER
}
