//! A peer that hangs up while a request is sent must not end the program by SIGPIPE, whose default
//! action C programs have. Alone in its process, since Rust's own default is to ignore it.
#![cfg(unix)]

mod support;

use std::io::Read;

use diyalog::{Client, ErrorCode};
use diyalog_sandbox::pki::Authority;

use support::raw::{self, Listener};
use support::{Scratch, client, config};

/// Reads the beginning of a request and closes the connection, so that it is reset.
fn hang_up(stream: &mut impl Read) {
    let _ = stream.read(&mut [0; 1024]);
}

fn assert_lost(client: &Client) {
    // More than the buffers of the two sockets hold.
    let customer = "7".repeat(16 * 1024 * 1024);
    let error = client.is_customer_in_online_help(&customer).unwrap_err();
    assert_eq!(error.code(), ErrorCode::ConnectionLost, "{error}");
}

#[test]
fn peer_that_hangs_up_raises_no_signal() {
    // SAFETY: no other test runs in this process, and none of its code handles signals.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
    let plain = Listener::start(|mut stream| hang_up(&mut stream));
    assert_lost(&client(&config(&plain.url("http"))));
    let (authority, files) = (Authority::new("CA"), Scratch::new());
    let ca_file = files.write("ca.pem", authority.pem());
    let tls = raw::tls_listener(&authority, |mut stream| hang_up(&mut stream));
    assert_lost(&client(&config(&tls.url("https")).ca_file(ca_file)));
}
