//! The log of a sandbox: one line per event.

use diyalog_sandbox::{Event, RecordedRequest, escape};

/// The line for one event; a wrong signature has a second one.
pub fn lines(event: &Event) -> String {
    match event {
        Event::Request(request) => request_lines(request),
        Event::Control {
            method,
            path,
            status,
            outcome,
        } => {
            format!("{method} {} -> {status}: {}", shown(path), shown(outcome))
        }
        Event::HandshakeFailed { connection, reason } => {
            format!("connection {connection}: no TLS: {}", shown(reason))
        }
    }
}

fn request_lines(request: &RecordedRequest) -> String {
    let mut lines = format!(
        "{} {} customer {} requester {} -> {}: {}",
        request.method,
        shown(&request.path),
        request.customer_id.as_deref().map_or("-".to_owned(), shown),
        request
            .header("x-dlg-requester-userid")
            .map_or("-".to_owned(), shown),
        request
            .status
            .map_or("no answer".to_owned(), |status| status.to_string()),
        shown(&request.reason),
    );
    if let Some(expected) = &request.expected_string_to_sign {
        lines.push_str("\n  expected string to sign: ");
        lines.push_str(&shown(expected));
    }
    lines
}

fn shown(text: &str) -> String {
    escape(text.as_bytes())
}
