//! The string to sign, its signature, and the three headers. Pure: no I/O, no clock.
//!
//! The scheme is that of the page *diyalog-api-authentication*: HMAC-SHA256 over method, content
//! type, date, body and path, each but the last followed by a newline. The page's pseudo-code
//! leaves out the newline between body and path; its prose and worked example have it.

use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use httpdate::HttpDate;
use ring::hmac;
use zeroize::Zeroizing;

use crate::config::DateZone;
use crate::secret::{self, Secret};

/// The method of every signed request.
pub(crate) const METHOD: &str = "POST";
/// The content type of every signed request, signed exactly as sent.
pub(crate) const CONTENT_TYPE: &str = "application/json";

/// The headers that every request carries in addition: its time, the staff number of the person on
/// whose behalf it is made, and the access key id with the signature.
pub(crate) static SIGNED_HEADERS: [HeaderName; 3] = [
    HeaderName::from_static("x-dlg-date"),
    HeaderName::from_static("x-dlg-requester-userid"),
    HeaderName::from_static("x-dlg-authorization"),
];

/// Signs requests with one access key.
pub(crate) struct Signer {
    /// `DLGA <AccessKeyId>:`, what the signature follows in the header.
    authorization_prefix: String,
    /// The keyed state: both pads are hashed once here and not once a request.
    key: Box<hmac::Key>,
    date_zone: DateZone,
    /// The second of the last request, and its date header.
    last_date: Mutex<(u64, HeaderValue)>,
}

impl Signer {
    pub(crate) fn new(access_key_id: &str, secret: &Secret, date_zone: DateZone) -> Self {
        Signer {
            authorization_prefix: format!("DLGA {access_key_id}:"),
            key: keyed(secret),
            date_zone,
            last_date: Mutex::new((0, date_header(0, date_zone))),
        }
    }

    /// The values of the three [`SIGNED_HEADERS`] of a request at this time, with this body and
    /// path.
    pub(crate) fn header_values(
        &self,
        time: SystemTime,
        requester_user_id: HeaderValue,
        body: &[u8],
        path: &str,
    ) -> [HeaderValue; 3] {
        let date = self.date(second_of(time));
        let authorization = self.authorization(text_of(&date), body, path);
        [date, requester_user_id, sensitive_value(authorization)]
    }

    /// The date header, made once a second. A thread that finds the last one locked makes its
    /// own: waiting would cost more, and in a forked child the lock may never open.
    fn date(&self, second: u64) -> HeaderValue {
        let Ok(mut last) = self.last_date.try_lock() else {
            return date_header(second, self.date_zone);
        };
        if last.0 != second {
            *last = (second, date_header(second, self.date_zone));
        }
        last.1.clone()
    }

    /// The value of `x-dlg-authorization` for a request with this date, body and path.
    fn authorization(&self, date: &str, body: &[u8], path: &str) -> String {
        // 32 bytes in base64, with padding.
        const SIGNATURE_LENGTH: usize = 44;
        let mut header = String::with_capacity(self.authorization_prefix.len() + SIGNATURE_LENGTH);
        header.push_str(&self.authorization_prefix);
        STANDARD.encode_string(self.sign(date, body, path), &mut header);
        header
    }

    fn sign(&self, date: &str, body: &[u8], path: &str) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&self.key);
        for part in string_to_sign(date, body, path) {
            context.update(part);
        }
        context.sign()
    }
}

impl Drop for Signer {
    /// ring does not wipe its keys. Overwritten in place, and shown to what the compiler cannot
    /// see through, so that it does not leave the writing out.
    fn drop(&mut self) {
        *self.key = hmac::Key::new(hmac::HMAC_SHA256, &[]);
        std::hint::black_box(&self.key);
    }
}

/// The key, and nothing of it on the stack, over which it comes into its place.
fn keyed(secret: &Secret) -> Box<hmac::Key> {
    #[inline(never)]
    fn make(secret: &Secret) -> Box<hmac::Key> {
        Box::new(hmac::Key::new(hmac::HMAC_SHA256, secret.expose()))
    }
    let key = make(secret);
    secret::wipe_stack();
    key
}

/// A header's value that no Debug shows, and that is wiped when its last copy is dropped.
fn sensitive_value(text: String) -> HeaderValue {
    let wiped = Bytes::from_owner(Zeroizing::new(text));
    let mut value =
        HeaderValue::from_maybe_shared(wiped).expect("key ids are checked, base64 is text");
    value.set_sensitive(true);
    value
}

/// The string to sign, in the pieces that make it up.
fn string_to_sign<'a>(date: &'a str, body: &'a [u8], path: &'a str) -> [&'a [u8]; 9] {
    [
        METHOD.as_bytes(),
        b"\n",
        CONTENT_TYPE.as_bytes(),
        b"\n",
        date.as_bytes(),
        b"\n",
        body,
        b"\n",
        path.as_bytes(),
    ]
}

/// 9999-12-31T23:59:59Z, the last second a four-digit year can tell.
const LAST_SECOND: u64 = 253_402_300_799;

/// Seconds since 1970. Times that the date header cannot tell become the nearest that it can.
fn second_of(time: SystemTime) -> u64 {
    let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    since_epoch.as_secs().min(LAST_SECOND)
}

/// A second as `x-dlg-date` wants it: `Tue, 09 Mar 2021 13:28:32 GMT`.
fn date_header(second: u64, zone: DateZone) -> HeaderValue {
    let gmt = HttpDate::from(UNIX_EPOCH + Duration::from_secs(second)).to_string();
    let date = match zone {
        DateZone::Gmt => gmt,
        DateZone::Numeric => gmt.replace("GMT", "+0000"),
    };
    HeaderValue::try_from(date).expect("a date is plain text")
}

fn text_of(date: &HeaderValue) -> &str {
    date.to_str().expect("a date is plain text")
}

#[cfg(test)]
mod tests {
    use super::*;

    const VECTORS: &str = include_str!("../tests/signing-vectors.json");

    fn secret(vector: &serde_json::Value) -> Vec<u8> {
        match vector["secret"].as_str() {
            Some(text) => text.as_bytes().to_vec(),
            None => {
                let hex = vector["secret_hex"].as_str().unwrap();
                (0..hex.len())
                    .step_by(2)
                    .map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap())
                    .collect()
            }
        }
    }

    #[test]
    fn every_vector_is_signed_as_published() {
        let vectors: Vec<serde_json::Value> = serde_json::from_str(VECTORS).unwrap();
        assert_eq!(vectors.len(), 9);
        for vector in vectors {
            let text = |key: &str| vector[key].as_str().unwrap();
            assert_eq!(text("method"), METHOD);
            assert_eq!(text("content_type"), CONTENT_TYPE);
            let (date, body, path) = (text("date"), text("body"), text("path"));

            let to_sign = string_to_sign(date, body.as_bytes(), path).concat();
            assert_eq!(to_sign, text("string_to_sign").as_bytes());

            let secret = Secret::new(&secret(&vector));
            let signer = Signer::new(text("access_key_id"), &secret, DateZone::Gmt);
            assert_eq!(
                signer.authorization(date, body.as_bytes(), path),
                text("x-dlg-authorization"),
                "{}",
                text("name")
            );
        }
    }

    fn date(second: u64, zone: DateZone) -> String {
        text_of(&date_header(second, zone)).to_owned()
    }

    #[test]
    fn dates_have_the_documented_form_in_both_zones() {
        assert_eq!(
            date(1_615_296_512, DateZone::Gmt),
            "Tue, 09 Mar 2021 13:28:32 GMT"
        );
        assert_eq!(
            date(1_615_296_512, DateZone::Numeric),
            "Tue, 09 Mar 2021 13:28:32 +0000"
        );
    }

    #[test]
    fn a_clock_out_of_all_bounds_does_not_panic() {
        let before = UNIX_EPOCH - Duration::from_secs(86_400);
        assert_eq!(second_of(before), 0);
        let after = UNIX_EPOCH + Duration::from_secs(LAST_SECOND + 86_400);
        assert_eq!(
            date(second_of(after), DateZone::Gmt),
            "Fri, 31 Dec 9999 23:59:59 GMT"
        );
    }

    #[test]
    fn headers_follow_the_clock_also_where_the_date_is_locked() {
        let signer = Signer::new("id", &Secret::new(b"secret"), DateZone::Gmt);
        let at = |second| {
            let time = UNIX_EPOCH + Duration::from_secs(second);
            let [date, requester, authorization] =
                signer.header_values(time, HeaderValue::from_static("45186"), b"{}", "/");
            assert_eq!(requester, "45186");
            assert!(authorization.is_sensitive());
            (date, authorization)
        };
        let first = at(1);
        assert_eq!(first.0, "Thu, 01 Jan 1970 00:00:01 GMT");
        assert_ne!(at(2), first);
        assert_eq!(at(1), first);
        let _locked = signer.last_date.lock().unwrap();
        assert_eq!(at(1), first);
        assert_eq!(at(3).0, "Thu, 01 Jan 1970 00:00:03 GMT");
    }

    #[test]
    fn a_panic_while_the_date_is_locked_stops_nobody() {
        let signer = Signer::new("id", &Secret::new(b"secret"), DateZone::Gmt);
        let panics = || {
            let _locked = signer.last_date.lock();
            std::panic::resume_unwind(Box::new("on purpose"));
        };
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(panics)).unwrap_err();
        assert_eq!(text_of(&signer.date(1)), "Thu, 01 Jan 1970 00:00:01 GMT");
        assert_eq!(text_of(&signer.date(2)), "Thu, 01 Jan 1970 00:00:02 GMT");
    }
}
