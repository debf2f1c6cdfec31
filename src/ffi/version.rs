//! Which library this is.

use std::ffi::CStr;

use super::returns_text;

const VERSION: &CStr =
    match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
        Ok(version) => version,
        Err(_) => panic!("the version has no NUL inside"),
    };

/// The version of the library that is running, such as "0.1.0".
///
/// The text is static: it is not freed. Any thread may call this at any time.
#[unsafe(no_mangle)]
pub extern "C" fn diyalog_version() -> returns_text {
    VERSION.as_ptr()
}
