//! What TLS breaks on, and what breaks TLS.

use super::*;

impl Modes {
    pub(super) fn tls(&mut self) {
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
