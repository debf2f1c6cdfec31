//! The C interface, one file per section of `include/diyalog.h`, which cbindgen generates.
//!
//! Return types are aliases, which cbindgen.toml renames: in C the calling convention stands between
//! the return type and the function's name.
//!
//! Every SAFETY line here relies on the header's rules: a pointer is NULL or valid for what the
//! function does with it, a text ends with a NUL, a struct begins with its size, a handle came from
//! its `_new` and was not freed, and no other thread uses a handle that is not thread-safe.

#![allow(non_camel_case_types)]
// Some constants only serve the header.
#![allow(dead_code)]

mod arguments;
mod boundary;

// The sections, in the header's order.

mod version;

mod config;

mod log;

mod cancellation;

mod client;

mod help_status;

mod response;

mod sign;

mod error;

mod queue;

mod completion;

use std::ffi::{c_char, c_void};

type returns_int32 = i32;
type returns_uint32 = u32;
type returns_nothing = ();
type returns_text = *const c_char;
type returns_config = *mut config::diyalog_config;
type returns_size = usize;
type returns_pointer = *mut c_void;
type returns_cancellation = *mut cancellation::diyalog_cancellation;
type returns_completion = *mut completion::diyalog_completion;
type returns_const_status = *const help_status::diyalog_help_status;
type returns_const_response = *const response::diyalog_response;
type returns_const_error = *const error::diyalog_error;

/// The header's intptr_t, which cbindgen would make a ptrdiff_t.
type descriptor = isize;

#[cfg(test)]
mod tests {
    use std::mem::offset_of;

    use super::client::diyalog_call_options;
    use super::help_status::diyalog_help_status;
    use super::response::diyalog_response;
    use super::sign::diyalog_signed_headers;

    /// The promised layout for this machine; tests/abi/run.sh compares the header with it.
    fn promised() -> &'static str {
        let layout = include_str!("../../tests/abi/layout.txt");
        let bits = format!("\n# {} bits\n", usize::BITS);
        let (_, from_here) = layout.split_once(&bits).expect("a size that is listed");
        from_here.split("\n\n").next().expect("one part at least")
    }

    #[test]
    fn the_structs_are_laid_out_as_promised() {
        let mut laid_out = Vec::new();
        macro_rules! lay_out {
            ($name:ident: $($field:ident)*) => {
                laid_out.push(format!("{} size {}", stringify!($name), size_of::<$name>()));
                laid_out.push(format!("{} alignment {}", stringify!($name), align_of::<$name>()));
                $(
                    let field = concat!(stringify!($name), ".", stringify!($field));
                    laid_out.push(format!("{field} offset {}", offset_of!($name, $field)));
                    laid_out.push(format!("{field} size {}", size_of_result(|it: &$name| it.$field)));
                )*
            };
        }
        lay_out!(diyalog_call_options:
            struct_size timeout_ms requester_user_id cancellation interrupt interrupt_data
            repeatable log_level);
        lay_out!(diyalog_help_status:
            struct_size is_in_help help_type error_code help_type_text staff_id);
        lay_out!(diyalog_response: struct_size http_status body_length body);
        lay_out!(diyalog_signed_headers:
            struct_size reserved date requester_user_id authorization);
        assert_eq!(laid_out, promised().lines().collect::<Vec<_>>());
    }

    fn size_of_result<S, T>(_: impl Fn(&S) -> T) -> usize {
        size_of::<T>()
    }
}
