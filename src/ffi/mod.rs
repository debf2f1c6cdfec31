//! The C interface, one file per section of `include/diyalog.h`, which cbindgen makes of them.
//!
//! The return types are aliases, here and nowhere else: cbindgen.toml renames them so that the
//! header's declarations carry the calling convention where C wants it, between the return type
//! and the function's name.
//!
//! The header's rules, on which every SAFETY line here rests: a pointer is NULL or valid for what
//! the function does with it, a text ends with a NUL, a struct begins with its size, a handle came
//! from its `_new` and was not freed, and nobody else uses a handle that is not thread-safe.

#![allow(non_camel_case_types)]
// The constants are there for the header.
#![allow(dead_code)]

mod arguments;
mod boundary;

// The sections, in the header's order.

mod version;

mod config;

mod log;

mod client;

mod help_status;

mod error;

use std::ffi::c_char;

type returns_int32 = i32;
type returns_nothing = ();
type returns_text = *const c_char;
type returns_config = *mut config::diyalog_config;
