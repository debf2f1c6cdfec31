//! Client library for the Diyalog customer-messaging API: is this customer in a live chat right
//! now, inbound or outbound, and with which member of staff?
//!
//! [`Config`] holds the settings, [`Client`] makes the lookup, [`HelpStatus`] is its answer and
//! [`Error`] what can go wrong. Everything is blocking and bounded by one deadline per call; a
//! client is shared by all threads of a process.
//!
//! # How the pieces fit
//!
//! ```text
//! ffi -> queue -> client -> signing, retry, clock, help_status, transport -> config, error
//! ```
//!
//! `client` tells the lookup from top to bottom. `signing`, `retry`, `clock` and `help_status`
//! are pure: no sockets. `transport` moves one request and one answer inside a deadline, and
//! knows neither customers nor signatures. `queue` makes many calls at once on worker threads of its
//! own, and `cancellation` is the flag that ends calls early. `ffi` is the C interface; programs in C and C++ read
//! `include/diyalog.h`.

#![deny(missing_docs, unsafe_code)]
// There sockets and DNS have their places taken.
#![cfg_attr(fuzzing, allow(dead_code))]

mod attempt;
mod call;
mod call_options;
mod cancellation;
mod client;
mod clock;
mod config;
mod deadline;
mod endpoint;
mod environment;
mod error;
// Its documentation is written for C programmers.
#[allow(unsafe_code, rustdoc::all)]
#[doc(hidden)]
pub mod ffi;
#[cfg(fuzzing)]
pub mod fuzzing;
mod header_text;
mod help_status;
mod interruption;
mod log_sink;
mod operation;
mod os;
mod panic_guard;
mod queue;
mod redaction;
mod retry;
mod secret;
mod signing;
mod transport;

pub use call_options::CallOptions;
pub use cancellation::Cancellation;
pub use client::Client;
pub use config::{Config, DateZone};
pub use error::{Error, ErrorCode};
pub use help_status::{HelpStatus, HelpType};
pub use operation::Response;
pub use queue::{Completion, Outcome, Queue};
pub use signing::SignedHeaders;

/// The README's Rust snippets, compiled with the documentation's tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
