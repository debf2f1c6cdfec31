//! An answer's head, and what it says of the body's length.

use super::*;

impl Modes {
    pub(super) fn heads(&mut self) {
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

    pub(super) fn interim_answers(&mut self) {
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

    pub(super) fn lengths(&mut self) {
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

    pub(super) fn chunks(&mut self) {
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
}
