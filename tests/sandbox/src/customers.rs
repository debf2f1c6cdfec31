//! The customers that the sandbox knows, and who of them is in a session.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An online-help session: a customer talks to a member of staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Session {
    /// The customer who is helped.
    pub customer_id: String,
    /// `inbound` or `outbound` in the real API; the sandbox takes any text, so that a
    /// client can be shown one that it does not know.
    pub help_type: String,
    /// User id of the agent.
    pub staff_id: String,
}

/// Every customer the sandbox knows, with the session the customer is in, if any.
pub(crate) struct Customers {
    sessions: BTreeMap<String, Option<Session>>,
}

impl Customers {
    /// The customers that a sandbox starts with, as `--help` lists them.
    pub(crate) fn at_start() -> Customers {
        let mut customers = Customers {
            sessions: BTreeMap::from([("70024".to_owned(), None)]),
        };
        for (customer_id, help_type, staff_id) in [
            ("70022", "inbound", "45001"),
            ("70023", "outbound", "45002"),
            ("müşteri-70025", "inbound", "temsilci-şule"),
        ] {
            customers.start_session(Session {
                customer_id: customer_id.to_owned(),
                help_type: help_type.to_owned(),
                staff_id: staff_id.to_owned(),
            });
        }
        customers
    }

    /// Puts a customer, known before or not, into a session; an earlier one is replaced.
    pub(crate) fn start_session(&mut self, session: Session) {
        self.sessions
            .insert(session.customer_id.clone(), Some(session));
    }

    /// True where there was a session to end. The customer stays known.
    pub(crate) fn end_session(&mut self, customer_id: &str) -> bool {
        self.sessions
            .get_mut(customer_id)
            .and_then(Option::take)
            .is_some()
    }

    /// Ends a customer's session if it is with this staff member; true if it was.
    pub(crate) fn end_session_with(&mut self, customer_id: &str, staff_id: &str) -> bool {
        match self.sessions.get_mut(customer_id) {
            Some(session) => session
                .take_if(|session| session.staff_id == staff_id)
                .is_some(),
            None => false,
        }
    }

    pub(crate) fn sessions(&self) -> Vec<Session> {
        self.sessions.values().flatten().cloned().collect()
    }

    /// Every known customer, with the session the customer is in, if any.
    pub(crate) fn all(&self) -> impl ExactSizeIterator<Item = (&String, &Option<Session>)> {
        self.sessions.iter()
    }

    pub(crate) fn look_up(&self, customer_id: &str) -> HelpStatus {
        match self.sessions.get(customer_id) {
            Some(Some(session)) => HelpStatus::InHelp(session.clone()),
            Some(None) => HelpStatus::NotInHelp,
            None => HelpStatus::UnknownCustomer,
        }
    }
}

/// What the API can say about a customer.
pub(crate) enum HelpStatus {
    InHelp(Session),
    NotInHelp,
    UnknownCustomer,
}

impl HelpStatus {
    /// The body of the answer, in the forms the API documents.
    pub(crate) fn to_json(&self) -> String {
        match self {
            HelpStatus::InHelp(session) => format!(
                r#"{{"isInHelp": true, "helpType": {}, "staffId": {}}}"#,
                serde_json::Value::from(session.help_type.as_str()),
                serde_json::Value::from(session.staff_id.as_str()),
            ),
            HelpStatus::NotInHelp => {
                r#"{"isInHelp": false, "helpType": "", "staffId": null}"#.to_owned()
            }
            HelpStatus::UnknownCustomer => r#"{"isInHelp": false, "errorCode": 400}"#.to_owned(),
        }
    }

    /// The same for the reader of the log.
    pub(crate) fn reason(&self) -> String {
        match self {
            HelpStatus::InHelp(session) => {
                format!("in help, {}, staff {}", session.help_type, session.staff_id)
            }
            HelpStatus::NotInHelp => "known, not in help".to_owned(),
            HelpStatus::UnknownCustomer => "no such customer".to_owned(),
        }
    }
}
