//! `/v1/simplepush/`: pushes that go nowhere, and what became of them.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::{Body, Call, Kind, Reply, optional, required};
use crate::state::State;

const MAX_RECIPIENTS: usize = 1000;
const MAX_DATA_BYTES: usize = 4096;

/// How many pushes are remembered. A body is at most 4 MiB, so this bounds the memory.
const KEPT_PUSHES: usize = 16;

pub(super) const CALLS: &[Call] = &[
    Call {
        path: "/v1/simplepush/sendpush",
        fields: &[
            required("to", Kind::Texts),
            required("data", Kind::ShortText(MAX_DATA_BYTES)),
            required("senderApp", Kind::Text),
            optional("time_to_live", Kind::Integer),
            optional("content_available", Kind::Flag),
            optional("mutable_content", Kind::Flag),
            optional("ios_notification", Kind::Object),
        ],
        example: r#"{"to": ["70022"], "data": "Your card is ready.", "senderApp": "bank"}"#,
        answer: send,
    },
    Call {
        path: "/v1/simplepush/notificationstatus",
        fields: &[required("push_id", Kind::Text)],
        example: r#"{"push_id": "1"}"#,
        answer: status,
    },
    Call {
        path: "/v1/simplepush/notificationstatusofuser",
        fields: &[required("push_id", Kind::Text), required("to", Kind::Text)],
        example: r#"{"push_id": "1", "to": "70022"}"#,
        answer: status_of_user,
    },
];

/// The latest pushes.
#[derive(Default)]
pub(crate) struct Pushes {
    count: u64,
    latest: VecDeque<Push>,
}

#[derive(Clone)]
struct Push {
    id: String,
    requested_at: i64,
    to: Vec<String>,
}

impl Pushes {
    fn add(&mut self, to: Vec<String>, requested_at: i64) -> Push {
        self.count += 1;
        if self.latest.len() == KEPT_PUSHES {
            self.latest.pop_front();
        }
        let push = Push {
            id: self.count.to_string(),
            requested_at,
            to,
        };
        self.latest.push_back(push.clone());
        push
    }

    fn find(&self, id: &str) -> Option<Push> {
        self.latest.iter().find(|push| push.id == id).cloned()
    }
}

impl Push {
    /// Every recipient has one device, and every push arrives.
    fn info(&self) -> Value {
        json!({"devices": self.to.len(), "failed": []})
    }
}

fn send(body: &Body, state: &State) -> Reply {
    let to: Vec<String> = body.texts("to").into_iter().map(str::to_owned).collect();
    if to.len() > MAX_RECIPIENTS {
        return Reply::rejected(
            "MAX_PUSHES_PER_REQUEST_EXCEEDED",
            format!("{} recipients; at most {MAX_RECIPIENTS}", to.len()),
        );
    }
    let push = state.pushes().add(to, state.clock.now() * 1000);
    Reply::json(
        &json!({"pushId": push.id, "success": true, "info": push.info()}),
        format!("push {} to {} recipients", push.id, push.to.len()),
    )
}

fn status(body: &Body, state: &State) -> Reply {
    let push_id = body.text("push_id");
    match state.pushes().find(push_id) {
        Some(push) => Reply::json(
            &json!({
                "pushId": push.id, "requestAt": push.requested_at,
                "requestDetail": {"to": push.to}, "info": push.info(),
            }),
            format!("push {}", push.id),
        ),
        // The documentation has no code for this case.
        None => Reply {
            answer: crate::answer::Answer::text(
                hyper::StatusCode::INTERNAL_SERVER_ERROR,
                "There is no such push",
            ),
            reason: format!("no push {push_id} among the latest {KEPT_PUSHES}"),
        },
    }
}

fn status_of_user(body: &Body, state: &State) -> Reply {
    let (push_id, to) = (body.text("push_id"), body.text("to"));
    match state.pushes().find(push_id) {
        Some(push) if push.to.iter().any(|recipient| recipient == to) => Reply::json(
            &json!({
                "pushId": push.id, "requestAt": push.requested_at,
                "sendAt": push.requested_at, "isSuccess": true,
            }),
            format!("push {} reached {to}", push.id),
        ),
        _ => Reply::rejected(
            "SPECIFIED_PUSH_NOT_FOUND_FOR_GIVEN_USER",
            format!("no push {push_id} to {to} among the latest {KEPT_PUSHES}"),
        ),
    }
}
