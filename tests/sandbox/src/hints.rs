//! Explains a wrong signature by signing the request again with each common mistake.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use hyper::HeaderMap;
use hyper::header::{self, HeaderName};
use ring::hmac;
use serde_json::Value;

use crate::verify::{DATE, REQUESTER_USER_ID, SignedParts};

/// The most likely mistake in a signature.
#[derive(Debug)]
pub(crate) struct Mistake {
    /// The part of a sentence that follows "the signature is wrong: ".
    pub(crate) sentence: String,
    /// The string that the client signed, if it reproduces the signature.
    pub(crate) signed: Option<Vec<u8>>,
}

impl Mistake {
    fn unexplained(sentence: impl Into<String>) -> Mistake {
        Mistake {
            sentence: sentence.into(),
            signed: None,
        }
    }

    fn proven(sentence: impl Into<String>, signed: Vec<u8>) -> Mistake {
        Mistake {
            sentence: sentence.into(),
            signed: Some(signed),
        }
    }
}

/// Finds the mistake by reproducing it.
pub(crate) fn find(
    presented: &[u8],
    secret: &[u8],
    parts: &SignedParts,
    headers: &HeaderMap,
) -> Mistake {
    let Some((encoding, mac)) = decode(presented) else {
        return Mistake::unexplained("it is not Base64");
    };
    if mac.len() == 20 {
        return Mistake::unexplained(
            "it is 20 bytes long, as HMAC-SHA1 makes them; HMAC-SHA256 makes 32",
        );
    }
    if mac.len() != 32 {
        let length = mac.len();
        return Mistake::unexplained(format!("it is {length} bytes long; HMAC-SHA256 makes 32"));
    }

    let string_to_sign = parts.string_to_sign();
    if made_with(secret, &string_to_sign, &mac) {
        let sentence =
            format!("it is the right one in {encoding}; standard Base64 with padding is wanted");
        return Mistake::proven(sentence, string_to_sign);
    }
    if let Some((sentence, _)) = mistaken_secrets(secret)
        .into_iter()
        .find(|(_, secret)| made_with(secret, &string_to_sign, &mac))
    {
        return Mistake::proven(sentence, string_to_sign);
    }
    match mistaken_strings(parts, headers)
        .into_iter()
        .find(|(_, text)| made_with(secret, text, &mac))
    {
        Some((sentence, text)) => Mistake::proven(sentence, text),
        None => Mistake::unexplained(
            "no common mistake explains it; compare the secret and the string to sign",
        ),
    }
}

fn made_with(secret: &[u8], text: &[u8], mac: &[u8]) -> bool {
    hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, secret), text, mac).is_ok()
}

fn decode(presented: &[u8]) -> Option<(&'static str, Vec<u8>)> {
    // Hexadecimal first: sixty-four hexadecimal digits are valid Base64 too.
    if let Some(mac) = decode_hex(presented) {
        return Some(("hexadecimal", mac));
    }
    [
        ("standard Base64", &STANDARD),
        ("Base64 without padding", &STANDARD_NO_PAD),
        ("URL-safe Base64", &URL_SAFE),
        ("URL-safe Base64 without padding", &URL_SAFE_NO_PAD),
    ]
    .into_iter()
    .find_map(|(encoding, engine)| Some((encoding, engine.decode(presented).ok()?)))
}

fn decode_hex(text: &[u8]) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .iter()
        .map(|&digit| Some(char::from(digit).to_digit(16)? as u8))
        .collect::<Option<_>>()?;
    let is_a_whole_mac = [40, 64].contains(&digits.len());
    is_a_whole_mac.then(|| {
        digits
            .chunks(2)
            .map(|pair| pair[0] << 4 | pair[1])
            .collect()
    })
}

fn mistaken_secrets(secret: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut secrets = vec![
        (
            "the secret had a newline at its end",
            [secret, b"\n"].concat(),
        ),
        (
            "the secret had a carriage return and a newline at its end",
            [secret, b"\r\n"].concat(),
        ),
        ("the secret had a space at its end", [secret, b" "].concat()),
        (
            "the secret had a space at its start",
            [b" ", secret].concat(),
        ),
        (
            "the secret was used without the white space around it",
            secret.trim_ascii().to_vec(),
        ),
        ("the secret was empty", Vec::new()),
    ];
    if let Ok(decoded) = STANDARD.decode(secret) {
        secrets.push((
            "the secret was decoded as Base64; its bytes are used as they are",
            decoded,
        ));
    }
    secrets
}

/// Candidates that were signed in place of the string to sign.
fn mistaken_strings<'a>(
    parts: &SignedParts<'a>,
    headers: &HeaderMap,
) -> Vec<(&'static str, Vec<u8>)> {
    let correct = parts.string_to_sign();
    let mut strings = vec![
        (
            "the newline between body and path was left out",
            without_last_newline(parts),
        ),
        (
            "a newline was added after the path",
            [&correct[..], b"\n"].concat(),
        ),
        (
            "the parts were joined by CR LF, not by a newline alone",
            joined_by_crlf(parts),
        ),
    ];
    let mut differing = |mistake, differing: SignedParts| {
        strings.push((mistake, differing.string_to_sign()));
    };

    differing(
        "the method was signed in lower case",
        SignedParts {
            method: parts.method.to_ascii_lowercase().into(),
            ..parts.clone()
        },
    );
    for (mistake, content_type) in mistaken_content_types(&parts.content_type) {
        differing(
            mistake,
            SignedParts {
                content_type: content_type.into(),
                ..parts.clone()
            },
        );
    }
    for (mistake, date) in mistaken_dates(&parts.date, headers) {
        differing(
            mistake,
            SignedParts {
                date: date.into(),
                ..parts.clone()
            },
        );
    }
    for (mistake, body) in mistaken_bodies(&parts.body) {
        differing(
            mistake,
            SignedParts {
                body: body.into(),
                ..parts.clone()
            },
        );
    }
    for (mistake, path) in mistaken_paths(&parts.path, headers) {
        differing(
            mistake,
            SignedParts {
                path: path.into(),
                ..parts.clone()
            },
        );
    }
    strings
}

fn without_last_newline(parts: &SignedParts) -> Vec<u8> {
    let body_and_path = [&parts.body[..], &parts.path[..]].concat();
    [
        &parts.method[..],
        &parts.content_type,
        &parts.date,
        &body_and_path,
    ]
    .join(&b'\n')
}

fn joined_by_crlf(parts: &SignedParts) -> Vec<u8> {
    [
        &parts.method[..],
        &parts.content_type,
        &parts.date,
        &parts.body,
        &parts.path,
    ]
    .join(&b"\r\n"[..])
}

fn mistaken_content_types(sent: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let media_type = sent.split(|&byte| byte == b';').next().unwrap_or_default();
    vec![
        ("the content type was left out", Vec::new()),
        (
            "the content type was signed without its parameters",
            media_type.to_vec(),
        ),
        (
            "the content type was signed as application/json, and sent as something else",
            b"application/json".to_vec(),
        ),
        (
            "the content type was signed with a charset that was not sent",
            [sent, b"; charset=utf-8"].concat(),
        ),
    ]
}

fn mistaken_dates(sent: &[u8], headers: &HeaderMap) -> Vec<(&'static str, Vec<u8>)> {
    let zoned = |from: &[u8], to: &[u8]| Some([sent.strip_suffix(from)?, to].concat());
    [
        ("the date was left out", Some(Vec::new())),
        (
            "the date signed is the Date header, not x-dlg-date",
            header_bytes(headers, header::DATE),
        ),
        (
            "the date was signed with +0000 and sent with GMT",
            zoned(b"GMT", b"+0000"),
        ),
        (
            "the date was signed with GMT and sent with +0000",
            zoned(b"+0000", b"GMT"),
        ),
        ("the date was signed without its zone", zoned(b" GMT", b"")),
        (
            "the requester user id was signed in place of the date",
            header_bytes(headers, HeaderName::from_static(REQUESTER_USER_ID)),
        ),
        (
            "the name of the date header was signed along with its value",
            Some([DATE.as_bytes(), b":", sent].concat()),
        ),
    ]
    .into_iter()
    .filter_map(|(mistake, date)| Some((mistake, date?)))
    .collect()
}

fn mistaken_bodies(sent: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut bodies = vec![
        ("the body was left out", Vec::new()),
        (
            "the body was signed with a newline at its end that was not sent",
            [sent, b"\n"].concat(),
        ),
        (
            "the body was signed without the white space around it",
            sent.trim_ascii().to_vec(),
        ),
    ];
    if let Ok(json) = serde_json::from_slice::<Value>(sent) {
        let reformatted = "the body was serialised again between signing and sending";
        bodies.push((reformatted, json.to_string().into_bytes()));
        bodies.push((reformatted, format!("{json:#}").into_bytes()));
        bodies.push((reformatted, spaced(&json)));
    }
    bodies
}

/// JSON of one level with a blank after each colon and comma, as several languages write it.
fn spaced(json: &Value) -> Vec<u8> {
    let members: Vec<String> = json
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| format!("{}: {value}", Value::from(name.as_str())))
        .collect();
    format!("{{{}}}", members.join(", ")).into_bytes()
}

fn mistaken_paths(sent: &[u8], headers: &HeaderMap) -> Vec<(&'static str, Vec<u8>)> {
    let before_query = sent.split(|&byte| byte == b'?').next().unwrap_or_default();
    let mut paths = vec![
        ("the path was left out", Vec::new()),
        (
            "the path was signed without its query",
            before_query.to_vec(),
        ),
        (
            "the path was signed without its leading slash",
            sent.strip_prefix(b"/").unwrap_or(sent).to_vec(),
        ),
        (
            "the path was signed with a slash at its end",
            [sent, b"/"].concat(),
        ),
    ];
    if let Some(api) = sent.windows(4).position(|window| window == b"/v1/") {
        paths.push((
            "the path was signed without the base path",
            sent[api..].to_vec(),
        ));
    }
    if let Some(host) = header_bytes(headers, header::HOST) {
        let whole_url = "the whole URL was signed, not only what follows the server's address";
        paths.push((whole_url, [b"http://", &host[..], sent].concat()));
        paths.push((whole_url, [b"https://", &host[..], sent].concat()));
    }
    paths
}

fn header_bytes(headers: &HeaderMap, name: HeaderName) -> Option<Vec<u8>> {
    Some(headers.get(name)?.as_bytes().to_vec())
}

#[cfg(test)]
mod tests;
