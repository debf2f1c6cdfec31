//! The input and output buffers of a connection.

use ureq::unversioned::transport::Buffers;
use zeroize::Zeroize;

use super::redact;

/// Enough for a request and for the header of a response; anything longer is read in pieces.
const SIZE: usize = 16 * 1024;

/// If less space than this is free, output is sent before more is added.
const LEAST_FREE_OUTPUT: usize = 4 * 1024;

/// The most that is read for one request, whatever it is made of: interim responses, chunk sizes
/// and trailers have no limit of their own. Twice the largest body.
const MAX_RECEIVED: u64 = 2 * 1024 * 1024;

/// Input and output of one connection, both bounded.
#[derive(Debug)]
pub(super) struct IoBuffers {
    input: Box<[u8]>,
    /// Received and not yet read: `input[start..end]`.
    start: usize,
    end: usize,
    output: Box<[u8]>,
    /// Not yet sent: `output[..held]`.
    held: usize,
    /// Whether the reader consumed some of the input it was last given.
    progress: bool,
    /// Whether the next input is the header of a response.
    awaiting_header: bool,
    /// Bytes received since the request began.
    received: u64,
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
            awaiting_header: true,
            received: 0,
        }
    }
}

impl IoBuffers {
    /// Starts a request: bytes received from now on are its response.
    pub(super) fn begin_request(&mut self) {
        self.awaiting_header = true;
        self.received = 0;
    }

    /// Holds back the first `amount` bytes of `output()`, with the signature restored.
    pub(super) fn hold_output(&mut self, amount: usize) {
        let end = self.held + amount;
        redact::restore(&mut self.output[self.held..end]);
        self.held = end;
    }

    /// Fails if the reader needs more input and the buffer is full: a line without an end.
    pub(super) fn check_room_for_input(&self) -> Result<(), ureq::Error> {
        match self.end - self.start < SIZE {
            true => Ok(()),
            false => Err(ureq::Error::BodyStalled),
        }
    }

    /// Adds `amount` received bytes to the input.
    pub(super) fn received(&mut self, amount: usize) -> Result<(), ureq::Error> {
        self.received += amount as u64;
        if self.received > MAX_RECEIVED {
            return Err(ureq::Error::BodyExceedsLimit(MAX_RECEIVED));
        }
        self.input_appended(amount);
        self.skip_continue();
        Ok(())
    }

    /// Drops the headers of a `100 Continue`, which ureq-proto rejects if it has any.
    fn skip_continue(&mut self) {
        while self.awaiting_header && status_digits(self.input()) == Some(*b"100") {
            let mut headers = [httparse::EMPTY_HEADER; 64];
            let mut response = httparse::Response::new(&mut headers);
            match response.parse(self.input()) {
                Ok(httparse::Status::Complete(length)) if !response.headers.is_empty() => {
                    self.consume(length);
                }
                _ => return,
            }
        }
    }

    fn consume(&mut self, amount: usize) {
        self.start += amount;
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
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

/// The three digits of the status in a response's first line.
fn status_digits(header: &[u8]) -> Option<[u8; 3]> {
    header.get(9..12)?.try_into().ok()
}

/// Whether another response follows the one with this header.
fn is_interim(header: &[u8]) -> bool {
    status_digits(header).is_some_and(|digits| digits[0] == b'1' && digits != *b"101")
}

impl Drop for IoBuffers {
    /// Wipes the buffers: requests are signed.
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

    /// The free space of the input. Never empty while the reader makes progress.
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
        if self.progress && self.awaiting_header {
            self.awaiting_header = is_interim(self.input());
        }
        self.consume(amount);
        self.skip_continue();
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
    fn input_is_read_in_order_and_its_space_is_reused() {
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
    fn a_continue_with_headers_is_skipped_only_before_the_response() {
        let mut buffers = IoBuffers::default();
        let interim = b"HTTP/1.1 103 Early\r\nA: b\r\n\r\n";
        let response = b"HTTP/1.1 200 OK\r\n\r\n";
        let skipped = b"HTTP/1.1 100 Continue\r\nA: b\r\n\r\n";
        let all = [&skipped[..], skipped, interim, skipped, response, skipped].concat();
        for byte in &all[..10] {
            buffers.input_append_buf()[0] = *byte;
            buffers.received(1).unwrap();
        }
        let rest = &all[10..];
        buffers.input_append_buf()[..rest.len()].copy_from_slice(rest);
        buffers.received(rest.len()).unwrap();
        assert!(buffers.input().starts_with(interim));
        buffers.input_consume(interim.len());
        assert!(buffers.input().starts_with(response));
        buffers.input_consume(response.len());
        assert_eq!(buffers.input(), skipped, "these are a body's bytes");
    }

    #[test]
    fn input_for_one_request_is_bounded() {
        let mut buffers = IoBuffers::default();
        let mut received = 0;
        while buffers.received(SIZE).is_ok() {
            buffers.input_consume(SIZE);
            received += SIZE as u64;
        }
        assert_eq!(received, MAX_RECEIVED);
        buffers.begin_request();
        buffers.received(SIZE).unwrap();
    }

    #[test]
    fn output_is_held_back_until_sent() {
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
