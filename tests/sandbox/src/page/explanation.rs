//! One request: why it was answered as it was.

use maud::{Markup, html};

use super::difference::{compare, expected_side, in_words, signed_side, visible};
use super::layout;
use super::requests::{status, time_of_day};
use crate::record::RecordedRequest;

pub(super) fn page(request: &RecordedRequest) -> Markup {
    let title = format!("Request {}", request.number);
    layout::article(&title, &explanation(request))
}

fn explanation(request: &RecordedRequest) -> Markup {
    html! {
        p.reason { (status(request.status)) " " (visible(&request.reason)) }
        (strings(request))
        h3 { "Headers as received" }
        div.scroll tabindex="0" role="group" aria-label="Headers as received" {
            table {
                tbody {
                    @for (name, value) in &request.headers {
                        tr { th scope="row" { (name) } td { code { (visible(value)) } } }
                    }
                }
            }
        }
        h3 { "Body as received" }
        pre { (visible(&request.body)) }
        p.note {
            "Received at " (time_of_day(request.received_at)) " UTC by the sandbox's clock, on connection "
            (request.connection) ", as " code { (request.method) " " (visible(&request.path)) } "."
        }
    }
}

fn strings(request: &RecordedRequest) -> Markup {
    let Some(expected) = &request.expected_string_to_sign else {
        return string_that_was_signed(request);
    };
    let Some(signed) = &request.signed_string else {
        return html! {
            h3 { "String to sign that was expected" }
            pre { (visible(expected)) }
            p.note {
                "What the client signed is not known. Compare this with the string in the "
                "client, then the secret."
            }
        };
    };
    if expected == signed {
        return html! {
            h3 { "String to sign" }
            pre { (visible(expected)) }
            p.note { "The client signed this string. The mistake is in the secret or in the encoding." }
        };
    }
    let stretches = compare(expected, signed);
    html! {
        div.columns {
            section {
                h3 { "String to sign that was expected" }
                pre.expected { (expected_side(&stretches)) }
            }
            section {
                h3 { "What the client signed" }
                pre.signed { (signed_side(&stretches)) }
            }
        }
        (in_words(&stretches))
    }
}

/// Requests with a good signature are shown what they signed; those without one, nothing.
fn string_that_was_signed(request: &RecordedRequest) -> Markup {
    let header = |name| request.header(name);
    let has_signature = request.has_good_signature;
    html! {
        @if has_signature {
            h3 { "String to sign" }
            pre {
                (visible(&[
                    &request.method,
                    header("content-type").unwrap_or_default(),
                    header(crate::verify::DATE).unwrap_or_default(),
                    &request.body,
                    &request.path,
                ].join("\n")))
            }
        }
    }
}
