//! One connection, as a mode handles it.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use socket2::SockRef;
use tokio_rustls::rustls::{ServerConnection, StreamOwned};

/// The staff id in an answer that was not for this question.
pub const ANOTHERS: &str = "another's";

/// Nothing that never ends goes on for longer than this.
const ENDLESS: Duration = Duration::from_secs(20);

/// The staff id that is right for a customer.
pub fn staff_of(customer: &str) -> String {
    format!("staff-of-{customer}")
}

/// The body of the right answer.
pub(super) fn status_of(staff: &str) -> String {
    format!(r#"{{"isInHelp":true,"helpType":"inbound","staffId":"{staff}"}}"#)
}

/// An answer that tells its length and has this body.
pub(super) fn with_length(body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes()
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ServerConnection, TcpStream>>),
}

/// A connection and the question last read from it.
pub(super) struct Wire {
    stream: Stream,
    tcp: TcpStream,
    /// Read, and not yet part of a question.
    pending: Vec<u8>,
    customer: String,
    /// The question as it came.
    question: String,
    /// Whether a question that comes now is one too many.
    is_spoilt: bool,
}

impl Wire {
    pub(super) fn plain(tcp: TcpStream) -> io::Result<Wire> {
        Ok(Wire {
            stream: Stream::Plain(tcp.try_clone()?),
            tcp,
            pending: Vec::new(),
            customer: String::new(),
            question: String::new(),
            is_spoilt: false,
        })
    }

    pub(super) fn tls(tcp: TcpStream, session: ServerConnection) -> io::Result<Wire> {
        let stream = StreamOwned::new(session, tcp.try_clone()?);
        Ok(Wire {
            stream: Stream::Tls(Box::new(stream)),
            ..Wire::plain(tcp)?
        })
    }

    /// Reads one question; false where the client has gone.
    pub(super) fn read_question(&mut self) -> io::Result<bool> {
        loop {
            if let Some((length, customer)) = question_in(&self.pending) {
                let question: Vec<u8> = self.pending.drain(..length).collect();
                self.question = String::from_utf8_lossy(&question).into_owned();
                self.customer = customer;
                return Ok(true);
            }
            let mut piece = [0; 4096];
            let amount = match &mut self.stream {
                Stream::Plain(stream) => stream.read(&mut piece),
                Stream::Tls(stream) => stream.read(&mut piece),
            }?;
            if amount == 0 {
                return Ok(false);
            }
            self.pending.extend_from_slice(&piece[..amount]);
        }
    }

    /// Answers the question: right, unless it should not have come on this connection.
    pub(super) fn answer(&mut self) -> io::Result<()> {
        let body = match self.is_spoilt {
            true => status_of(ANOTHERS),
            false => self.right_body(),
        };
        self.send(&with_length(&body))
    }

    /// The body of the right answer to the question.
    pub(super) fn right_body(&self) -> String {
        status_of(&staff_of(&self.customer))
    }

    /// The question, word for word.
    pub(super) fn question(&self) -> &str {
        &self.question
    }

    pub(super) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.stream {
            Stream::Plain(stream) => stream.write_all(bytes),
            Stream::Tls(stream) => stream.write_all(bytes).and_then(|()| stream.flush()),
        }
    }

    /// Sends below TLS.
    pub(super) fn send_raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.tcp.write_all(bytes)
    }

    /// Sends a record of TLS, and below it something at the same moment.
    pub(super) fn send_with_raw(&mut self, bytes: &[u8], raw: &[u8]) -> io::Result<()> {
        let mut both = Vec::new();
        if let Stream::Tls(stream) = &mut self.stream {
            stream.conn.writer().write_all(bytes)?;
            while stream.conn.wants_write() {
                stream.conn.write_tls(&mut both)?;
            }
        }
        both.extend_from_slice(raw);
        self.send_raw(&both)
    }

    /// Sends this over and over.
    pub(super) fn send_endlessly(&mut self, bytes: &[u8], pause: Duration) -> io::Result<()> {
        let end = Instant::now() + ENDLESS;
        while Instant::now() < end {
            self.send(bytes)?;
            thread::sleep(pause);
        }
        Ok(())
    }

    /// From now on, no question may come on this connection.
    pub(super) fn spoil(&mut self) {
        self.is_spoilt = true;
    }

    /// Closes its direction; under TLS without a word.
    pub(super) fn close(&mut self) -> io::Result<()> {
        self.spoil();
        self.tcp.shutdown(Shutdown::Write)
    }

    /// Says under TLS that nothing more comes, and closes.
    pub(super) fn close_with_notice(&mut self) -> io::Result<()> {
        if let Stream::Tls(stream) = &mut self.stream {
            stream.conn.send_close_notify();
            stream.flush()?;
        }
        self.close()
    }

    /// Breaks the connection off with a reset: no result goes on from here.
    pub(super) fn reset(&mut self) -> io::Result<()> {
        // What was sent is given time to arrive: a reset may overtake it.
        thread::sleep(Duration::from_millis(20));
        SockRef::from(&self.tcp).set_linger(Some(Duration::ZERO))?;
        Err(io::ErrorKind::ConnectionReset.into())
    }

    /// Changes the keys of the TLS session without an end.
    pub(super) fn change_keys_endlessly(&mut self) -> io::Result<()> {
        let end = Instant::now() + ENDLESS;
        while let Stream::Tls(stream) = &mut self.stream
            && Instant::now() < end
        {
            let changed = stream.conn.refresh_traffic_keys();
            changed.map_err(io::Error::other)?;
            stream.flush()?;
        }
        Ok(())
    }
}

/// The length of the question at the start of this, and its customer.
fn question_in(received: &[u8]) -> Option<(usize, String)> {
    let text = String::from_utf8_lossy(received);
    let (head, rest) = text.split_once("\r\n\r\n")?;
    let length = head
        .to_ascii_lowercase()
        .lines()
        .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok())
        .unwrap_or(0);
    let body = rest.get(..length)?;
    let question: serde_json::Value = serde_json::from_str(body).ok()?;
    let customer = question["customerId"].as_str()?.to_owned();
    Some((head.len() + "\r\n\r\n".len() + length, customer))
}
