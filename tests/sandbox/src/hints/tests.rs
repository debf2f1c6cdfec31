use super::*;
use hyper::header::HeaderValue;

const SECRET: &[u8] = b"c2VjcmV0";

fn parts() -> SignedParts<'static> {
    SignedParts {
        method: b"POST".into(),
        content_type: b"application/json".into(),
        date: b"Tue, 09 Mar 2021 13:28:32 GMT".into(),
        body: br#"{"customerId":"70022"}"#.into(),
        path: b"/gw/v1/application/iscustomerinonlinehelp".into(),
    }
}

fn mac(secret: &[u8], text: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), text)
        .as_ref()
        .to_vec()
}

fn hint(presented: &str) -> String {
    mistake(presented).sentence
}

fn mistake(presented: &str) -> Mistake {
    let headers = HeaderMap::from_iter([
        (header::HOST, HeaderValue::from_static("localhost:4859")),
        (
            header::DATE,
            HeaderValue::from_static("Tue, 09 Mar 2021 13:28:31 GMT"),
        ),
    ]);
    find(presented.as_bytes(), SECRET, &parts(), &headers)
}

fn hint_for(differing: SignedParts) -> String {
    hint(&STANDARD.encode(mac(SECRET, &differing.string_to_sign())))
}

#[test]
fn tells_a_signature_of_the_wrong_form() {
    let right = mac(SECRET, &parts().string_to_sign());
    let hex: String = right.iter().map(|byte| format!("{byte:02x}")).collect();
    for (presented, expected) in [
        ("".to_owned(), "0 bytes"),
        ("***".to_owned(), "not Base64"),
        (STANDARD.encode([7; 20]), "HMAC-SHA1"),
        (STANDARD.encode([7; 16]), "16 bytes"),
        (hex, "hexadecimal"),
        (STANDARD_NO_PAD.encode(&right), "without padding"),
    ] {
        assert!(
            hint(&presented).contains(expected),
            "{presented}: {}",
            hint(&presented)
        );
    }
}

#[test]
fn tells_which_piece_was_signed_differently() {
    for (differing, expected) in [
        (
            SignedParts {
                method: b"post".into(),
                ..parts()
            },
            "lower case",
        ),
        (
            SignedParts {
                content_type: b"".into(),
                ..parts()
            },
            "content type was left out",
        ),
        (
            SignedParts {
                date: b"Tue, 09 Mar 2021 13:28:31 GMT".into(),
                ..parts()
            },
            "Date header",
        ),
        (
            SignedParts {
                date: b"Tue, 09 Mar 2021 13:28:32 +0000".into(),
                ..parts()
            },
            "+0000",
        ),
        (
            SignedParts {
                body: b"".into(),
                ..parts()
            },
            "body was left out",
        ),
        (
            SignedParts {
                body: br#"{"customerId": "70022"}"#.into(),
                ..parts()
            },
            "serialised again",
        ),
        (
            SignedParts {
                path: b"/v1/application/iscustomerinonlinehelp".into(),
                ..parts()
            },
            "without the base path",
        ),
        (
            SignedParts {
                path: b"http://localhost:4859/gw/v1/application/iscustomerinonlinehelp".into(),
                ..parts()
            },
            "whole URL",
        ),
        (
            SignedParts {
                path: b"elsewhere".into(),
                ..parts()
            },
            "no common mistake",
        ),
    ] {
        let hint = hint_for(differing);
        assert!(hint.contains(expected), "{expected}: {hint}");
    }
}

#[test]
fn tells_how_the_pieces_were_joined() {
    let text = String::from_utf8(parts().string_to_sign()).unwrap();
    for (signed, expected) in [
        (
            text.replace("}\n/", "}/"),
            "between body and path was left out",
        ),
        (text.replace('\n', "\r\n"), "CR LF"),
        (format!("{text}\n"), "after the path"),
    ] {
        let hint = hint(&STANDARD.encode(mac(SECRET, signed.as_bytes())));
        assert!(hint.contains(expected), "{expected}: {hint}");
    }
}

#[test]
fn tells_a_secret_used_differently() {
    let text = parts().string_to_sign();
    for (secret, expected) in [
        (&b"secret"[..], "decoded as Base64"),
        (b"c2VjcmV0\n", "had a newline at its end"),
        (b"c2VjcmV0\r\n", "carriage return and a newline"),
        (b"c2VjcmV0 ", "space at its end"),
        (b" c2VjcmV0", "space at its start"),
        (b"", "empty"),
    ] {
        let hint = hint(&STANDARD.encode(mac(secret, &text)));
        assert!(hint.contains(expected), "{expected}: {hint}");
    }
}

#[test]
fn shows_what_was_signed_only_if_the_signature_proves_it() {
    let right = parts().string_to_sign();
    let signed = |text: &[u8], secret: &[u8]| mistake(&STANDARD.encode(mac(secret, text))).signed;

    let path_left_out = SignedParts {
        path: b"".into(),
        ..parts()
    };
    let text = path_left_out.string_to_sign();
    assert_eq!(signed(&text, SECRET), Some(text));
    assert_eq!(signed(&right, b"c2VjcmV0\n"), Some(right.clone()));
    assert_eq!(signed(&right, b"another"), None);
    assert_eq!(signed(b"something else", SECRET), None);
}
