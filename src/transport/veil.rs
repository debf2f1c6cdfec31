//! Keeps a request's signature out of the logs of the libraries below.
//!
//! At level trace, ureq-proto gives every byte that it writes to the `log` crate, and cannot be
//! told not to. So where somebody listens at that level, ureq is shown asterisks in place of a
//! value that is marked as sensitive, and the value takes their place when the bytes have left
//! ureq. The answer's bytes it logs too: those this library cannot hide.

use std::cell::Cell;
use std::mem::{self, ManuallyDrop};

use http::{HeaderMap, HeaderName, HeaderValue};
use log::LevelFilter;

/// What asterisks stand for in the request under way on this thread.
struct Veiled {
    name: HeaderName,
    value: HeaderValue,
}

thread_local! {
    // Never dropped by itself, as in `call`; `Veil` empties it.
    static VEILED: Cell<ManuallyDrop<Option<Veiled>>> =
        const { Cell::new(ManuallyDrop::new(None)) };
}

/// Forgets the value when dropped.
pub(super) struct Veil(());

impl Drop for Veil {
    fn drop(&mut self) {
        set(None);
    }
}

/// Veils the value that is marked as sensitive, where logs could show it.
pub(super) fn draw(headers: &mut HeaderMap) -> Option<Veil> {
    if log::max_level() < LevelFilter::Trace {
        return None;
    }
    let (name, value) = headers.iter_mut().find(|(_, value)| value.is_sensitive())?;
    let asterisks = HeaderValue::from_bytes(&vec![b'*'; value.len()]).ok()?;
    set(Some(Veiled {
        name: name.clone(),
        value: mem::replace(value, asterisks),
    }));
    Some(Veil(()))
}

/// Puts the value in its place, if that is among these bytes.
pub(super) fn lift(output: &mut [u8]) {
    let Some(veiled) = take() else { return };
    let veil = [
        veiled.name.as_str().as_bytes(),
        b": ",
        &vec![b'*'; veiled.value.len()],
    ]
    .concat();
    match output.windows(veil.len()).position(|bytes| bytes == veil) {
        Some(start) => {
            let end = start + veil.len();
            output[end - veiled.value.len()..end].copy_from_slice(veiled.value.as_bytes());
        }
        None => set(Some(veiled)),
    }
}

fn take() -> Option<Veiled> {
    ManuallyDrop::into_inner(VEILED.replace(ManuallyDrop::new(None)))
}

fn set(veiled: Option<Veiled>) {
    drop(ManuallyDrop::into_inner(
        VEILED.replace(ManuallyDrop::new(veiled)),
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_place_is_taken() {
        set(Some(Veiled {
            name: HeaderName::from_static("x-b"),
            value: HeaderValue::from_static("key"),
        }));
        let mut before = *b"POST / HTTP/1.1\r\nx-a: ***\r\n";
        lift(&mut before);
        assert_eq!(before, *b"POST / HTTP/1.1\r\nx-a: ***\r\n");
        let mut its_own = *b"x-a: ***\r\nx-b: ***\r\n\r\n";
        lift(&mut its_own);
        assert_eq!(its_own, *b"x-a: ***\r\nx-b: key\r\n\r\n");
        let mut again = *b"x-b: ***\r\n";
        lift(&mut again);
        assert_eq!(again, *b"x-b: ***\r\n");
    }
}
