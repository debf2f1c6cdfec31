//! This client handles each fault as the sandbox's page describes it.

mod support;

use std::time::Duration;

use diyalog::{Client, Config, ErrorCode};
use diyalog_sandbox::Sandbox;

use support::{assert_answers, assert_fails, client, config, look_up, sandbox};

/// The page of a sandbox, used through its forms.
struct Page {
    sandbox: Sandbox,
    html: String,
}

impl Page {
    fn open() -> Page {
        let sandbox = sandbox();
        let url = format!("{}/sandbox/", sandbox.url());
        let mut answer = ureq::get(url).call().unwrap();
        let html = answer.body_mut().read_to_string().unwrap();
        Page { sandbox, html }
    }

    fn submit(&self, form: &str, fields: &str) {
        let url = format!("{}/sandbox/form/{form}", self.sandbox.url());
        let answer = ureq::post(url)
            .header("content-type", "application/x-www-form-urlencoded")
            .send(fields)
            .unwrap();
        assert_eq!(
            answer.status(),
            200,
            "{form} {fields} leads back to the page"
        );
    }

    /// What follows a mark in the page, up to the next tag.
    fn text_after(&self, mark: &str) -> &str {
        let (_, text) = self
            .html
            .split_once(mark)
            .unwrap_or_else(|| panic!("the page has no {mark}"));
        text.split('<').next().unwrap()
    }

    fn client(&self, change: impl FnOnce(Config) -> Config) -> Client {
        client(&change(config(self.sandbox.url())))
    }
}

/// True if an effect names the code of an error.
fn names(effect: &str, code: ErrorCode) -> bool {
    effect.contains(&format!("({})", code as i32))
}

#[test]
fn fault_has_the_effect_that_the_page_describes() {
    for (kind, fields, code) in [
        ("delay", "&milliseconds=20000", ErrorCode::Timeout),
        ("silence", "", ErrorCode::Timeout),
        ("drip", "&milliseconds=20000", ErrorCode::Timeout),
        ("close", "", ErrorCode::ConnectionLost),
        ("garble", "", ErrorCode::InvalidResponse),
    ] {
        let page = Page::open();
        page.submit("fault", &format!("kind={kind}&times=20{fields}"));
        let effect = page.text_after(&format!("id=\"effect-{kind}\">"));
        let client = page.client(|config| config.timeout(Duration::from_millis(500)));
        assert_fails(&client, code);
        assert!(names(effect, code), "{kind}: {effect}");
    }
}

#[test]
fn connection_dropped_after_the_response_is_replaced() {
    let page = Page::open();
    page.submit("fault", "kind=close_after&times=3");
    let client = page.client(|config| config.max_retries(0));
    for _ in 0..4 {
        assert_answers(&client);
    }
    assert!(
        page.text_after("id=\"effect-close_after\">")
            .contains("the program notices nothing")
    );
}

#[test]
fn status_has_the_effect_that_the_page_describes() {
    let statuses: Vec<u16> = Page::open()
        .html
        .split("<option>")
        .filter_map(|option| option.split('<').next()?.parse().ok())
        .collect();
    assert_eq!(statuses.len(), 6);
    for status in statuses {
        let page = Page::open();
        let effect = page.text_after(&format!("<li>{status}: "));
        page.submit("fault", &format!("kind=answer&status={status}&times=20"));
        let client = page.client(|config| config.max_retries(1));
        let error = look_up(&client).expect_err("an error");
        assert!(names(effect, error.code()), "{status}: {effect}: {error}");
        let attempts = if effect.contains("retried") { 2 } else { 1 };
        assert_eq!(page.sandbox.request_count(), attempts, "{status}: {effect}");
    }
}

#[test]
fn clock_has_the_effect_that_the_page_describes() {
    let page = Page::open();
    page.submit("clock", "offsetSeconds=7200");
    assert_answers(&page.client(|config| config));
    assert_eq!(page.sandbox.request_count(), 2, "it signs again once");
    let effect = page.text_after("id=\"clock-effect\">");
    let error = assert_fails(
        &page.client(|config| config.clock_correction(false)),
        ErrorCode::ClockSkew,
    );
    assert!(names(effect, error.code()), "{effect}");
}
