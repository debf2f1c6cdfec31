//! The error of an answer other than 200: three digits of status, then the body.

#![no_main]

use diyalog::ErrorCode;
use diyalog_fuzz::check_error;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((status, body)) = data.split_first_chunk::<3>() else {
        return;
    };
    let status = status
        .iter()
        .fold(0, |number, digit| number * 10 + u16::from(digit % 10));
    if status < 100 {
        return;
    }
    let error = diyalog::fuzzing::error_of(status, body, "api.example:443");
    check_error(&error);
    assert_eq!(error.http_status(), Some(status));
    assert!(
        error
            .message()
            .starts_with(&format!("api.example:443 answered {status} "))
    );
    assert_eq!(
        error.is_retryable(),
        matches!(status, 408 | 429 | 500 | 502..=504)
    );
    let text = quoted(error.message());
    assert!(text.len() <= 512, "{} bytes are quoted", text.len());
    assert_eq!(error.code(), code(status, text));
});

/// What the message quotes of the body.
fn quoted(message: &str) -> &str {
    let begin = message.find('"').map_or(message.len(), |quote| quote + 1);
    let end = message.rfind("\"; ").unwrap_or(message.len());
    &message[begin..end]
}

fn code(status: u16, text: &str) -> ErrorCode {
    let documented = [
        (400, "Required headers not found", ErrorCode::HeadersMissing),
        (400, "data format not valid", ErrorCode::AuthorizationFormat),
        (400, "date not valid", ErrorCode::DateFormat),
        (401, "", ErrorCode::Unauthorized),
        (403, "Request time may not be correct", ErrorCode::ClockSkew),
        (407, "", ErrorCode::Proxy),
        (500, "", ErrorCode::Server),
    ];
    documented
        .into_iter()
        .find(|(of, part, _)| *of == status && text.contains(part))
        .map_or(ErrorCode::HttpStatus, |(_, _, code)| code)
}
