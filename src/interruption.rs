//! What can end a call before its deadline: cancellations, and the caller's interrupt callback.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crate::cancellation::Cancellation;

/// The longest single wait of a call that can be cancelled. Such a call ends within 100 ms of the
/// cancel: this wait, up to 10 ms that the kernel adds to a timeout, and returning to the caller.
const CANCELLATION_SLICE: Duration = Duration::from_millis(60);

/// How often the interrupt callback runs while a call waits.
const INTERRUPT_SLICE: Duration = Duration::from_millis(100);

/// The caller's interrupt callback. True cancels the call.
#[derive(Clone)]
pub(crate) struct Interrupt(pub(crate) Arc<dyn Fn() -> bool + Send + Sync>);

impl fmt::Debug for Interrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Interrupt")
    }
}

/// The call was cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cancelled;

/// What can end one call early.
#[derive(Debug)]
pub(crate) struct Interruption {
    of_caller: Option<Cancellation>,
    of_queue: Option<Cancellation>,
    interrupt: Option<Interrupt>,
    /// The interrupt callback returned true. It is not called again.
    interrupted: Cell<bool>,
    /// When the interrupt callback ran last; at first, when the call began.
    last_run: Cell<Instant>,
}

impl Interruption {
    /// Returns `None` if nothing can end the call early, which then costs nothing.
    pub(crate) fn new(
        of_caller: Option<&Cancellation>,
        of_queue: Option<&Cancellation>,
        interrupt: Option<&Interrupt>,
    ) -> Option<Rc<Self>> {
        if of_caller.is_none() && of_queue.is_none() && interrupt.is_none() {
            return None;
        }
        Some(Rc::new(Interruption {
            of_caller: of_caller.cloned(),
            of_queue: of_queue.cloned(),
            interrupt: interrupt.cloned(),
            interrupted: Cell::new(false),
            last_run: Cell::new(Instant::now()),
        }))
    }

    /// Fails if the call was cancelled. Reads flags only.
    pub(crate) fn check(&self) -> Result<(), Cancelled> {
        let is_cancelled =
            |source: &Option<Cancellation>| source.as_ref().is_some_and(Cancellation::is_cancelled);
        match self.interrupted.get()
            || is_cancelled(&self.of_caller)
            || is_cancelled(&self.of_queue)
        {
            true => Err(Cancelled),
            false => Ok(()),
        }
    }

    /// Runs the interrupt callback, after a wait that ended with a signal or with its slice.
    pub(crate) fn wait_ended(&self) {
        if let Some(Interrupt(callback)) = &self.interrupt
            && !self.interrupted.get()
        {
            self.interrupted.set(callback());
            self.last_run.set(Instant::now());
        }
    }

    /// Runs the interrupt callback if it is due. A peer that sends a byte now and then ends each
    /// wait before its slice, and would keep the callback from running.
    pub(crate) fn wait_begins(&self) {
        if self.interrupt.is_some() && self.last_run.get().elapsed() >= INTERRUPT_SLICE {
            self.wait_ended();
        }
    }

    /// The longest single wait.
    pub(crate) fn slice(&self) -> Duration {
        if self.is_cancellable() {
            CANCELLATION_SLICE
        } else {
            INTERRUPT_SLICE
        }
    }

    /// Sleeps, unless the call is cancelled meanwhile.
    pub(crate) fn sleep(&self, pause: Duration) -> Result<(), Cancelled> {
        let end = Instant::now() + pause;
        loop {
            self.check()?;
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            thread::sleep(left.min(self.slice()));
            self.wait_ended();
        }
    }

    fn is_cancellable(&self) -> bool {
        self.of_caller.is_some() || self.of_queue.is_some()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn a_call_that_nothing_can_end_early_has_none() {
        assert!(Interruption::new(None, None, None).is_none());
    }

    #[test]
    fn either_cancellation_ends_the_call() {
        let (caller, queue) = (Cancellation::new(), Cancellation::new());
        for cancel in [&caller, &queue] {
            let interruption = Interruption::new(Some(&caller), Some(&queue), None).unwrap();
            assert_eq!(interruption.check().is_err(), caller.is_cancelled());
            cancel.cancel();
            assert_eq!(interruption.check(), Err(Cancelled));
            assert_eq!(interruption.sleep(Duration::from_secs(10)), Err(Cancelled));
        }
    }

    #[test]
    fn the_interrupt_callback_is_not_called_again_once_it_returned_true() {
        let calls = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&calls);
        let interrupt = Interrupt(Arc::new(move || {
            counted.fetch_add(1, Ordering::Relaxed) == 1
        }));
        let interruption = Interruption::new(None, None, Some(&interrupt)).unwrap();
        interruption.wait_ended();
        assert_eq!(interruption.check(), Ok(()));
        assert_eq!(interruption.sleep(Duration::from_secs(10)), Err(Cancelled));
        interruption.wait_ended();
        assert_eq!(calls.load(Ordering::Relaxed), 2);
    }
}
