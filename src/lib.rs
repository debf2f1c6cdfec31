//! Client library for the Diyalog customer-messaging platform: is this customer in a live chat right
//! now, inbound or outbound, and with which staff member?
//!
//! [`Config`] holds the settings. [`Client`] makes the lookup, whose result is a [`HelpStatus`], and
//! sends JSON to the platform's other endpoints by [`post`](Client::post). [`Queue`] keeps many calls
//! in flight. Every call is blocking and bounded by one deadline, and every failure is an [`Error`].
//! A client is shared by all threads of a process.
//!
//! # How the pieces fit
//!
//! ```text
//! ffi -> queue -> client -> operation, signing, retry, clock, transport -> config, error
//! ```
//!
//! `client` makes one call of any operation, from top to bottom; `call` and `attempt` hold its state.
//! `operation` has a file for each operation: path, body, whether it may be repeated, and reading the
//! response. `signing`, `retry` and `clock` are pure: no I/O. `transport` exchanges one request and
//! one response inside a deadline, and knows neither customers nor signatures. `queue` makes many
//! calls on worker threads of its own. `ffi` is the C interface, documented in `include/diyalog.h`.
//!
//! `cancellation` depends on none of them. A cancellation reaches the sockets through `interruption`
//! and one thread-local in `transport/current_call.rs`, since ureq has no way to pass it. `os` has the
//! calls to the operating system, the only unsafe code outside `ffi`.

#![deny(missing_docs, unsafe_code)]
// Fuzzing replaces the sockets and DNS, whose code is unused then.
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
