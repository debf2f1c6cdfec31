//! Connections that end, never end, or say more than was asked.

use super::*;

impl Modes {
    pub(super) fn closes_and_resets(&mut self) {
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

    pub(super) fn never_ends(&mut self) {
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

    pub(super) fn ends_with_the_connection(&mut self) {
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

    pub(super) fn unasked_answers(&mut self) {
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
}
