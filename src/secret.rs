//! A key that is wiped from memory when dropped and shown by nothing.

use std::fmt;

use zeroize::{Zeroize, Zeroizing};

/// The bytes of an access key secret.
#[derive(Clone)]
pub(crate) struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        Secret(Zeroizing::new(bytes.to_vec()))
    }

    pub(crate) fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}

/// Overwrites what functions that have returned left on the stack. To be called by their caller.
#[inline(never)]
pub(crate) fn wipe_stack() {
    const DEPTH: usize = 8 * 1024;
    [0_u8; DEPTH].zeroize();
}
