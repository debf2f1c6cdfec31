//! The panic guard: turns a panic of this library into an error.

use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use crate::error::{Error, ErrorCode};

thread_local! {
    /// Whether this thread runs code of the library.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Runs `body`; a panic becomes an error of code [`ErrorCode::Internal`].
pub(crate) fn catch<T>(body: impl FnOnce() -> T) -> Result<T, Error> {
    keep_panics_quiet();
    let outside = INSIDE.replace(true);
    // A panic leaves nothing half-changed that is used again: a call changes only the pool,
    // whose locks no panicking code holds, and the settings' setters assign one field.
    let outcome = panic::catch_unwind(AssertUnwindSafe(body));
    INSIDE.set(outside);
    outcome.map_err(|panic| {
        Error::new(
            ErrorCode::Internal,
            format!(
                "a bug in diyalog {}: {}; please report it",
                env!("CARGO_PKG_VERSION"),
                panic_message(&*panic)
            ),
        )
    })
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a message")
}

/// Silences the panic hook inside the library: it writes to stderr, which belongs to the program. The
/// previous hook still runs for panics outside of the library.
fn keep_panics_quiet() {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !INSIDE.get() {
                before(info);
            }
        }));
    });
}
