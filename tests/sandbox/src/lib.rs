//! The server's side of the Diyalog API, for trying a client and for testing it.
//!
//! A sandbox implements the lookup and the platform's other documented calls on a loopback port. It
//! checks the three headers and the signature, has a few customers, and can be made to respond late,
//! wrongly or not at all, or with a shifted clock.
//!
//! ```
//! use diyalog_sandbox::{CannedAnswer, Fault, Options, Sandbox};
//!
//! let sandbox = Sandbox::start(Options::default())?;
//! sandbox.start_session("70099", "inbound", "45009");
//! sandbox.push_fault(CannedAnswer::new(503).header("Retry-After", "1"));
//! sandbox.push_fault_times(Fault::Delay { milliseconds: 300 }, 2);
//! // ... make lookups at sandbox.url() and compare ...
//! assert_eq!(sandbox.request_count(), 0);
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! A request passes through `server` (connections) and `origin` (rejects foreign web pages), then
//! `page` or `control` (calls under `/sandbox/`) or `call`. `verify` and the call's row in `platform`
//! decide on the response, a fault may change it, and `answer` turns it into HTTP. `record` stores the
//! requests. All of them share one `state`.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod answer;
mod call;
mod clock;
mod control;
mod customers;
mod escape;
mod faults;
mod hints;
pub mod hostile;
mod options;
mod origin;
mod page;
pub mod pki;
mod platform;
mod record;
mod sandbox;
mod server;
mod state;
mod tls;
mod verify;

pub use customers::Session;
pub use escape::escape;
pub use faults::{CannedAnswer, Fault};
pub use options::{
    DEFAULT_ACCESS_KEY_ID, DEFAULT_ACCESS_KEY_SECRET, Event, Observer, Options, TlsOptions,
};
pub use record::RecordedRequest;
pub use sandbox::Sandbox;
