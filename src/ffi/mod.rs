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

// For the tests and fuzz targets, which call the functions as C does.
pub use {
    cancellation::*, client::*, completion::*, config::*, error::*, help_status::*, log::*,
    queue::*, response::*, sign::*, version::*,
};

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

    use serde_json::{Map, Value, json};

    use super::{
        diyalog_call_options, diyalog_help_status, diyalog_response, diyalog_signed_headers,
    };

    /// The sizes, alignments and offsets in tests/abi/interface.json, for this machine's pointers.
    fn recorded() -> Map<String, Value> {
        let record = include_str!("../../tests/abi/interface.json");
        let record: Value = serde_json::from_str(record).expect("the record is JSON");
        let which = usize::from(usize::BITS == 32);
        let structs = record["structs"].as_object().expect("structs");
        let layout = |(name, it): (&String, &Value)| {
            let fields = it["fields"].as_object().expect("fields").iter();
            let fields: Map<String, Value> = fields
                .map(|(name, it)| {
                    (
                        name.clone(),
                        json!([it["offset"][which], it["size"][which]]),
                    )
                })
                .collect();
            let whole = json!([it["size"][which], it["alignment"][which], fields]);
            (name.clone(), whole)
        };
        structs.iter().map(layout).collect()
    }

    #[test]
    fn structs_are_laid_out_as_recorded() {
        let mut laid_out = Map::new();
        macro_rules! lay_out {
            ($name:ident: $($field:ident)*) => {
                let mut fields = Map::new();
                $(
                    let place = json!([offset_of!($name, $field), size_of_result(|it: &$name| it.$field)]);
                    fields.insert(stringify!($field).to_owned(), place);
                )*
                let whole = json!([size_of::<$name>(), align_of::<$name>(), fields]);
                laid_out.insert(stringify!($name).to_owned(), whole);
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
        assert_eq!(laid_out, recorded());
    }

    fn size_of_result<S, T>(_: impl Fn(&S) -> T) -> usize {
        size_of::<T>()
    }
}
