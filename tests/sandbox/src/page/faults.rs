//! Faults as the page offers them, and what a client does about each.

use maud::{Markup, html};
use serde_json::{Map, Value, json};

use super::forms::Form;

/// A fault to be queued by a click.
struct Offer {
    /// The `kind` of the fault's JSON form.
    kind: &'static str,
    title: &'static str,
    /// Milliseconds to start with, if the fault has any.
    milliseconds: Option<u32>,
    effect: &'static str,
}

const OFFERS: [Offer; 6] = [
    Offer {
        kind: "delay",
        title: "Delay",
        milliseconds: Some(2000),
        effect: "The answer comes late. The client waits for it; if its deadline passes first, the call \
            ends with TIMEOUT (10).",
    },
    Offer {
        kind: "silence",
        title: "Silence",
        milliseconds: None,
        effect: "No answer comes. The client waits until its deadline, then reports TIMEOUT (10). With \
            attempt_timeout_ms it gives one attempt up sooner, so that a retry can help.",
    },
    Offer {
        kind: "close",
        title: "Drop",
        milliseconds: None,
        effect: "The connection is closed without an answer. A lookup is retried up to max_retries \
            times, then reports CONNECTION_LOST (15). A post is not retried unless it is repeatable.",
    },
    Offer {
        kind: "close_after",
        title: "Drop after the answer",
        milliseconds: None,
        effect: "The answer is good, and the connection is dead afterwards. The next call finds that out \
            and opens a new connection; the program notices nothing.",
    },
    Offer {
        kind: "garble",
        title: "Garble",
        milliseconds: None,
        effect: "Status 200 with a body that is not JSON: INVALID_RESPONSE (30) at once, without a retry.",
    },
    Offer {
        kind: "drip",
        title: "Drip",
        milliseconds: Some(200),
        effect: "The body comes one byte at a time, with this pause before each. The client reads on; if \
            its deadline passes first, the call ends with TIMEOUT (10).",
    },
];

/// A status to be answered by a click.
struct StatusOffer {
    status: u16,
    body: &'static str,
    retry_after: bool,
    effect: &'static str,
}

const STATUSES: [StatusOffer; 6] = [
    StatusOffer {
        status: 503,
        body: "busy",
        retry_after: true,
        effect: "retried after Retry-After, then HTTP_STATUS (26)",
    },
    StatusOffer {
        status: 429,
        body: "slow down",
        retry_after: true,
        effect: "retried after Retry-After, then HTTP_STATUS (26)",
    },
    StatusOffer {
        status: 502,
        body: "bad gateway",
        retry_after: false,
        effect: "a lookup is retried, then HTTP_STATUS (26)",
    },
    StatusOffer {
        status: 500,
        body: "internal error",
        retry_after: false,
        effect: "a lookup is retried, then SERVER (25) with the text",
    },
    StatusOffer {
        status: 401,
        body: "Authorization failed",
        retry_after: false,
        effect: "UNAUTHORIZED (23) at once",
    },
    StatusOffer {
        status: 403,
        body: "Forbidden",
        retry_after: false,
        effect: "HTTP_STATUS (26) at once",
    },
];

/// The forms that queue a fault.
pub(super) fn offers() -> Markup {
    html! {
        ul.offers {
            @for offer in &OFFERS {
                li {
                    form method="post" action="form/fault" {
                        input type="hidden" name="kind" value=(offer.kind);
                        h3 { (offer.title) }
                        @if let Some(milliseconds) = offer.milliseconds {
                            label {
                                span.label { (offer.title) " in " }
                                input type="number" name="milliseconds" value=(milliseconds) min="0" max="600000" required;
                                span aria-hidden="true" { " ms" }
                            }
                        }
                        (times(offer.title))
                        button aria-label={ "Queue: " (offer.title) } aria-describedby={ "effect-" (offer.kind) } { "Queue" }
                        p.note id={ "effect-" (offer.kind) } { (offer.effect) }
                    }
                }
            }
            li { (status_offer()) }
        }
    }
}

fn status_offer() -> Markup {
    html! {
        form method="post" action="form/fault" {
            input type="hidden" name="kind" value="answer";
            h3 { "Status" }
            label {
                span.label { "Status to answer" }
                select name="status" {
                    @for offer in &STATUSES { option { (offer.status) } }
                }
            }
            (times("Status"))
            button aria-label="Queue: Status" aria-describedby="effect-answer" { "Queue" }
            ul.note #effect-answer {
                @for offer in &STATUSES { li { (offer.status) ": " (offer.effect) } }
            }
        }
    }
}

fn times(title: &str) -> Markup {
    html! {
        label {
            span.label { (title) ", times" }
            input type="number" name="times" value="1" min="1" max="1000" required;
            span aria-hidden="true" { " ×" }
        }
    }
}

/// The fault of a filled-in form, in the JSON form of the control call.
pub(super) fn from_form(form: &Form) -> Value {
    let mut fault = Map::new();
    let kind = form.text("kind");
    fault.insert("kind".to_owned(), json!(kind));
    for name in ["milliseconds", "times", "status"] {
        if let Some(text) = form.get(name) {
            // What is not a number stays text, which the reader of the JSON form reports.
            let value = text
                .parse::<u64>()
                .map_or(json!(text), |number| json!(number));
            fault.insert(name.to_owned(), value);
        }
    }
    if let Some(offer) = STATUSES
        .iter()
        .find(|offer| form.get("status") == Some(&offer.status.to_string()))
    {
        fault.insert("body".to_owned(), json!(offer.body));
        if offer.retry_after {
            fault.insert("headers".to_owned(), json!({"Retry-After": "1"}));
        }
    }
    Value::from(fault)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::Fault;

    #[test]
    fn each_offer_is_a_fault() {
        for offer in &OFFERS {
            let mut fields = format!("kind={}&times=2", offer.kind);
            if let Some(milliseconds) = offer.milliseconds {
                fields.push_str(&format!("&milliseconds={milliseconds}"));
            }
            let json = from_form(&Form::read(fields.as_bytes())).to_string();
            let (_, times) = Fault::from_json(json.as_bytes()).unwrap();
            assert_eq!(times, 2, "{json}");
        }
        for offer in &STATUSES {
            let fields = format!("kind=answer&status={}&times=1", offer.status);
            let json = from_form(&Form::read(fields.as_bytes())).to_string();
            let (fault, _) = Fault::from_json(json.as_bytes()).unwrap();
            assert_eq!(fault.to_string(), format!("answer {}", offer.status));
        }
    }
}
