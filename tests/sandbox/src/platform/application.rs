//! `/v1/application/`: the lookup, and the calls that act on a conversation.

use ring::digest;
use serde_json::json;

use super::{Body, Call, Kind, Reply, optional, required};
use crate::state::State;

pub(super) const CALLS: &[Call] = &[
    Call {
        path: "/v1/application/iscustomerinonlinehelp",
        fields: &[required("customerId", Kind::Text)],
        example: r#"{"customerId": "70022"}"#,
        answer: look_up,
    },
    Call {
        // The page's heading says finishonlinehelps, its URI and its example do not.
        path: "/v1/application/finishonlinehelp",
        fields: &[
            required("customerId", Kind::Text),
            required("staffId", Kind::Text),
        ],
        example: r#"{"customerId": "70022", "staffId": "45001"}"#,
        answer: finish,
    },
    Call {
        path: "/v1/application/interactionisnotdelivered",
        fields: &[
            optional("interactionId", Kind::Text),
            optional("sessionId", Kind::Text),
            optional("message", Kind::Text),
        ],
        example: r#"{"interactionId": "80001", "message": "Please try again."}"#,
        answer: not_delivered,
    },
    Call {
        path: "/v1/application/gettransactionhashforonlinehelp",
        fields: &[
            required("customerId", Kind::Text),
            required("deviceHash", Kind::Text),
        ],
        example: r#"{"customerId": "70022", "deviceHash": "5f4dcc3b"}"#,
        answer: transaction_hash,
    },
    Call {
        path: "/v1/application/enableoutofoffice",
        fields: &[
            required("staffId", Kind::Text),
            required("outOfOfficeMessage", Kind::Text),
            required("forwardToStaffIds", Kind::TextOrTexts),
        ],
        example: r#"{"staffId": "45001", "outOfOfficeMessage": "Back on Monday.", "forwardToStaffIds": ["45002"]}"#,
        answer: enable_out_of_office,
    },
];

fn look_up(body: &Body, state: &State) -> Reply {
    let help_status = state.customers().look_up(body.text("customerId"));
    Reply {
        answer: crate::answer::Answer::json(help_status.to_json()),
        reason: help_status.reason(),
    }
}

/// Ends the session, so that the next lookup of the customer says so.
fn finish(body: &Body, state: &State) -> Reply {
    let (customer_id, staff_id) = (body.text("customerId"), body.text("staffId"));
    if state.customers().end_session_with(customer_id, staff_id) {
        return Reply::json(
            &json!({"isSuccess": true, "message": "Online help is finished."}),
            "the session is ended",
        );
    }
    failure(
        400,
        &format!("There is no conversation between {customer_id} and {staff_id}."),
    )
}

/// The interactions that the sandbox knows: 80001, in session 90001, is being waited for;
/// the waiter of 80002, in session 90002, waits for another interaction.
fn not_delivered(body: &Body, _: &State) -> Reply {
    let interaction = body.optional_text("interactionId");
    match interaction.or(body.optional_text("sessionId")) {
        None => failure(400, "Neither interactionId nor sessionId is given."),
        Some("80001" | "90001") => Reply::json(
            &json!({"isSuccess": true, "message": "The customer is informed."}),
            "the interaction is reported as not delivered",
        ),
        Some("80002" | "90002") => failure(403, "Another interaction is waited for."),
        Some(_) => failure(402, "Nobody waits for this interaction."),
    }
}

/// The same hash for the same customer and device: 40 hexadecimal digits.
fn transaction_hash(body: &Body, _: &State) -> Reply {
    let text = format!("{}\n{}", body.text("customerId"), body.text("deviceHash"));
    let hash: String = digest::digest(&digest::SHA256, text.as_bytes()).as_ref()[..20]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Reply::json(
        &json!({"isSuccess": true, "message": "", "transactionHash": hash}),
        "a transaction hash",
    )
}

/// The documentation shows another call's answer here, so this has only what all answers of
/// this group have.
fn enable_out_of_office(body: &Body, _: &State) -> Reply {
    Reply::json(
        &json!({"isSuccess": true, "message": ""}),
        format!("{} is out of office", body.text("staffId")),
    )
}

fn failure(code: u16, message: &str) -> Reply {
    Reply::json(
        &json!({"isSuccess": false, "message": message, "errorCode": code}),
        format!("errorCode {code}: {message}"),
    )
}
