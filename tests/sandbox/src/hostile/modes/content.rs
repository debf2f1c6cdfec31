//! What an answer says.

use super::*;

impl Modes {
    pub(super) fn statuses(&mut self) {
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

    pub(super) fn sizes(&mut self) {
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

    pub(super) fn json(&mut self) {
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
    pub(super) fn echoes(&mut self) {
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

    pub(super) fn encodings(&mut self) {
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
}

/// The right body with white space after it, of this size in all.
fn padded(wire: &Wire, size: usize) -> String {
    let body = wire.right_body();
    body.clone() + &" ".repeat(size - body.len())
}
