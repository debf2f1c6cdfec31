//! The sandbox as clients meet it: over the wire, through a client of the tests' own that
//! signs by hand.

mod answers;
mod client;
mod command_line;
mod connections;
mod control;
mod faults;
mod page;
mod platform;
mod tls;
