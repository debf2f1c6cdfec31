//! What the page's forms do. Each does the same as a control call and leads back.

use std::borrow::Cow;

use hyper::body::Bytes;
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};

use super::{faults, workbench};
use crate::answer::Answer;
use crate::control::{self, Outcome};
use crate::customers::Session;
use crate::options::Event;
use crate::state::State;

/// The fields of a submitted form.
pub(super) struct Form<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Form<'a> {
    pub(super) fn read(body: &'a [u8]) -> Form<'a> {
        Form(form_urlencoded::parse(body).collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let field = self.0.iter().find(|(known, _)| known == name);
        field.map(|(_, value)| value.as_ref())
    }

    /// The text of a field; empty if it is not there.
    pub(super) fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }
}

/// Does what a form asks for. Everything but the workbench, which handles a secret, is
/// logged.
pub(super) fn respond(state: &State, request: &Parts, form: &str, body: &Bytes) -> Answer {
    if request.method != Method::POST {
        return Answer::method_not_allowed("POST");
    }
    let fields = Form::read(body);
    if form == "sign" {
        return match workbench::sign(state, &fields) {
            Ok(page) => Answer::html(page.into_string()),
            Err(sentence) => Answer::text(StatusCode::BAD_REQUEST, &sentence),
        };
    }
    let (outcome, answer) = match act(state, form, &fields) {
        Ok((done, _)) => (done, Answer::see_other("../")),
        Err(answer) => (answer.body.clone(), answer),
    };
    state.tell(&Event::Control {
        method: request.method.as_str(),
        path: request.uri.path(),
        status: answer.status.as_u16(),
        outcome: &outcome,
    });
    answer
}

fn act(state: &State, form: &str, fields: &Form) -> Outcome {
    match form {
        "start" => control::start_session(
            state,
            Session {
                customer_id: fields.text("customerId").trim().to_owned(),
                help_type: fields.text("helpType").trim().to_owned(),
                staff_id: fields.text("staffId").trim().to_owned(),
            },
        ),
        "end" => control::end_session(state, fields.text("customerId")),
        "fault" => control::queue_fault(state, faults::from_form(fields).to_string().as_bytes()),
        "forget" => control::clear_faults(state),
        "clock" => match fields.text("offsetSeconds").trim().parse() {
            Ok(offset_seconds) => control::set_clock(state, offset_seconds),
            Err(_) => Err(Answer::text(
                StatusCode::BAD_REQUEST,
                "The clock's offset has to be a whole number of seconds.",
            )),
        },
        _ => Err(Answer::text(
            StatusCode::NOT_FOUND,
            "There is no such form.",
        )),
    }
}
