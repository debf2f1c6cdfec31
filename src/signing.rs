//! The string to sign, its signature, and the three headers. Pure: no I/O, no clock.
//!
//! The scheme is that of the page *diyalog-api-authentication*: HMAC-SHA256 over method, content
//! type, date, body and path, each but the last followed by a newline. The page's pseudo-code
//! leaves out the newline between body and path; its prose and worked example have it.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderName, HeaderValue};
use httpdate::HttpDate;
use sha2::Sha256;

use crate::config::DateZone;
use crate::secret::Secret;

/// The content type of every signed request, signed exactly as sent.
pub(crate) const CONTENT_TYPE: &str = "application/json";

const DATE: HeaderName = HeaderName::from_static("x-dlg-date");
const REQUESTER_USER_ID: HeaderName = HeaderName::from_static("x-dlg-requester-userid");
const AUTHORIZATION: HeaderName = HeaderName::from_static("x-dlg-authorization");

/// The headers that every signed request carries.
pub(crate) const SIGNED_HEADERS: [HeaderName; 3] = [DATE, REQUESTER_USER_ID, AUTHORIZATION];

/// The signed parts of a request, except its date.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ToSign<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) body: &'a [u8],
}

/// The values of the headers of one request: its time, the staff number of the requester, and the
/// access key id with the signature.
#[derive(Clone, Debug)]
pub(crate) struct SignedHeaderValues {
    pub(crate) date: HeaderValue,
    pub(crate) requester_user_id: HeaderValue,
    pub(crate) authorization: HeaderValue,
}

/// The headers that sign one request. Send them with it, and `Content-Type: application/json`.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignedHeaders {
    /// Value of `x-dlg-date`.
    pub date: String,
    /// Value of `x-dlg-requester-userid`.
    pub requester_user_id: String,
    /// Value of `x-dlg-authorization`.
    pub authorization: String,
}

impl SignedHeaders {
    pub(crate) fn of(values: &SignedHeaderValues) -> Self {
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        SignedHeaders {
            date: text(&values.date),
            requester_user_id: text(&values.requester_user_id),
            authorization: text(&values.authorization),
        }
    }
}

impl fmt::Debug for SignedHeaders {
    /// Leaves the authorization out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedHeaders")
            .field("date", &self.date)
            .field("requester_user_id", &self.requester_user_id)
            .finish_non_exhaustive()
    }
}

impl SignedHeaderValues {
    pub(crate) fn named(&self) -> [(HeaderName, HeaderValue); 3] {
        [
            (DATE, self.date.clone()),
            (REQUESTER_USER_ID, self.requester_user_id.clone()),
            (AUTHORIZATION, self.authorization.clone()),
        ]
    }
}

/// Signs requests with one access key.
pub(crate) struct Signer {
    /// `DLGA <AccessKeyId>:`, which the signature follows in the header.
    authorization_prefix: String,
    /// Keyed once: a request starts with a copy. Wiped when dropped.
    key: Hmac<Sha256>,
    date_zone: DateZone,
}

impl Signer {
    pub(crate) fn new(access_key_id: &str, secret: &Secret, date_zone: DateZone) -> Self {
        Signer {
            authorization_prefix: format!("DLGA {access_key_id}:"),
            key: Hmac::new_from_slice(secret.expose()).expect("HMAC accepts keys of any length"),
            date_zone,
        }
    }

    pub(crate) fn sign(
        &self,
        request: ToSign,
        time: SystemTime,
        requester_user_id: HeaderValue,
    ) -> SignedHeaderValues {
        let date = date_text(time, self.date_zone);
        let authorization = self.authorization(request, &date);
        let mut authorization =
            HeaderValue::try_from(authorization).expect("key ids are checked, base64 is text");
        authorization.set_sensitive(true);
        SignedHeaderValues {
            date: HeaderValue::try_from(date).expect("a date is plain text"),
            requester_user_id,
            authorization,
        }
    }

    fn authorization(&self, request: ToSign, date: &str) -> String {
        // 32 bytes in base64, with padding.
        const SIGNATURE_LENGTH: usize = 44;
        let mut mac = self.key.clone();
        for part in string_to_sign(request, date) {
            mac.update(part);
        }
        let mut header = String::with_capacity(self.authorization_prefix.len() + SIGNATURE_LENGTH);
        header.push_str(&self.authorization_prefix);
        STANDARD.encode_string(mac.finalize().into_bytes(), &mut header);
        header
    }
}

/// The string to sign, in pieces.
fn string_to_sign<'a>(request: ToSign<'a>, date: &'a str) -> [&'a [u8]; 9] {
    [
        request.method.as_bytes(),
        b"\n",
        CONTENT_TYPE.as_bytes(),
        b"\n",
        date.as_bytes(),
        b"\n",
        request.body,
        b"\n",
        request.path.as_bytes(),
    ]
}

/// 9999-12-31T23:59:59Z, the last second that a four-digit year can name.
const LAST_SECOND: u64 = 253_402_300_799;

/// A time in the format of `x-dlg-date`: `Tue, 09 Mar 2021 13:28:32 GMT`. Times before 1970 or
/// after 9999 are clamped.
fn date_text(time: SystemTime, zone: DateZone) -> String {
    let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let second = Duration::from_secs(since_epoch.as_secs().min(LAST_SECOND));
    let gmt = HttpDate::from(UNIX_EPOCH + second).to_string();
    match zone {
        DateZone::Gmt => gmt,
        DateZone::Numeric => gmt.replace("GMT", "+0000"),
    }
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
            assert_eq!(text("content_type"), CONTENT_TYPE);
            let (date, body) = (text("date"), text("body").as_bytes());
            let request = ToSign {
                method: text("method"),
                path: text("path"),
                body,
            };
            let to_sign = string_to_sign(request, date).concat();
            assert_eq!(to_sign, text("string_to_sign").as_bytes());

            let secret = Secret::new(&secret(&vector));
            let signer = Signer::new(text("access_key_id"), &secret, DateZone::Gmt);
            assert_eq!(
                signer.authorization(request, date),
                text("x-dlg-authorization"),
                "{}",
                text("name")
            );
        }
    }

    fn at(second: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(second)
    }

    #[test]
    fn dates_have_the_documented_form_in_both_zones() {
        for (zone, date) in [
            (DateZone::Gmt, "Tue, 09 Mar 2021 13:28:32 GMT"),
            (DateZone::Numeric, "Tue, 09 Mar 2021 13:28:32 +0000"),
        ] {
            assert_eq!(date_text(at(1_615_296_512), zone), date);
        }
    }

    #[test]
    fn a_clock_out_of_all_bounds_does_not_panic() {
        let before = UNIX_EPOCH - Duration::from_secs(86_400);
        assert!(date_text(before, DateZone::Gmt).starts_with("Thu, 01 Jan 1970 00:00:00"));
        let after = date_text(at(LAST_SECOND + 86_400), DateZone::Gmt);
        assert_eq!(after, "Fri, 31 Dec 9999 23:59:59 GMT");
    }

    #[test]
    fn no_debug_output_shows_the_signature() {
        let signer = Signer::new("id", &Secret::new(b"secret"), DateZone::Gmt);
        let request = ToSign {
            method: "POST",
            path: "/",
            body: b"{}",
        };
        let headers = signer.sign(request, at(1), HeaderValue::from_static("45186"));
        assert_eq!(headers.requester_user_id, "45186");
        assert!(
            headers
                .authorization
                .to_str()
                .unwrap()
                .starts_with("DLGA id:")
        );
        let public = SignedHeaders::of(&headers);
        assert!(!format!("{headers:?} {public:?}").contains("DLGA"));
    }
}
