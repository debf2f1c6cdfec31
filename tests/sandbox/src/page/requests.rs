//! The list of requests.

use std::borrow::Cow;

use maud::{Markup, html};

use super::difference::shortened;
use crate::clock::http_date;
use crate::record::RecordedRequest;
use crate::state::State;

/// How many requests the page shows.
pub(super) const SHOWN: usize = 500;

/// How many characters of a value have room in a row; the explanation has more.
const ROOM: usize = 160;

/// The rows of the requests after a number, the newest first, and the newest number.
pub(super) fn rows_after(state: &State, number: u64) -> (Markup, u64) {
    let (requests, newest) = {
        let record = state.requests();
        let latest = record.latest().rev().take(SHOWN);
        let requests: Vec<_> = latest
            .take_while(|request| request.number > number)
            .cloned()
            .collect();
        (requests, record.count())
    };
    let rows = html! {
        @for request in &requests { (row(request)) }
    };
    (rows, newest)
}

fn row(request: &RecordedRequest) -> Markup {
    let time = time_of_day(request.received_at);
    html! {
        li id={ "request-" (request.number) } {
            details {
                summary {
                    time.when datetime=(time) { (time) }
                    span.call title=(shortened(&request.path, ROOM)) { (shortened(call_name(&request.path), ROOM)) }
                    span.customer { span.label { "customer " } (shown(request.customer_id.as_deref())) }
                    span.requester {
                        span.label { "requester " }
                        (shown(request.header(crate::verify::REQUESTER_USER_ID)))
                    }
                    span.verdict { (status(request.status)) " " (shortened(&request.reason, ROOM)) }
                }
                div.explanation {
                    a href={ "requests/" (request.number) } { "Explanation of request " (request.number) }
                }
            }
        }
    }
}

/// The status of an answer, coloured by its class.
pub(super) fn status(status: Option<u16>) -> Markup {
    let class = match status {
        Some(200..=299) => "accepted",
        Some(400..=499) => "rejected",
        _ => "failed",
    };
    html! {
        strong.status.(class) {
            @match status {
                Some(status) => (status),
                None => "no answer",
            }
        }
    }
}

/// The time of day in a time since 1970: 13:28:32.512.
pub(super) fn time_of_day(milliseconds: i64) -> String {
    let date = http_date(milliseconds.div_euclid(1000));
    let time = date.split(' ').nth(4).unwrap_or_default();
    format!("{time}.{:03}", milliseconds.rem_euclid(1000))
}

/// The short name of a call: the last part of its path.
fn call_name(path: &str) -> &str {
    path.rsplit('/')
        .find(|part| !part.is_empty())
        .unwrap_or("/")
}

fn shown(text: Option<&str>) -> Cow<'_, str> {
    shortened(text.unwrap_or("–"), ROOM)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_its_milliseconds() {
        assert_eq!(time_of_day(1_615_296_512_012), "13:28:32.012");
        assert_eq!(time_of_day(0), "00:00:00.000");
    }

    #[test]
    fn a_call_is_named_by_the_end_of_its_path() {
        assert_eq!(
            call_name("/v1/application/finishonlinehelp"),
            "finishonlinehelp"
        );
        assert_eq!(call_name("/v1/"), "v1");
        assert_eq!(call_name("/"), "/");
        assert_eq!(call_name(""), "/");
    }
}
