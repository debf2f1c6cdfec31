//! Authenticates a request, with the checks in the API's order.
//!
//! Implements the specification independently: it shares no code with the client.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::HeaderMap;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use ring::hmac;
use std::borrow::Cow;

use crate::clock::parse_request_date;
use crate::escape::escape;
use crate::hints::{self, Mistake};

pub(crate) const DATE: &str = "x-dlg-date";
pub(crate) const REQUESTER_USER_ID: &str = "x-dlg-requester-userid";
pub(crate) const AUTHORIZATION: &str = "x-dlg-authorization";

const MAX_DIFFERENCE_SECONDS: u64 = 15 * 60;

/// The sandbox's access key.
pub(crate) struct KeyPair {
    pub(crate) id: String,
    pub(crate) secret: Vec<u8>,
}

/// The parts of the string to sign.
#[derive(Clone)]
pub(crate) struct SignedParts<'a> {
    pub(crate) method: Cow<'a, [u8]>,
    pub(crate) content_type: Cow<'a, [u8]>,
    pub(crate) date: Cow<'a, [u8]>,
    pub(crate) body: Cow<'a, [u8]>,
    pub(crate) path: Cow<'a, [u8]>,
}

impl SignedParts<'_> {
    pub(crate) fn string_to_sign(&self) -> Vec<u8> {
        [
            &self.method,
            &self.content_type,
            &self.date,
            &self.body,
            &self.path,
        ]
        .map(|part| part.as_ref())
        .join(&b'\n')
    }
}

/// Why a request is rejected.
#[derive(Debug)]
pub(crate) struct Rejection {
    pub(crate) status: u16,
    /// The text of the response, as documented.
    pub(crate) text: &'static str,
    /// The same for the log, with details that the response omits.
    pub(crate) reason: String,
    /// Present if the signature or the key id is wrong.
    pub(crate) expected_string_to_sign: Option<String>,
    /// What the client signed instead, if one of the known mistakes explains the signature.
    pub(crate) signed_string: Option<String>,
}

impl Rejection {
    fn new(status: u16, text: &'static str, reason: String) -> Rejection {
        Rejection {
            status,
            text,
            reason,
            expected_string_to_sign: None,
            signed_string: None,
        }
    }

    fn headers_missing(name: &str) -> Rejection {
        Rejection::new(
            400,
            "Required headers not found",
            format!("{name} is missing"),
        )
    }

    fn authorization_format(reason: &str) -> Rejection {
        Rejection::new(
            400,
            "Authorization failed due to data format not valid",
            format!("{AUTHORIZATION} {reason}"),
        )
    }

    fn date_format(value: &HeaderValue) -> Rejection {
        Rejection::new(
            400,
            "Authorization failed due to date not valid",
            format!(
                "{DATE} \"{}\" is not like \"Tue, 09 Mar 2021 13:28:32 GMT\"",
                escape(value.as_bytes())
            ),
        )
    }

    fn unauthorized(reason: String, parts: &SignedParts) -> Rejection {
        Rejection {
            expected_string_to_sign: Some(lossy(&parts.string_to_sign())),
            ..Rejection::new(401, "Authorization failed", reason)
        }
    }

    fn request_time(requested: i64, now: i64) -> Rejection {
        let seconds = requested.abs_diff(now);
        let side = if requested > now {
            "ahead of"
        } else {
            "behind"
        };
        Rejection::new(
            403,
            "Request time may not be correct.",
            format!("{DATE} is {seconds} seconds {side} the sandbox's clock"),
        )
    }
}

/// Accepts a request, or returns why not. `path` is the part of the URL after the server's address.
pub(crate) fn verify(
    method: &str,
    path: &str,
    headers: &HeaderMap,
    body: &[u8],
    key: &KeyPair,
    now: i64,
) -> Result<(), Rejection> {
    let date = required(headers, DATE)?;
    required(headers, REQUESTER_USER_ID)?;
    let authorization = required(headers, AUTHORIZATION)?;

    let (key_id, signature) = split_authorization(authorization)?;
    let requested = parse_date(date)?;

    let parts = SignedParts {
        method: method.as_bytes().into(),
        content_type: headers
            .get(CONTENT_TYPE)
            .map_or(&b""[..], HeaderValue::as_bytes)
            .into(),
        date: date.as_bytes().into(),
        body: body.into(),
        path: path.as_bytes().into(),
    };
    check_key_id(key_id, key, &parts)?;
    check_signature(signature, key, &parts, headers)?;
    check_request_time(requested, now)
}

fn required<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a HeaderValue, Rejection> {
    headers
        .get(name)
        .ok_or_else(|| Rejection::headers_missing(name))
}

fn split_authorization(value: &HeaderValue) -> Result<(&[u8], &[u8]), Rejection> {
    let credentials = value
        .as_bytes()
        .strip_prefix(b"DLGA ")
        .ok_or_else(|| Rejection::authorization_format("does not start with \"DLGA \""))?;
    // The last colon: Base64 has none, a key id might.
    let colon = credentials
        .iter()
        .rposition(|&byte| byte == b':')
        .ok_or_else(|| {
            Rejection::authorization_format("has no colon between key id and signature")
        })?;
    Ok((&credentials[..colon], &credentials[colon + 1..]))
}

fn parse_date(value: &HeaderValue) -> Result<i64, Rejection> {
    value
        .to_str()
        .ok()
        .and_then(parse_request_date)
        .ok_or_else(|| Rejection::date_format(value))
}

fn check_key_id(key_id: &[u8], key: &KeyPair, parts: &SignedParts) -> Result<(), Rejection> {
    if key_id == key.id.as_bytes() {
        return Ok(());
    }
    let white_space = if key_id.trim_ascii() == key.id.as_bytes() {
        ": it has white space around it"
    } else {
        ""
    };
    let reason = format!(
        "the access key id \"{}\" is unknown{white_space}",
        escape(key_id)
    );
    Err(Rejection::unauthorized(reason, parts))
}

fn check_signature(
    signature: &[u8],
    key: &KeyPair,
    parts: &SignedParts,
    headers: &HeaderMap,
) -> Result<(), Rejection> {
    if self::signature(&key.secret, &parts.string_to_sign()).as_bytes() == signature {
        return Ok(());
    }
    let Mistake { sentence, signed } = hints::find(signature, &key.secret, parts, headers);
    Err(Rejection {
        signed_string: signed.as_deref().map(lossy),
        ..Rejection::unauthorized(format!("the signature is wrong: {sentence}"), parts)
    })
}

/// The expected signature of a string to sign.
pub(crate) fn signature(secret: &[u8], string_to_sign: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    STANDARD.encode(hmac::sign(&key, string_to_sign))
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn check_request_time(requested: i64, now: i64) -> Result<(), Rejection> {
    if requested.abs_diff(now) > MAX_DIFFERENCE_SECONDS {
        return Err(Rejection::request_time(requested, now));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
