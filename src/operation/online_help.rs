//! `iscustomerinonlinehelp`: is this customer in a live chat right now, and with whom?

use http::Uri;

use super::Operation;
use crate::error::Error;
use crate::header_text::line_fault;
use crate::help_status::{self, HelpStatus};

/// The documented response has about 70 bytes.
const MAX_RESPONSE_BODY: usize = 64 * 1024;

/// The lookup of one customer.
#[derive(Debug)]
pub(crate) struct OnlineHelp<'a> {
    uri: &'a Uri,
    body: Vec<u8>,
}

impl<'a> OnlineHelp<'a> {
    pub(crate) const PATH: &'static str = "/v1/application/iscustomerinonlinehelp";

    /// `uri` is the address of [`PATH`](Self::PATH).
    pub(crate) fn new(uri: &'a Uri, customer_id: &str) -> Result<Self, Error> {
        if let Some(fault) = line_fault(customer_id) {
            return Err(Error::invalid_argument("customer_id", fault));
        }
        Ok(OnlineHelp {
            uri,
            body: request_body(customer_id),
        })
    }
}

impl Operation for OnlineHelp<'_> {
    type Output = HelpStatus;

    fn uri(&self) -> &Uri {
        self.uri
    }

    fn body(&self) -> &[u8] {
        &self.body
    }

    /// A lookup only reads.
    fn is_repeatable(&self) -> bool {
        true
    }

    fn max_response_body(&self) -> usize {
        MAX_RESPONSE_BODY
    }

    fn read(&self, body: Vec<u8>) -> Result<HelpStatus, String> {
        help_status::from_json(&body)
    }
}

/// `{"customerId":"70022"}`
fn request_body(customer_id: &str) -> Vec<u8> {
    const BEFORE: &[u8] = b"{\"customerId\":";
    let mut body = Vec::with_capacity(BEFORE.len() + customer_id.len() + 3);
    body.extend_from_slice(BEFORE);
    serde_json::to_writer(&mut body, customer_id).expect("a Vec accepts everything");
    body.push(b'}');
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_is_compact_and_escaped() {
        assert_eq!(request_body("70022"), br#"{"customerId":"70022"}"#);
        let odd = String::from_utf8(request_body("a\"b\\c\td ş")).unwrap();
        assert_eq!(odd, r#"{"customerId":"a\"b\\c\td ş"}"#);
    }
}
