//! Telling a forked child from its parent, at no cost per call.
//!
//! A child must not use its parent's connections (both would talk on one socket), nor its locks
//! (another thread may have held them when the process forked). Asking for the process id would
//! be a system call per lookup; a handler that fork() runs in the child is none. The handler is
//! the only code of this library that needs `unsafe` outside the C interface.

/// How many forks lie between the process that loaded the library and this one.
pub(super) fn generation() -> u32 {
    imp::generation()
}

/// Begins to count. Called when a client is made; later calls do nothing.
pub(super) fn watch() {
    imp::watch();
}

#[cfg(unix)]
#[allow(unsafe_code)]
mod imp {
    use std::sync::Once;
    use std::sync::atomic::{AtomicU32, Ordering};

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
            // Where registering fails (no memory), forks go unnoticed and nothing else changes.
            unsafe { libc::pthread_atfork(None, None, Some(count_fork)) };
        });
    }
}

#[cfg(not(unix))]
mod imp {
    pub(super) fn generation() -> u32 {
        0
    }

    pub(super) fn watch() {}
}
