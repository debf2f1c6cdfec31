//! Cancelling calls from other threads.
//!
//! A cancellation is one flag in memory. Calls wait in short slices and look at it between them, so
//! cancelling needs no list of the calls under way, no lock and no system call: it never blocks,
//! and a child that was forked meanwhile has a flag of its own. Waking the blocked thread by shutting
//! down its socket would be faster, but needs such a list under a lock, which a fork or a concurrent
//! free can leave locked.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Cancels the calls that use it, from any thread.
///
/// Clones share one state. A cancellation stays cancelled: calls that start later fail immediately
/// and send nothing. Thread-safe. In a forked child it acts on the child's calls only.
///
/// ```
/// use diyalog::{CallOptions, Cancellation};
///
/// let cancellation = Cancellation::new();
/// let options = CallOptions::new().cancellation(&cancellation);
/// cancellation.cancel(); // for instance on another thread, with a clone
/// # let _ = options;
/// assert!(cancellation.is_cancelled());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Cancellation {
    cancelled: Arc<AtomicBool>,
}

impl Cancellation {
    /// Creates a cancellation that is not cancelled.
    pub fn new() -> Self {
        Cancellation::default()
    }

    /// Ends every call that uses this cancellation, within 100 ms, with
    /// [`Cancelled`](crate::ErrorCode::Cancelled). Never blocks. Does nothing if called again.
    pub fn cancel(&self) {
        // Release: a thread that sees the flag also sees what the cancelling thread did before.
        self.cancelled.store(true, Ordering::Release);
    }

    /// Returns whether [`cancel`](Self::cancel) was called.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_are_cancelled_together_and_for_good() {
        let (cancellation, other) = (Cancellation::new(), Cancellation::new());
        let clone = cancellation.clone();
        assert!(!clone.is_cancelled());
        cancellation.cancel();
        cancellation.cancel();
        assert!(clone.is_cancelled() && !other.is_cancelled());
    }
}
