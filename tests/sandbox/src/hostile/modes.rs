//! The modes. What a client is to make of each is in tests/hostile.table.

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

    fn closes_and_resets(&mut self) {
        self.when_accepted("closes-when-accepted", Wire::close);
        self.when_accepted("resets-when-accepted", Wire::reset);
        self.says_and_closes("closes-before-the-answer", "");
        self.says_and_resets("resets-before-the-answer", "");
        self.says_and_closes("closes-in-the-status-line", "HTTP/1.1 20");
        self.says_and_closes("closes-in-the-head", "HTTP/1.1 200 OK\r\nContent-Le");
        self.says_and_closes("closes-at-the-end-of-a-line", "HTTP/1.1 200 OK\r\n");
        self.says_and_resets("resets-in-the-head", "HTTP/1.1 200 OK\r\nContent-Le");
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 70\r\n\r\n".as_slice();
        self.says_and_closes("closes-after-the-head", head);
        self.says_and_closes("closes-in-the-body", [head, HALF].concat());
        self.says_and_resets("resets-after-the-head", head);
        self.says_and_resets("resets-in-the-body", [head, HALF].concat());
        self.says_and_closes(
            "closes-in-the-body-of-an-error",
            "HTTP/1.1 503 Busy\r\nContent-Length: 70\r\n\r\nbu",
        );
    }

    fn never_ends(&mut self) {
        self.says("is-silent", "");
        self.says("is-silent-in-the-head", "HTTP/1.1 200 OK\r\nContent-Le");
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 70\r\n\r\n";
        self.says("is-silent-in-the-body", format!("{head}{{"));
        self.repeats("drips-the-head", "HTTP/1.1 200 OK\r\nX-Slow: ", "x", DRIP);
        self.repeats("drips-the-body", head, " ", DRIP);
        self.repeats(
            "drips-chunks",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            "1\r\n \r\n",
            DRIP,
        );
        let filling = " ".repeat(1024);
        self.repeats(
            "endless-body-with-length",
            "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n",
            filling.clone(),
            AT_ONCE,
        );
        self.repeats(
            "endless-body-without-length",
            "HTTP/1.1 200 OK\r\n\r\n",
            filling.clone(),
            AT_ONCE,
        );
        self.repeats(
            "endless-body-of-an-error",
            "HTTP/1.1 500 No\r\n\r\n",
            filling,
            AT_ONCE,
        );
        self.repeats(
            "endless-headers",
            "HTTP/1.1 200 OK\r\n",
            "X-More: xxxxxxxxxxxxxxxx\r\n",
            AT_ONCE,
        );
        let line = "x".repeat(1024);
        self.repeats(
            "header-line-without-end",
            "HTTP/1.1 200 OK\r\nX-Long: ",
            line.clone(),
            AT_ONCE,
        );
        self.repeats(
            "header-name-without-end",
            "HTTP/1.1 200 OK\r\n",
            line.clone(),
            AT_ONCE,
        );
        self.repeats("status-line-without-end", "HTTP/1.1 200 ", line, AT_ONCE);
        self.repeats("endless-empty-lines", "", "\r\n", AT_ONCE);
    }

    fn heads(&mut self) {
        for (name, head) in [
            ("status-line-is-garbage", "\x07\x08 no HTTP at all\r\n\r\n"),
            ("status-is-no-number", "HTTP/1.1 OK OK\r\n\r\n"),
            ("status-of-two-digits", "HTTP/1.1 20 OK\r\n\r\n"),
            ("status-of-four-digits", "HTTP/1.1 2000 OK\r\n\r\n"),
            ("status-000", "HTTP/1.1 000 OK\r\n\r\n"),
            ("status-099", "HTTP/1.1 099 OK\r\n\r\n"),
            ("version-2-in-text", "HTTP/2.0 200 OK\r\n\r\n"),
            ("version-1-2", "HTTP/1.2 200 OK\r\n\r\n"),
            ("another-protocol", "ICY 200 OK\r\n\r\n"),
            ("protocol-in-lower-case", "http/1.1 200 OK\r\n\r\n"),
            ("an-ssh-server", "SSH-2.0-OpenSSH_9.2\r\n"),
            ("a-mail-server", "220 mail.example ESMTP\r\n"),
            ("http-2-preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
            ("http-0-9", r#"{"isInHelp":true,"staffId":"x"}"#),
            ("header-without-colon", "HTTP/1.1 200 OK\r\nX-Odd\r\n\r\n"),
            ("header-without-name", "HTTP/1.1 200 OK\r\n: x\r\n\r\n"),
            (
                "header-with-space-in-name",
                "HTTP/1.1 200 OK\r\nX Odd: x\r\n\r\n",
            ),
            (
                "header-with-space-before-colon",
                "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\n{}",
            ),
            ("header-with-nul", "HTTP/1.1 200 OK\r\nX-Odd: a\0b\r\n\r\n"),
            (
                "header-with-bare-return",
                "HTTP/1.1 200 OK\r\nX-Odd: a\rb\r\n\r\n",
            ),
            (
                "header-folded",
                "HTTP/1.1 200 OK\r\nX-Odd: a\r\n b: c\r\n\r\n",
            ),
        ] {
            self.says(name, head);
        }
        self.says(
            "http-2-settings",
            *b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x80\0\x04\0\x01\0\0\0\x05\0\xff\xff\xff",
        );
        self.says("tls-alert-on-a-plain-port", *b"\x15\x03\x01\0\x02\x02\x46");
        let many = "X-More: x\r\n".repeat(200);
        self.says("200-headers", format!("HTTP/1.1 200 OK\r\n{many}\r\n"));
        for (name, size) in [
            ("largest-head", HEAD_LIMIT),
            ("head-too-large", HEAD_LIMIT + 1),
        ] {
            self.when_asked(name, move |wire| {
                let body = wire.right_body();
                let length = body.len();
                let start = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nX-Long: ");
                let filling = "x".repeat(size - start.len() - "\r\n\r\n".len());
                wire.send(format!("{start}{filling}\r\n\r\n{body}").as_bytes())
            });
        }
        self.when_asked("head-byte-by-byte", |wire| {
            let body = wire.right_body();
            let answer = with_length(&body);
            answer.chunks(1).try_for_each(|byte| wire.send(byte))
        });
        self.when_asked("line-feeds-alone", |wire| {
            let body = wire.right_body();
            let length = body.len();
            let answer = format!("HTTP/1.1 200 OK\nContent-Length: {length}\n\n{body}");
            wire.send(answer.as_bytes())
        });
        self.when_asked("no-reason-phrase", |wire| {
            let body = wire.right_body();
            let length = body.len();
            let answer = format!("HTTP/1.1 200\r\nContent-Length: {length}\r\n\r\n{body}");
            wire.send(answer.as_bytes())
        });
        self.says_right_after("empty-lines-before-the-answer", "\r\n\r\n");
    }

    fn interim_answers(&mut self) {
        let early_hints = "HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n";
        self.says_right_after("interim-100", "HTTP/1.1 100 Continue\r\n\r\n");
        self.says_right_after("interim-102", "HTTP/1.1 102 Processing\r\n\r\n");
        self.says_right_after("interim-103", early_hints);
        self.says_right_after("interim-199", "HTTP/1.1 199 New\r\n\r\n");
        self.says_right_after(
            "interim-with-length",
            "HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\n\r\n",
        );
        self.says_right_after(
            "interim-100-with-headers",
            "HTTP/1.1 100 Continue\r\nDate: now\r\n\r\n",
        );
        let all = early_hints.repeat(300);
        self.says_right_after("interim-several", early_hints.repeat(20));
        self.says_right_after("interim-more-than-a-head", all);
        self.when_asked("interim-one-by-one", |wire| {
            for _ in 0..5 {
                wire.send(b"HTTP/1.1 103 Early Hints\r\n")?;
                thread::sleep(Duration::from_millis(10));
                wire.send(b"\r\n")?;
            }
            wire.answer()
        });
        let pause = Duration::from_millis(1);
        self.repeats("interim-endless", "", early_hints, pause);
        self.says("interim-and-silence", early_hints);
        self.says_and_closes("interim-and-the-end", early_hints);
        self.says(
            "interim-101",
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
        );
    }

    fn lengths(&mut self) {
        for (name, value) in [
            ("length-negative", "-70"),
            ("length-signed", "+70"),
            ("length-no-number", "many"),
            ("length-hexadecimal", "0x46"),
            ("length-with-space", "7 0"),
            ("length-empty", ""),
            ("length-list-different", "70, 71"),
            ("length-overflow", "18446744073709551616"),
        ] {
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {value}\r\n\r\n");
            self.says(name, head + &status_of(ANOTHERS));
        }
        self.says_right_with(
            "two-lengths-different",
            "Content-Length: 5\r\nContent-Length: 70\r\n",
        );
        self.says_right_with(
            "length-and-chunked",
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        );
        self.when_asked("length-and-good-chunks", |wire| {
            let body = wire.right_body();
            wire.spoil();
            wire.send(
                format!(
                    "HTTP/1.1 200 OK\r\nContent-Length: {0}\r\nTransfer-Encoding: chunked\r\n\r\n{0:x}\r\n{body}\r\n0\r\n\r\n",
                    body.len()
                )
                .as_bytes(),
            )
        });
        self.when_asked("two-lengths-the-same", |wire| {
            let body = wire.right_body();
            wire.send(
                format!(
                    "HTTP/1.1 200 OK\r\nContent-Length: {0}\r\nContent-Length: {0}\r\n\r\n{body}",
                    body.len()
                )
                .as_bytes(),
            )
        });
        self.when_asked("body-longer-than-its-length", |wire| {
            let answer = [with_length(&wire.right_body()), b"and more".to_vec()].concat();
            wire.spoil();
            wire.send(&answer)
        });
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n";
        self.says("body-cut-by-its-length", head.to_owned() + &status_of("x"));
        self.says(
            "length-far-too-large",
            "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n{",
        );
    }

    fn chunks(&mut self) {
        const HEAD: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        for (name, body) in [
            ("chunk-size-no-number", "zz\r\n{}\r\n0\r\n\r\n"),
            ("chunk-size-empty", "\r\n{}\r\n0\r\n\r\n"),
            ("chunk-size-negative", "-2\r\n{}\r\n0\r\n\r\n"),
            ("chunk-size-with-0x", "0x2\r\n{}\r\n0\r\n\r\n"),
            (
                "chunk-size-overflow",
                "10000000000000002\r\n{}\r\n0\r\n\r\n",
            ),
            ("chunk-without-crlf", "2\r\n{}0\r\n\r\n"),
            ("chunk-longer-than-its-size", "1\r\n{}\r\n0\r\n\r\n"),
        ] {
            self.says(name, format!("{HEAD}{body}"));
        }
        self.says_and_closes("chunks-closed-in-a-size", format!("{HEAD}4"));
        self.says_and_closes("chunks-closed-after-a-size", format!("{HEAD}46\r\n"));
        self.says_and_closes("chunks-closed-in-a-chunk", format!("{HEAD}46\r\n{{\"isIn"));
        self.says_and_closes("chunks-closed-between", format!("{HEAD}1\r\n{{\r\n"));
        self.says_and_resets("chunks-reset-between", format!("{HEAD}1\r\n{{\r\n"));
        self.when_asked("chunks-closed-before-the-last", |wire| {
            let body = wire.right_body();
            wire.send(format!("{HEAD}{:x}\r\n{body}\r\n", body.len()).as_bytes())?;
            wire.close()
        });
        self.when_asked("chunks-reset-before-the-last", |wire| {
            let body = wire.right_body();
            wire.send(format!("{HEAD}{:x}\r\n{body}\r\n", body.len()).as_bytes())?;
            wire.reset()
        });
        self.when_asked("chunks-closed-in-the-last", |wire| {
            let body = wire.right_body();
            wire.send(format!("{HEAD}{:x}\r\n{body}\r\n0\r\n", body.len()).as_bytes())?;
            wire.close()
        });
        self.says("chunks-silent-between", format!("{HEAD}1\r\n{{\r\n"));
        let filling = " ".repeat(1024);
        self.repeats(
            "endless-chunk",
            format!("{HEAD}ffffffffffffffff\r\n"),
            filling.clone(),
            AT_ONCE,
        );
        self.repeats("endless-chunks", HEAD, "1\r\n \r\n", AT_ONCE);
        self.repeats(
            "chunk-extension-without-end",
            format!("{HEAD}2;"),
            filling.clone(),
            AT_ONCE,
        );
        self.repeats("chunk-size-without-end", HEAD, "0", AT_ONCE);
        self.repeats(
            "trailer-without-end",
            format!("{HEAD}2\r\n{{}}\r\n0\r\nX-Long: "),
            filling,
            AT_ONCE,
        );
        self.repeats(
            "endless-trailers",
            format!("{HEAD}2\r\n{{}}\r\n0\r\n"),
            "X-More: x\r\n",
            AT_ONCE,
        );
        self.when_asked("chunks-in-the-proper-way", |wire| {
            let body = wire.right_body();
            let (first, second) = body.split_at(10);
            let rest = format!(
                "{:X};a=b\r\n{second}\r\n0\r\nX-Sum: 1\r\n\r\n",
                second.len()
            );
            wire.send(format!("{HEAD}00a\r\n{first}\r\n{rest}").as_bytes())
        });
        self.when_asked("chunks-of-one-byte", |wire| {
            wire.send(HEAD.as_bytes())?;
            let body = wire.right_body();
            for byte in body.chars() {
                wire.send(format!("1\r\n{byte}\r\n").as_bytes())?;
            }
            wire.send(b"0\r\n\r\n")
        });
        for (name, coding) in [
            ("coding-gzip", "gzip"),
            ("coding-gzip-and-chunked", "gzip, chunked"),
            ("coding-chunked-twice", "chunked, chunked"),
            ("coding-chunked-and-identity", "chunked, identity"),
            ("coding-nearly-chunked", "xchunked"),
            ("coding-with-a-vertical-tab", "\x0bchunked"),
        ] {
            self.when_asked(name, move |wire| {
                let body = wire.right_body();
                let length = body.len();
                wire.spoil();
                let head = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: {coding}\r\n\r\n");
                wire.send(format!("{head}{length:x}\r\n{body}\r\n0\r\n\r\n").as_bytes())?;
                wire.close()
            });
        }
        self.when_asked("chunks-in-http-1-0", |wire| {
            let body = wire.right_body();
            let length = body.len();
            let head = "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked";
            wire.spoil();
            wire.send(format!("{head}\r\n\r\n{length:x}\r\n{body}\r\n0\r\n\r\n").as_bytes())?;
            wire.close()
        });
    }

    fn ends_with_the_connection(&mut self) {
        for (name, head) in [
            ("http-1-0", "HTTP/1.0 200 OK\r\n\r\n"),
            ("until-close", "HTTP/1.1 200 OK\r\n\r\n"),
            (
                "until-close-though-kept-alive",
                "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n\r\n",
            ),
        ] {
            self.when_asked(name, move |wire| {
                let answer = format!("{head}{}", wire.right_body());
                wire.send(answer.as_bytes())?;
                wire.close()
            });
        }
        self.when_asked("until-reset", |wire| {
            let answer = format!("HTTP/1.1 200 OK\r\n\r\n{}", wire.right_body());
            wire.send(answer.as_bytes())?;
            wire.reset()
        });
        let cut = [b"HTTP/1.1 200 OK\r\n\r\n", HALF].concat();
        self.says_and_closes("until-close-cut", cut.clone());
        self.says_and_resets("until-reset-cut", cut);
        self.when_asked("until-a-close-that-never-comes", |wire| {
            let answer = format!("HTTP/1.1 200 OK\r\n\r\n{}", wire.right_body());
            wire.spoil();
            wire.send(answer.as_bytes())
        });
        self.when_asked("says-close-and-stays", |wire| {
            let body = wire.right_body();
            let length = body.len();
            wire.spoil();
            let head =
                format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n");
            wire.send(format!("{head}\r\n{body}").as_bytes())
        });
        self.when_asked("http-1-0-with-length", |wire| {
            let body = wire.right_body();
            let length = body.len();
            wire.spoil();
            let head = format!("HTTP/1.0 200 OK\r\nContent-Length: {length}\r\n\r\n");
            wire.send(format!("{head}{body}").as_bytes())
        });
    }

    fn unasked_answers(&mut self) {
        self.when_asked("a-second-answer-at-once", |wire| {
            let second = with_length(&status_of(ANOTHERS));
            let both = [with_length(&wire.right_body()), second].concat();
            wire.spoil();
            wire.send(&both)
        });
        self.when_asked("the-end-of-a-second-answer", |wire| {
            let both = [with_length(&wire.right_body()), vec![b'}']].concat();
            wire.spoil();
            wire.send(&both)
        });
        self.when_asked("a-second-answer-behind-chunks", |wire| {
            let body = wire.right_body();
            let length = body.len();
            let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
            let first = format!("{head}{length:x}\r\n{body}\r\n0\r\n\r\n").into_bytes();
            wire.spoil();
            wire.send(&[first, with_length(&status_of(ANOTHERS))].concat())
        });
        for (name, head) in [
            ("an-answer-behind-a-204", "HTTP/1.1 204 No Content\r\n\r\n"),
            (
                "an-answer-behind-a-304",
                "HTTP/1.1 304 Not Modified\r\n\r\n",
            ),
            (
                "an-answer-in-a-204",
                "HTTP/1.1 204 No Content\r\nContent-Length: 100\r\n\r\n",
            ),
            (
                "an-answer-behind-an-empty-error",
                "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n",
            ),
            (
                "an-answer-behind-a-redirect",
                "HTTP/1.1 302 No\r\nLocation: /\r\nContent-Length: 0\r\n\r\n",
            ),
        ] {
            let queued = with_length(&status_of(ANOTHERS));
            self.says(name, [head.as_bytes(), &queued].concat());
        }
        self.when_accepted("a-refusal-before-the-question", |wire| {
            wire.send(b"HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")?;
            wire.close()
        });
        self.when_accepted("an-answer-before-the-question", |wire| {
            // Of the customer that every test asks for first.
            wire.send(&with_length(&status_of("staff-of-70022")))?;
            wire.read_question().map(|_| ())
        });
    }

    fn statuses(&mut self) {
        self.says_and_stays("status-204", "HTTP/1.1 204 No Content\r\n\r\n");
        self.says_and_stays("status-304", "HTTP/1.1 304 Not Modified\r\n\r\n");
        self.says_and_stays("status-999", "HTTP/1.1 999 No\r\nContent-Length: 0\r\n\r\n");
        self.says_and_stays(
            "status-201",
            "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}",
        );
        self.says_and_stays(
            "a-redirect-to-elsewhere",
            "HTTP/1.1 307 No\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n",
        );
        self.says_and_stays(
            "a-text-full-of-controls",
            "HTTP/1.1 500 No\r\nContent-Length: 15\r\n\r\n\x1b[31m\0\r\n\x07\x7fdown!",
        );
    }

    fn sizes(&mut self) {
        for (name, size) in [("largest-body", LIMIT), ("body-too-large", LIMIT + 1)] {
            self.when_asked(name, move |wire| {
                let body = padded(wire, size);
                wire.send(&with_length(&body))
            });
        }
        for (name, size) in [
            ("largest-body-in-chunks", LIMIT),
            ("body-too-large-in-chunks", LIMIT + 1),
        ] {
            self.when_asked(name, move |wire| {
                let body = padded(wire, size);
                let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
                wire.send(format!("{head}{size:x}\r\n{body}\r\n0\r\n\r\n").as_bytes())
            });
        }
        for (name, size) in [
            ("largest-body-until-close", LIMIT),
            ("body-too-large-until-close", LIMIT + 1),
        ] {
            self.when_asked(name, move |wire| {
                let body = padded(wire, size);
                wire.send(format!("HTTP/1.1 200 OK\r\n\r\n{body}").as_bytes())?;
                wire.close()
            });
        }
    }

    fn json(&mut self) {
        for (name, body) in [
            ("json-nothing", ""),
            ("json-null", "null"),
            ("json-true", "true"),
            ("json-number", "1"),
            ("json-text", r#""isInHelp""#),
            ("json-list", r#"[{"isInHelp":true}]"#),
            ("json-empty-object", "{}"),
            ("json-without-the-field", r#"{"staffId":"x"}"#),
            ("json-field-in-capitals", r#"{"ISINHELP":true}"#),
            ("json-field-null", r#"{"isInHelp":null}"#),
            ("json-field-text", r#"{"isInHelp":"true"}"#),
            ("json-field-number", r#"{"isInHelp":1}"#),
            ("json-field-object", r#"{"isInHelp":{}}"#),
            ("json-staff-number", r#"{"isInHelp":true,"staffId":45001}"#),
            ("json-staff-list", r#"{"isInHelp":true,"staffId":["x"]}"#),
            ("json-type-false", r#"{"isInHelp":true,"helpType":false}"#),
            ("json-code-text", r#"{"isInHelp":false,"errorCode":"400"}"#),
            (
                "json-code-fraction",
                r#"{"isInHelp":false,"errorCode":400.5}"#,
            ),
            ("json-code-huge", r#"{"isInHelp":false,"errorCode":1e99}"#),
            (
                "json-code-beyond-32-bits",
                r#"{"isInHelp":false,"errorCode":4294967696}"#,
            ),
            (
                "json-field-twice",
                r#"{"isInHelp":true,"isInHelp":false,"staffId":"x"}"#,
            ),
            (
                "json-staff-twice-by-escape",
                r#"{"isInHelp":true,"staffId":"x","\u0073taffId":"y"}"#,
            ),
            ("json-and-more", r#"{"isInHelp":true}{"isInHelp":true}"#),
            ("json-and-a-nul", "{\"isInHelp\":true}\0"),
            ("json-cut", r#"{"isInHelp":true,"staffId":"4500"#),
            ("json-single-quotes", "{'isInHelp':true}"),
            ("json-comment", r#"{"isInHelp":true/**/}"#),
            ("json-comma-at-the-end", r#"{"isInHelp":true,}"#),
            ("json-not-a-number", r#"{"isInHelp":true,"x":NaN}"#),
            ("json-byte-order-mark", "\u{feff}{\"isInHelp\":true}"),
            (
                "json-nul-in-staff",
                r#"{"isInHelp":true,"staffId":"4\u00005"}"#,
            ),
            (
                "json-nul-in-type",
                r#"{"isInHelp":true,"helpType":"a\u0000"}"#,
            ),
            (
                "json-raw-nul-in-staff",
                "{\"isInHelp\":true,\"staffId\":\"4\x005\"}",
            ),
            (
                "json-raw-line-in-staff",
                "{\"isInHelp\":true,\"staffId\":\"4\n5\"}",
            ),
            (
                "json-lone-surrogate",
                r#"{"isInHelp":true,"staffId":"\ud800"}"#,
            ),
            (
                "json-lone-low-surrogate",
                r#"{"isInHelp":true,"staffId":"\udc00"}"#,
            ),
            (
                "json-surrogates-swapped",
                r#"{"isInHelp":true,"x":"\udc00\ud800"}"#,
            ),
            ("json-bad-escape", r#"{"isInHelp":true,"staffId":"\x41"}"#),
            (
                "html",
                "<!DOCTYPE html><html><body>Please log in</body></html>",
            ),
        ] {
            self.body(name, body);
        }
        self.body(
            "json-invalid-utf-8",
            *b"{\"isInHelp\":true,\"staffId\":\"\xff\xfe\"}",
        );
        self.body(
            "json-overlong-utf-8",
            *b"{\"isInHelp\":true,\"staffId\":\"\xc0\xaf\"}",
        );
        self.body(
            "json-surrogate-in-utf-8",
            *b"{\"isInHelp\":true,\"x\":\"\xed\xa0\x80\"}",
        );
        self.body(
            "json-utf-16",
            "{\"isInHelp\":true}"
                .encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect::<Vec<u8>>(),
        );
        for (name, open, close) in [
            ("json-30000-lists-deep", "[", "]"),
            ("json-5000-objects-deep", "{\"x\":", "}"),
        ] {
            let depth = if open == "[" { 30_000 } else { 5_000 };
            let deep = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            self.body(name, format!(r#"{{"isInHelp":true,"x":{deep}}}"#));
        }
        let long = r"\u001b[31m".to_owned() + &"x".repeat(60_000);
        self.body(
            "json-field-very-long",
            format!(r#"{{"isInHelp":"{long}"}}"#),
        );
        self.body("json-only-opens", "[".repeat(60_000));
        self.body(
            "json-number-of-60000-digits",
            format!(r#"{{"isInHelp":true,"errorCode":{}}}"#, "9".repeat(60_000)),
        );
        self.when_asked("json-of-12000-unknown-fields", |wire| {
            let unknown = r#""":0,"#.repeat(12_000);
            let body = wire.right_body().replacen('{', &format!("{{{unknown}"), 1);
            wire.send(&with_length(&body))
        });
    }

    /// What debugging servers and gateways do.
    fn echoes(&mut self) {
        self.when_asked("echoes-the-question", |wire| {
            let question = wire.question().to_owned();
            let length = question.len();
            let head = format!("HTTP/1.1 500 No\r\nContent-Length: {length}\r\n\r\n");
            wire.send(format!("{head}{question}").as_bytes())
        });
        self.when_asked("echoes-the-question-as-html", |wire| {
            let question = wire.question().replace("\r\n", "<br>");
            let body = format!("<html><code>{question}</code></html>");
            let length = body.len();
            let head = format!("HTTP/1.1 404 No\r\nContent-Length: {length}\r\n\r\n");
            wire.send(format!("{head}{body}").as_bytes())
        });
        self.when_asked("echoes-the-question-as-json", |wire| {
            let question = serde_json::Value::from(wire.question());
            let body = format!(r#"{{"isInHelp":{question}}}"#);
            wire.send(&with_length(&body))
        });
    }

    fn encodings(&mut self) {
        // gzip -n of {"isInHelp":true}
        const PACKED: &[u8] = &[
            0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 0x03, 0xab, 0x56, 0xca, 0x2c, 0xf6, 0xcc, 0xf3,
            0x48, 0xcd, 0x29, 0x50, 0xb2, 0x2a, 0x29, 0x2a, 0x4d, 0xad, 0x05, 0,
        ];
        let length = PACKED.len();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {length}\r\n\r\n"
        );
        self.says_and_stays("gzip", [head.as_bytes(), PACKED].concat());
    }

    fn tls(&mut self) {
        self.instead_of_tls("tls-closes-in-the-handshake", Wire::close);
        self.instead_of_tls("tls-resets-in-the-handshake", Wire::reset);
        self.instead_of_tls("tls-plain-http-instead", |wire| {
            wire.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        });
        self.instead_of_tls("tls-garbage-instead", |wire| wire.send(&[0xff; 2048]));
        self.instead_of_tls("tls-alert-instead", |wire| {
            wire.send(b"\x15\x03\x03\0\x02\x02\x28")
        });
        self.instead_of_tls("tls-silent-in-the-handshake", |_| Ok(()));
        self.instead_of_tls("tls-handshake-without-end", |wire| {
            // The head of a message of 16 MB; its content comes in records of one byte.
            wire.send(b"\x16\x03\x03\0\x04\x02\xff\xff\xff")?;
            wire.send_endlessly(b"\x16\x03\x03\0\x01\0", Duration::from_millis(1))
        });
        self.instead_of_tls("tls-warnings-without-end", |wire| {
            wire.send_endlessly(b"\x15\x03\x03\0\x02\x01\x5a", AT_ONCE)
        });

        self.over_tls("tls-closes-before-the-answer", Wire::close);
        self.over_tls("tls-ends-before-the-answer", Wire::close_with_notice);
        self.over_tls("tls-resets-before-the-answer", Wire::reset);
        self.over_tls("tls-closes-in-the-head", |wire| {
            wire.send(b"HTTP/1.1 200 OK\r\nContent-")?;
            wire.close()
        });
        self.over_tls("tls-garbage-before-the-answer", |wire| {
            wire.spoil();
            wire.send_raw(&[0xff; 256])
        });
        self.over_tls("tls-garbage-in-the-body", |wire| {
            wire.spoil();
            wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 70\r\n\r\n{")?;
            wire.send_raw(&[0xff; 256])
        });
        self.over_tls("tls-a-forged-record-in-the-body", |wire| {
            wire.spoil();
            wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 70\r\n\r\n{")?;
            wire.send_raw(&[&b"\x17\x03\x03\0\x40"[..], &[7; 64]].concat())
        });
        self.over_tls("tls-garbage-behind-the-answer", |wire| {
            let answer = with_length(&wire.right_body());
            wire.spoil();
            wire.send_with_raw(&answer, &[0xff; 256])
        });
        self.over_tls("tls-a-second-answer", |wire| {
            let answer = with_length(&wire.right_body());
            wire.spoil();
            wire.send(&[answer, with_length(&status_of(ANOTHERS))].concat())
        });
        self.over_tls("tls-cut-without-notice", |wire| {
            wire.send(&[b"HTTP/1.1 200 OK\r\n\r\n", HALF].concat())?;
            wire.close()
        });
        self.over_tls("tls-cut-in-the-length", |wire| {
            let head = b"HTTP/1.1 200 OK\r\nContent-Length: 70\r\n\r\n";
            wire.send(&[head, HALF].concat())?;
            wire.close()
        });
        self.over_tls("tls-cut-by-a-reset", |wire| {
            wire.send(&[b"HTTP/1.1 200 OK\r\n\r\n", HALF].concat())?;
            wire.reset()
        });
        self.over_tls("tls-cut-in-chunks", |wire| {
            wire.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n")?;
            wire.close()
        });
        self.over_tls("tls-until-close-without-notice", |wire| {
            let answer = format!("HTTP/1.1 200 OK\r\n\r\n{}", wire.right_body());
            wire.send(answer.as_bytes())?;
            wire.close()
        });
        self.over_tls("tls-until-close-with-notice", |wire| {
            let answer = format!("HTTP/1.1 200 OK\r\n\r\n{}", wire.right_body());
            wire.send(answer.as_bytes())?;
            wire.close_with_notice()
        });
        self.over_tls("tls-length-without-notice", |wire| {
            let answer = with_length(&wire.right_body());
            wire.send(&answer)?;
            wire.close()
        });
        self.over_tls("tls-silent", |wire| {
            wire.spoil();
            Ok(())
        });
        self.over_tls("tls-new-keys-without-end", |wire| {
            wire.spoil();
            wire.change_keys_endlessly()
        });
    }
}

/// The right body with white space after it, of this size in all.
fn padded(wire: &Wire, size: usize) -> String {
    let body = wire.right_body();
    body.clone() + &" ".repeat(size - body.len())
}
