//! Escapes received bytes for one line of a log.

/// Text is unchanged, beyond ASCII too. A newline becomes `\n`, a backslash is doubled, other control
/// characters become `\u{..}` and bytes that are not UTF-8 `\x..`.
pub fn escape(bytes: &[u8]) -> String {
    let mut escaped = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            if character == '\\' || character.is_control() {
                escaped.extend(character.escape_default());
            } else {
                escaped.push(character);
            }
        }
        for byte in chunk.invalid() {
            escaped.push_str(&format!("\\x{byte:02x}"));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn one_line_whatever_comes() {
        assert_eq!(escape("{\"müşteri\"}".as_bytes()), "{\"müşteri\"}");
        assert_eq!(escape(b"a\nb\r\tc\\n"), "a\\nb\\r\\tc\\\\n");
        assert_eq!(escape(b"\x1b[2J\x00"), "\\u{1b}[2J\\u{0}");
        assert_eq!(escape(b"a\xff\xfeb"), "a\\xff\\xfeb");
    }
}
