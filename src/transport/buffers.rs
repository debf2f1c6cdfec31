//! The bytes of a connection on their way in and out.

use ureq::unversioned::transport::Buffers;
use zeroize::Zeroize;

use super::{failure, veil};

/// Enough for a request and for the head of an answer; more comes in pieces.
const SIZE: usize = 16 * 1024;

/// With less free space than this, output is sent before more is added.
const LEAST_FREE_OUTPUT: usize = 4 * 1024;

/// Input and output of one connection, both bounded.
#[derive(Debug)]
pub(super) struct IoBuffers {
    input: Box<[u8]>,
    /// Received and not yet read: `input[start..end]`.
    start: usize,
    end: usize,
    output: Box<[u8]>,
    /// Held back until it is sent: `output[..held]`.
    held: usize,
    /// Whether the reader made something of the input it was last shown.
    progress: bool,
}

impl Default for IoBuffers {
    fn default() -> Self {
        IoBuffers {
            input: vec![0; SIZE].into_boxed_slice(),
            start: 0,
            end: 0,
            output: vec![0; SIZE].into_boxed_slice(),
            held: 0,
            progress: false,
        }
    }
}

impl IoBuffers {
    /// Keeps the first `amount` bytes of what `output()` showed, with what was veiled in them.
    pub(super) fn hold_output(&mut self, amount: usize) {
        let end = self.held + amount;
        veil::lift(&mut self.output[self.held..end]);
        self.held = end;
    }

    /// The reader wants more before it makes something of a buffer that is full: a line without
    /// an end.
    pub(super) fn check_room_for_input(&self) -> Result<(), ureq::Error> {
        match self.end - self.start < SIZE {
            true => Ok(()),
            false => Err(ureq::Error::BodyStalled),
        }
    }

    /// Notes what was received: whether it was anything. Nothing is the other side's end, which
    /// is no end in the middle of something.
    pub(super) fn received(&mut self, amount: usize) -> Result<bool, ureq::Error> {
        if amount == 0 && self.start < self.end {
            return Err(failure::cut_off());
        }
        self.input_appended(amount);
        Ok(amount > 0)
    }

    pub(super) fn output_is_full(&self) -> bool {
        self.output.len() - self.held < LEAST_FREE_OUTPUT
    }

    pub(super) fn pending_output(&self) -> &[u8] {
        &self.output[..self.held]
    }

    pub(super) fn output_sent(&mut self) {
        self.held = 0;
    }
}

impl Drop for IoBuffers {
    /// Requests were signed, and asked a proxy with a password.
    fn drop(&mut self) {
        self.output.zeroize();
    }
}

impl Buffers for IoBuffers {
    fn output(&mut self) -> &mut [u8] {
        &mut self.output[self.held..]
    }

    fn input(&self) -> &[u8] {
        &self.input[self.start..self.end]
    }

    /// Where to receive to. Never empty while a reader makes progress; a reader that wants to
    /// see more than the whole buffer at once is shown no more, and gives up.
    fn input_append_buf(&mut self) -> &mut [u8] {
        if self.start > 0 {
            self.input.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        &mut self.input[self.end..]
    }

    fn input_appended(&mut self, amount: usize) {
        self.end += amount;
    }

    fn input_consume(&mut self, amount: usize) {
        self.progress = amount > 0;
        self.start += amount;
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
    }

    fn tmp_and_output(&mut self) -> (&mut [u8], &mut [u8]) {
        (&mut self.input[self.end..], &mut self.output[self.held..])
    }

    fn can_use_input(&self) -> bool {
        self.start < self.end && self.progress
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receive(buffers: &mut IoBuffers, bytes: &[u8]) {
        buffers.input_append_buf()[..bytes.len()].copy_from_slice(bytes);
        buffers.input_appended(bytes.len());
    }

    #[test]
    fn input_is_read_in_order_and_space_comes_back() {
        let mut buffers = IoBuffers::default();
        receive(&mut buffers, b"abc");
        buffers.input_consume(1);
        assert!(buffers.can_use_input());
        receive(&mut buffers, b"de");
        assert_eq!(buffers.input(), b"bcde");
        buffers.input_consume(0);
        assert!(!buffers.can_use_input());
        buffers.input_consume(4);
        assert!(buffers.input().is_empty());
        assert_eq!(buffers.input_append_buf().len(), SIZE);
    }

    #[test]
    fn output_is_held_together_until_sent() {
        let mut buffers = IoBuffers::default();
        buffers.output()[..4].copy_from_slice(b"head");
        buffers.hold_output(4);
        buffers.output()[..4].copy_from_slice(b"body");
        buffers.hold_output(4);
        assert_eq!(buffers.pending_output(), b"headbody");
        assert!(!buffers.output_is_full());
        buffers.hold_output(SIZE - LEAST_FREE_OUTPUT);
        assert!(buffers.output_is_full());
        buffers.output_sent();
        assert!(buffers.pending_output().is_empty());
    }
}
