//! Keeps the signature out of ureq-proto's log lines, which quote every byte sent at level trace. ureq
//! receives asterisks, which are replaced with the signature after the bytes left ureq.

use std::cell::Cell;
use std::mem::{self, ManuallyDrop};

use http::{HeaderMap, HeaderName, HeaderValue};
use log::LevelFilter;

/// The header whose value ureq received as asterisks.
struct Redacted {
    name: HeaderName,
    value: HeaderValue,
}

thread_local! {
    // Without a destructor, as in `current_call`; `Guard` empties it.
    static REDACTED: Cell<ManuallyDrop<Option<Redacted>>> =
        const { Cell::new(ManuallyDrop::new(None)) };
}

/// Drops the header when dropped, and restores that of the call around this one.
pub(super) struct Guard {
    around: Option<Redacted>,
}

impl Drop for Guard {
    fn drop(&mut self) {
        set(self.around.take());
    }
}

/// Replaces the value that is marked as sensitive, if the `log` crate has a listener that could
/// show it.
pub(super) fn redact(headers: &mut HeaderMap) -> Option<Guard> {
    if log::max_level() < LevelFilter::Trace {
        return None;
    }
    let (name, value) = headers.iter_mut().find(|(_, value)| value.is_sensitive())?;
    let asterisks = HeaderValue::from_bytes(&vec![b'*'; value.len()]).ok()?;
    let around = take();
    set(Some(Redacted {
        name: name.clone(),
        value: mem::replace(value, asterisks),
    }));
    Some(Guard { around })
}

/// Puts the value back, if its header is among these bytes.
pub(super) fn restore(output: &mut [u8]) {
    let Some(redacted) = take() else { return };
    let asterisks = vec![b'*'; redacted.value.len()];
    let header = [redacted.name.as_str().as_bytes(), b": ", &asterisks].concat();
    match output
        .windows(header.len())
        .position(|bytes| bytes == header)
    {
        Some(start) => {
            let end = start + header.len();
            output[end - redacted.value.len()..end].copy_from_slice(redacted.value.as_bytes());
        }
        None => set(Some(redacted)),
    }
}

fn take() -> Option<Redacted> {
    ManuallyDrop::into_inner(REDACTED.replace(ManuallyDrop::new(None)))
}

fn set(redacted: Option<Redacted>) {
    drop(ManuallyDrop::into_inner(
        REDACTED.replace(ManuallyDrop::new(redacted)),
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_is_restored_once_and_only_in_its_header() {
        set(Some(Redacted {
            name: HeaderName::from_static("x-b"),
            value: HeaderValue::from_static("key"),
        }));
        let mut before = *b"POST / HTTP/1.1\r\nx-a: ***\r\n";
        restore(&mut before);
        assert_eq!(before, *b"POST / HTTP/1.1\r\nx-a: ***\r\n");
        let mut its_own = *b"x-a: ***\r\nx-b: ***\r\n\r\n";
        restore(&mut its_own);
        assert_eq!(its_own, *b"x-a: ***\r\nx-b: key\r\n\r\n");
        let mut again = *b"x-b: ***\r\n";
        restore(&mut again);
        assert_eq!(again, *b"x-b: ***\r\n");
    }
}
