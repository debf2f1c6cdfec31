//! The modes. What a client is to make of each is in tests/hostile.table.

mod connection;
mod content;
mod framing;
mod tls;

use std::io;
use std::thread;
use std::time::Duration;

use super::wire::{ANOTHERS, Wire, status_of, with_length};
use super::{Act, Mode, Moment};

const DRIP: Duration = Duration::from_millis(150);
const AT_ONCE: Duration = Duration::ZERO;

/// The largest body that a client has to take.
const LIMIT: usize = 64 * 1024;

/// The most that an answer's head may have.
const HEAD_LIMIT: usize = 8 * 1024;

/// A body that is cut before its end here and there.
const HALF: &[u8] = b"{\"isInHelp\":true,\"helpTy";

/// The names of all modes.
pub fn names() -> Vec<&'static str> {
    modes().iter().map(|mode| mode.name).collect()
}

pub(super) fn modes() -> Vec<Mode> {
    let mut modes = Modes(Vec::new());
    modes.closes_and_resets();
    modes.never_ends();
    modes.heads();
    modes.interim_answers();
    modes.lengths();
    modes.chunks();
    modes.ends_with_the_connection();
    modes.unasked_answers();
    modes.statuses();
    modes.sizes();
    modes.json();
    modes.echoes();
    modes.encodings();
    modes.tls();
    modes.0
}

struct Modes(Vec<Mode>);

impl Modes {
    fn add(&mut self, name: &'static str, act: Box<Act>, is_tls: bool, moment: Moment) {
        self.0.push(Mode {
            name,
            is_tls,
            moment,
            act,
        });
    }

    /// Does this when it is asked.
    fn when_asked<F>(&mut self, name: &'static str, act: F)
    where
        F: Fn(&mut Wire) -> io::Result<()> + Send + Sync + 'static,
    {
        self.add(name, Box::new(act), false, Moment::Asked);
    }

    /// Does this before it has read anything.
    fn when_accepted<F>(&mut self, name: &'static str, act: F)
    where
        F: Fn(&mut Wire) -> io::Result<()> + Send + Sync + 'static,
    {
        self.add(name, Box::new(act), false, Moment::Accepted);
    }

    /// Does this when it is asked over TLS.
    fn over_tls<F>(&mut self, name: &'static str, act: F)
    where
        F: Fn(&mut Wire) -> io::Result<()> + Send + Sync + 'static,
    {
        self.add(name, Box::new(act), true, Moment::Asked);
    }

    /// Does this where TLS should begin.
    fn instead_of_tls<F>(&mut self, name: &'static str, act: F)
    where
        F: Fn(&mut Wire) -> io::Result<()> + Send + Sync + 'static,
    {
        self.add(name, Box::new(act), true, Moment::Accepted);
    }

    /// Answers this; the connection must not be used again.
    fn says(&mut self, name: &'static str, bytes: impl Into<Vec<u8>>) {
        let bytes = bytes.into();
        self.when_asked(name, move |wire| {
            wire.spoil();
            wire.send(&bytes)
        });
    }

    /// Answers this; the connection may be used again.
    fn says_and_stays(&mut self, name: &'static str, bytes: impl Into<Vec<u8>>) {
        let bytes = bytes.into();
        self.when_asked(name, move |wire| wire.send(&bytes));
    }

    /// Answers this and closes.
    fn says_and_closes(&mut self, name: &'static str, bytes: impl Into<Vec<u8>>) {
        let bytes = bytes.into();
        self.when_asked(name, move |wire| {
            wire.send(&bytes)?;
            wire.close()
        });
    }

    /// Answers this and resets the connection.
    fn says_and_resets(&mut self, name: &'static str, bytes: impl Into<Vec<u8>>) {
        let bytes = bytes.into();
        self.when_asked(name, move |wire| {
            wire.send(&bytes)?;
            wire.reset()
        });
    }

    /// Answers the first bytes, and the second over and over.
    fn repeats(
        &mut self,
        name: &'static str,
        first: impl Into<Vec<u8>>,
        again: impl Into<Vec<u8>>,
        pause: Duration,
    ) {
        let (first, again) = (first.into(), again.into());
        self.when_asked(name, move |wire| {
            wire.spoil();
            wire.send(&first)?;
            wire.send_endlessly(&again, pause)
        });
    }

    /// Answers 200 with a head of these lines, and the right body; the connection must not be
    /// used again.
    fn says_right_with(&mut self, name: &'static str, lines: &'static str) {
        self.when_asked(name, move |wire| {
            let answer = format!("HTTP/1.1 200 OK\r\n{lines}\r\n{}", wire.right_body());
            wire.spoil();
            wire.send(answer.as_bytes())
        });
    }

    /// Answers right, after these bytes.
    fn says_right_after(&mut self, name: &'static str, before: impl Into<Vec<u8>>) {
        let before = before.into();
        self.when_asked(name, move |wire| {
            wire.send(&before)?;
            wire.answer()
        });
    }

    /// Answers 200 in the proper way with this body.
    fn body(&mut self, name: &'static str, body: impl Into<Vec<u8>>) {
        let body = body.into();
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
        self.says_and_stays(name, [head.into_bytes(), body].concat());
    }
}
