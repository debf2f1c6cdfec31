//! Redacts a signature that a server or gateway quoted in its text.
//!
//! Finds it in any form: as sent, URL-encoded, JSON- or HTML-escaped, and wrapped over lines.

/// The shortest beginning of a signature that is redacted, for a quote that was cut off.
const SHORTEST_MATCH: usize = 8;

const REDACTED: &str = "***";

/// The text without the value of the authorization header and without the signature in it.
pub(crate) fn redact(text: &str, authorization: &str) -> String {
    let text = redact_value(text, authorization);
    match authorization.rsplit_once(':') {
        Some((_, signature)) => redact_value(&text, signature),
        None => text,
    }
}

fn redact_value(text: &str, value: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if let Some(length) = match_length(rest, value) {
            kept.push_str(REDACTED);
            rest = &rest[length..];
        } else {
            kept.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    kept
}

/// The length, in `text`, of the longest prefix of `value` with which `text` begins.
fn match_length(text: &str, value: &str) -> Option<usize> {
    let mut expected = value.chars().filter(|c| !c.is_whitespace());
    let (mut matched, mut end, mut position) = (0, 0, 0);
    let mut next = expected.next();
    while let (Some(wanted), Some((found, length))) = (next, decode(&text[position..])) {
        position += length;
        if found == wanted {
            (matched, end) = (matched + 1, position);
            next = expected.next();
        } else if matched == 0 || !is_filler(found) {
            break;
        }
    }
    (next.is_none() || matched >= SHORTEST_MATCH).then_some(end)
}

/// Whether a value may be wrapped at this character.
fn is_filler(c: char) -> bool {
    c.is_whitespace() || c.is_control()
}

/// The first character of a text after unescaping, and its length in the text.
fn decode(text: &str) -> Option<(char, usize)> {
    let first = text.chars().next()?;
    let escaped = match first {
        '%' => hex(text.get(1..3)?).map(|c| (c, 3)),
        '\\' => decode_backslash(text),
        '&' => decode_entity(text),
        '<' => ["<br>", "<br/>", "<br />"]
            .iter()
            .find(|tag| text.starts_with(**tag))
            .map(|tag| ('\n', tag.len())),
        _ => None,
    };
    Some(escaped.unwrap_or((first, first.len_utf8())))
}

fn decode_backslash(text: &str) -> Option<(char, usize)> {
    match text[1..].chars().next()? {
        'n' | 'r' | 't' => Some(('\n', 2)),
        'u' => hex(text.get(2..6)?).map(|c| (c, 6)),
        escaped => Some((escaped, 1 + escaped.len_utf8())),
    }
}

fn decode_entity(text: &str) -> Option<(char, usize)> {
    let end = text.find(';').filter(|end| *end <= 10)?;
    let decoded = match &text[1..end] {
        "plus" => '+',
        "sol" => '/',
        "equals" => '=',
        "colon" => ':',
        "nbsp" | "NewLine" => '\n',
        entity => match entity.strip_prefix('#')? {
            number if number.starts_with(['x', 'X']) => hex(&number[1..])?,
            number => char::from_u32(number.parse().ok()?)?,
        },
    };
    Some((decoded, end + 1))
}

fn hex(digits: &str) -> Option<char> {
    u32::from_str_radix(digits, 16)
        .ok()
        .and_then(char::from_u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNATURE: &str = "aB+/cD9fGhIjKlMnOpQrStUvWxYz0123456789+/ab4=";

    fn redacted(text: &str) -> String {
        redact(text, &format!("DLGA key-id:{SIGNATURE}"))
    }

    #[test]
    fn the_signature_is_redacted_however_it_is_quoted() {
        let url = SIGNATURE
            .replace('+', "%2B")
            .replace('/', "%2f")
            .replace('=', "%3D");
        let json = SIGNATURE.replace('/', "\\/").replace('+', "\\u002b");
        let html = SIGNATURE
            .replace('/', "&#47;")
            .replace('+', "&#x2B;")
            .replace('=', "&equals;");
        let wrapped = |at: &str| format!("{}{at}{}", &SIGNATURE[..19], &SIGNATURE[19..]);
        for quoted in [
            SIGNATURE.to_owned(),
            url,
            json,
            html,
            wrapped("\r\n"),
            wrapped(" "),
            wrapped("\\n"),
            wrapped("<br>"),
            wrapped("%0A"),
        ] {
            assert_eq!(
                redacted(&format!("got {quoted}, sorry")),
                "got ***, sorry",
                "{quoted}"
            );
        }
    }

    #[test]
    fn the_whole_header_is_redacted() {
        let header = format!("DLGA key-id:{SIGNATURE}");
        assert_eq!(redacted(&format!("x: {header}\ny")), "x: ***\ny");
        assert_eq!(
            redacted(&format!("<b>{header}</b>{header}")),
            "<b>***</b>***"
        );
        assert_eq!(
            redacted(&header.replace(' ', "%20").replace('+', "%2b")),
            "***"
        );
    }

    #[test]
    fn a_truncated_signature_is_redacted() {
        assert_eq!(redacted(&format!("got {}", &SIGNATURE[..20])), "got ***");
        assert_eq!(
            redacted("got aB+/cD9"),
            "got aB+/cD9",
            "too short to be redacted"
        );
    }

    #[test]
    fn other_text_is_unchanged() {
        for text in [
            "",
            "%",
            "%2",
            "&",
            "&amp;",
            "\\",
            "<br",
            "100 % of ş\\u",
            "aB aB+/",
            "\\u12",
        ] {
            assert_eq!(redacted(text), text);
        }
    }
}
