//! The page under `/sandbox/`: what the sandbox knows, for a browser.
//!
//! Everything is rendered here and readable without JavaScript; forms are plain posts that
//! lead back to the page. The one script keeps the page up to date and opens explanations
//! in place. Nothing is loaded from elsewhere, which the Content-Security-Policy enforces.

mod difference;
mod events;
mod explanation;
mod faults;
mod forms;
mod layout;
mod overview;
mod requests;
mod sections;
mod workbench;

use std::sync::Arc;

use hyper::body::Bytes;
use hyper::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};

use crate::answer::{Answer, HttpAnswer};
use crate::state::State;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Answers a call below `/sandbox/` if it belongs to the page.
pub(crate) fn respond(
    state: &Arc<State>,
    request: &Parts,
    call: &str,
    body: &Bytes,
) -> Option<HttpAnswer> {
    let get = |answer: Answer| {
        if request.method == Method::GET {
            answer
        } else {
            Answer::method_not_allowed("GET")
        }
    };
    let answer = match call {
        "" => get(Answer::html(overview::page(state).into_string())),
        "page.css" => get(Answer::file("text/css", include_str!("page.css"))),
        "page.js" => get(Answer::file("text/javascript", include_str!("page.js"))),
        "icon.svg" => get(Answer::file("image/svg+xml", include_str!("icon.svg"))),
        "events" if request.method == Method::GET => return Some(events::stream(state, request)),
        "events" => Answer::method_not_allowed("GET"),
        _ => {
            if let Some(number) = call.strip_prefix("requests/") {
                get(explanation_of(state, number))
            } else {
                forms::respond(state, request, call.strip_prefix("form/")?, body)
            }
        }
    };
    Some(answer.into_http(&state.clock))
}

fn explanation_of(state: &State, number: &str) -> Answer {
    let request = number
        .parse()
        .ok()
        .and_then(|number| state.requests().numbered(number));
    match request {
        Some(request) => Answer::html(explanation::page(&request).into_string()),
        None => Answer::text(
            StatusCode::NOT_FOUND,
            "There is no such request; the sandbox keeps the latest ten thousand",
        ),
    }
}

/// Leads a browser that opens the printed URL to the page.
pub(crate) fn way_here(state: &State, request: &Parts) -> Option<HttpAnswer> {
    let path = request.uri.path();
    let below_base = path.strip_prefix(&state.base_path).unwrap_or(path);
    let leads_here = matches!(below_base, "" | "/" | "/sandbox");
    (request.method == Method::GET && leads_here).then(|| {
        let page = format!("{}/sandbox/", state.base_path);
        Answer::see_other(&page).into_http(&state.clock)
    })
}

/// Sets the headers that keep other pages from reading, framing or extending this one.
pub(crate) fn protect(mut answer: HttpAnswer) -> HttpAnswer {
    let headers = answer.headers_mut();
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Not no-referrer: a form's Origin would then be null.
        (REFERRER_POLICY, "same-origin"),
        (CACHE_CONTROL, "no-store"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    answer
}
