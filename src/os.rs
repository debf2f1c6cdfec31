//! Calls to the operating system that neither std nor a library of ours offers.

#![allow(unsafe_code)]

use std::io;

/// The descriptor that wakes an event loop: a file descriptor, on Windows a SOCKET.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WakeFd(pub(crate) isize);

/// Writes the 8 bytes of the integer 1, which an eventfd counts and a pipe or socket carries.
///
/// Called on worker threads only, where SIGPIPE is blocked. Failures are ignored: a full pipe wakes
/// its reader anyway, and a closed one has no reader.
pub(crate) fn wake(fd: WakeFd) {
    let one = 1u64.to_ne_bytes();
    while let Err(error) = imp::write(fd, &one) {
        if error.kind() != io::ErrorKind::Interrupted {
            break;
        }
    }
}

/// Waits until a socket is writable, which it becomes when a connect succeeds or fails. Returns false
/// if the timeout passed first, and an error of kind `Interrupted` for a signal.
#[cfg(unix)]
pub(crate) fn wait_until_writable(
    socket: &impl std::os::fd::AsRawFd,
    timeout: std::time::Duration,
) -> io::Result<bool> {
    imp::wait_until_writable(socket.as_raw_fd(), timeout)
}

/// Runs `start`, which starts a thread, so that the thread has asynchronous signals blocked from
/// its first instruction on: a program's signal handlers run on the program's own threads. Signals
/// that report a fault of the running code stay as they are.
pub(crate) fn with_signals_blocked<T>(start: impl FnOnce() -> T) -> T {
    imp::with_signals_blocked(start)
}

/// Detects that the process forked, at no cost per call.
///
/// A child must not use its parent's connections (both would talk on one socket), nor its locks
/// (another thread may have held them when the process forked). getpid would be a system call per
/// lookup; a handler that fork() runs in the child is none.
pub(crate) mod fork {
    /// The number of forks between the process that loaded the library and this one.
    pub(crate) fn generation() -> u32 {
        super::imp::generation()
    }

    /// Registers the fork handler. Called when a client is created; later calls do nothing.
    pub(crate) fn watch() {
        super::imp::watch();
    }
}

#[cfg(unix)]
mod imp {
    use std::io;
    use std::mem::MaybeUninit;
    use std::os::fd::RawFd;
    use std::ptr::null_mut;
    use std::sync::Once;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use super::WakeFd;

    pub(super) fn write(fd: WakeFd, bytes: &[u8]) -> io::Result<()> {
        // The C interface accepts only what fits.
        let fd = i32::try_from(fd.0).map_err(io::Error::other)?;
        // SAFETY: reads the slice only. If the descriptor is not open, write reports it.
        match unsafe { libc::write(fd, bytes.as_ptr().cast(), bytes.len()) } {
            -1 => Err(io::Error::last_os_error()),
            _ => Ok(()),
        }
    }

    pub(super) fn wait_until_writable(fd: RawFd, timeout: Duration) -> io::Result<bool> {
        let mut socket = libc::pollfd {
            fd,
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

    pub(super) fn with_signals_blocked<T>(start: impl FnOnce() -> T) -> T {
        let mut blocked = MaybeUninit::uninit();
        let mut before = MaybeUninit::uninit();
        // SAFETY: both sets are written before they are read: the first by sigfillset, the second
        // by pthread_sigmask, which cannot fail with a valid first argument. A new thread inherits
        // the mask of the thread that starts it.
        unsafe {
            libc::sigfillset(blocked.as_mut_ptr());
            for fault in [
                libc::SIGSEGV,
                libc::SIGBUS,
                libc::SIGFPE,
                libc::SIGILL,
                libc::SIGTRAP,
            ] {
                libc::sigdelset(blocked.as_mut_ptr(), fault);
            }
            libc::pthread_sigmask(libc::SIG_BLOCK, blocked.as_ptr(), before.as_mut_ptr());
        }
        let result = start();
        // SAFETY: as above.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, before.as_ptr(), null_mut()) };
        result
    }

    static FORKS: AtomicU32 = AtomicU32::new(0);

    extern "C" fn count_fork() {
        FORKS.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn generation() -> u32 {
        FORKS.load(Ordering::Relaxed)
    }

    pub(super) fn watch() {
        static WATCH: Once = Once::new();
        WATCH.call_once(|| {
            // SAFETY: the handler only adds to an atomic, which is allowed between fork and exec,
            // and stays in memory as long as the process: the library is linked with nodelete.
            // If registering fails (no memory), forks go unnoticed and nothing else changes.
            unsafe { libc::pthread_atfork(None, None, Some(count_fork)) };
        });
    }
}

#[cfg(windows)]
mod imp {
    use std::io;
    use std::os::windows::io::BorrowedSocket;

    use socket2::SockRef;

    use super::WakeFd;

    pub(super) fn write(fd: WakeFd, bytes: &[u8]) -> io::Result<()> {
        // SAFETY: the program keeps its socket open until the queue is freed, and INVALID_SOCKET
        // (-1) is never stored.
        let socket = unsafe { BorrowedSocket::borrow_raw(fd.0 as _) };
        SockRef::from(&socket).send(bytes).map(|_| ())
    }

    pub(super) fn with_signals_blocked<T>(start: impl FnOnce() -> T) -> T {
        start()
    }

    pub(super) fn generation() -> u32 {
        0
    }

    pub(super) fn watch() {}
}
