//! Validation of header values and of one-line texts.

use http::HeaderValue;

/// The longest value, in bytes. Servers and gateways accept a header of at least 8 KiB in all.
const LONGEST: usize = 8 * 1024;

/// A text that can be sent as the value of a header.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HeaderText<'a>(&'a str);

impl<'a> HeaderText<'a> {
    /// Accepts a text, or returns why it cannot be sent, worded to follow its name.
    pub(crate) fn new(text: &'a str) -> Result<Self, &'static str> {
        match line_fault(text) {
            Some(fault) => Err(fault),
            None if text.len() > LONGEST => Err("must not be longer than 8192 bytes"),
            None => Ok(HeaderText(text)),
        }
    }

    pub(crate) fn as_str(self) -> &'a str {
        self.0
    }

    pub(crate) fn value(self) -> HeaderValue {
        self.value_after("")
    }

    /// The value after a prefix.
    pub(crate) fn value_after(self, beginning: &'static str) -> HeaderValue {
        // UTF-8 is sent unchanged: HTTP leaves the meaning of such bytes to client and server.
        HeaderValue::try_from([beginning, self.0].concat().into_bytes())
            .expect("text without control characters is a header value")
    }
}

/// Why a text is not one trimmed line, worded to follow its name; `None` if it is.
pub(crate) fn line_fault(text: &str) -> Option<&'static str> {
    if text.is_empty() {
        Some("is empty")
    } else if text.chars().any(char::is_control) {
        Some("must not contain control characters, such as tabs and line breaks")
    } else if text.trim() != text {
        // HTTP strips it from a header. A customer id has it if a line or column was not trimmed.
        Some("must not begin or end with white space; trim it")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_on_one_trimmed_line_is_accepted() {
        for text in ["45186", "a b", "şule", &"a".repeat(LONGEST)] {
            assert_eq!(
                HeaderText::new(text).unwrap().value().as_bytes(),
                text.as_bytes()
            );
        }
        let suffix = HeaderText::new("b").unwrap();
        assert_eq!(suffix.value_after("a "), "a b");
    }

    #[test]
    fn everything_else_is_rejected_with_the_reason() {
        for (text, reason) in [
            ("", "is empty"),
            ("a\tb", "control"),
            ("a\r\nb: c", "control"),
            ("45186\n", "control"),
            ("a\u{7f}", "control"),
            ("a\u{85}", "control"),
            (" 45186", "white space"),
            ("45186\u{a0}", "white space"),
            (&"a".repeat(LONGEST + 1), "8192"),
        ] {
            let fault = HeaderText::new(text).unwrap_err();
            assert!(fault.contains(reason), "{text:.10}: {fault}");
        }
    }
}
