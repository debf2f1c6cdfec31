//! `/v1/reporting/`: lists of what happened in a period, newest first.
//!
//! The sandbox keeps no history. Its rows are examples that lie inside the period and name
//! the customer and the staff member of the body, so that a filter is visible in the answer.

use serde_json::{Value, json};

use super::{Body, Call, Field, Kind, Reply, optional, required};
use crate::state::State;

const START: Field = required("startDate", Kind::Integer);
const END: Field = required("endDate", Kind::Integer);
const PAGE: Field = required("pageNumber", Kind::IntegerIn(0, i64::MAX));
const PAGE_SIZE: Field = required("pageSize", Kind::IntegerIn(1, 20));

pub(super) const CALLS: &[Call] = &[
    Call {
        path: "/v1/reporting/getonlinehelplist",
        fields: &[
            START,
            END,
            optional("customerId", Kind::Text),
            optional("agentId", Kind::Text),
        ],
        example: r#"{"startDate": 1615248000000, "endDate": 1615334400000, "agentId": "45001"}"#,
        answer: online_helps,
    },
    Call {
        path: "/v1/reporting/getcalllist",
        fields: &[
            START,
            END,
            required("callType", Kind::OneOf(&["all", "video", "voice"])),
            optional("staffId", Kind::Text),
            optional("customerId", Kind::Text),
            optional("callUseType", Kind::IntegerIn(0, 3)),
        ],
        example: r#"{"startDate": 1615248000000, "endDate": 1615334400000, "callType": "all"}"#,
        answer: calls,
    },
    Call {
        path: "/v1/reporting/getstaffmessaginglist",
        fields: &[
            START,
            END,
            required("staffId", Kind::Text),
            optional("customerId", Kind::Text),
            optional("isGroupMessaging", Kind::Flag),
            PAGE,
            PAGE_SIZE,
        ],
        example: r#"{"startDate": 1615248000000, "endDate": 1615334400000, "staffId": "45001", "pageNumber": 1, "pageSize": 20}"#,
        answer: messages,
    },
    Call {
        path: "/v1/reporting/getcustomermessaginglist",
        fields: &[
            START,
            END,
            required("customerId", Kind::Text),
            optional("staffId", Kind::Text),
            optional("isGroupMessaging", Kind::Flag),
            PAGE,
            PAGE_SIZE,
        ],
        example: r#"{"startDate": 1615248000000, "endDate": 1615334400000, "customerId": "70022", "pageNumber": 1, "pageSize": 20}"#,
        answer: messages,
    },
    Call {
        path: "/v1/reporting/getmessagingdetail",
        fields: &[
            required("staffId", Kind::Text),
            required("customerId", Kind::Text),
            START,
            END,
        ],
        example: r#"{"staffId": "45001", "customerId": "70022", "startDate": 1615248000000, "endDate": 1615334400000}"#,
        answer: messaging_detail,
    },
];

const LINK: &str = "https://diyalog.bank.example/conversation/1";

fn online_helps(body: &Body, _: &State) -> Reply {
    let customer = body.optional_text("customerId").unwrap_or("70022");
    let agent = body.optional_text("agentId").unwrap_or("45001");
    list(body, |newest| {
        let requested_at = newest.before(180_000);
        vec![
            json!({
                "onlineHelpId": "5002", "customerNo": customer, "customerName": "Ayşe Örnek",
                "helpState": "WAITING", "helpRequestedAt": newest.before(0),
            }),
            json!({
                "onlineHelpId": "5001", "customerNo": customer, "customerName": "Ayşe Örnek",
                "agentId": agent, "agentName": "Şule Temsilci", "helpState": "Ended by customer",
                "helpRequestedAt": requested_at, "helpStartedAt": newest.before(150_000),
                "helpEndedAt": newest.before(30_000), "waitTime": 30, "helpTime": 120,
                "conversationDetailLink": LINK,
            }),
        ]
    })
}

fn calls(body: &Body, _: &State) -> Reply {
    let customer = body.optional_text("customerId").unwrap_or("70022");
    let staff = body.optional_text("staffId").unwrap_or("45001");
    let call_type = match body.text("callType") {
        "all" => "video",
        one => one,
    };
    list(body, |newest| {
        vec![json!({
            // Beyond what a double holds: a client has to read it as a 64-bit integer.
            "callId": -4_611_686_018_427_387_905_i64,
            "initiatorId": staff, "nameOfInitiator": "Şule Temsilci",
            "initiatorUserType": "STAFF", "initiatorAppName": "diyalog",
            "receiverId": customer, "nameOfReceiver": "Ayşe Örnek",
            "receiverUserType": "CUSTOMER", "receiverAppName": "bank",
            "callStartedAt": newest.before(60_000), "callEndedAt": newest.before(0),
            "callTime": 60, "callType": call_type, "callState": "ENDED",
            "callViewUrl": LINK, "callUseType": body.integer("callUseType"),
        })]
    })
}

/// The documentation does not say whether the first page is 0 or 1, so both are.
fn messages(body: &Body, _: &State) -> Reply {
    if body.integer("pageNumber") > 1 {
        return Reply::json(&json!([]), "no rows on this page");
    }
    let customer = body.optional_text("customerId").unwrap_or("70022");
    let staff = body.optional_text("staffId").unwrap_or("45001");
    let is_group = body.flag("isGroupMessaging");
    list(body, |newest| {
        vec![json!({
            "senderId": staff, "nameOfSender": "Şule Temsilci",
            "receiverId": customer, "nameOfReceiver": "Ayşe Örnek",
            "messagingDate": newest.before(0), "sendMessageCount": 3,
            "isGroupMessaging": is_group, "groupId": is_group.then_some("600"),
            "conversationDetailLink": LINK,
        })]
    })
}

fn messaging_detail(_: &Body, _: &State) -> Reply {
    Reply::json(
        &json!({"isSuccess": true, "conversationDetailLink": LINK}),
        "a link to the conversation",
    )
}

/// The period that a report is about, counted back from its end.
struct Period {
    start: i64,
    end: i64,
}

impl Period {
    /// A time so many milliseconds before the end, but not before the start.
    fn before(&self, milliseconds: i64) -> i64 {
        self.end.saturating_sub(milliseconds).max(self.start)
    }
}

/// The rows of a period; none if it ends before it starts.
fn list(body: &Body, rows: impl FnOnce(&Period) -> Vec<Value>) -> Reply {
    let period = Period {
        start: body.integer("startDate"),
        end: body.integer("endDate"),
    };
    let rows = if period.start <= period.end {
        rows(&period)
    } else {
        Vec::new()
    };
    let reason = format!("{} example rows", rows.len());
    Reply::json(&Value::from(rows), reason)
}
