//! Calls to the operating system that neither std nor a library of ours offers.

#![allow(unsafe_code)]

#[cfg(unix)]
use std::io;
#[cfg(unix)]
use std::os::fd::{AsFd, AsRawFd};
#[cfg(unix)]
use std::time::Duration;

/// Waits until a socket can be written to, which is also when connecting has succeeded or failed.
/// Returns false if the time passed first, and an error of kind `Interrupted` for a signal.
#[cfg(unix)]
pub(crate) fn wait_until_writable(socket: &impl AsFd, timeout: Duration) -> io::Result<bool> {
    let mut socket = libc::pollfd {
        fd: socket.as_fd().as_raw_fd(),
        events: libc::POLLOUT,
        revents: 0,
    };
    let milliseconds = i32::try_from(timeout.as_millis()).unwrap_or(i32::MAX);
    // SAFETY: the pointer is to one pollfd, which lives until the call returns.
    match unsafe { libc::poll(&mut socket, 1, milliseconds) } {
        -1 => Err(io::Error::last_os_error()),
        ready => Ok(ready > 0),
    }
}
