//! The sandbox's customers and their sessions.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An online help session of a customer with a staff member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Session {
    /// The customer who is helped.
    pub customer_id: String,
    /// `inbound` or `outbound` in the real API. The sandbox accepts any text, to test how a client
    /// handles an unknown one.
    pub help_type: String,
    /// User id of the staff member.
    pub staff_id: String,
}

/// Every known customer, with the customer's session, if any.
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

    /// Starts a session of a customer, known or not. Replaces an earlier one.
    pub(crate) fn start_session(&mut self, session: Session) {
        self.sessions
            .insert(session.customer_id.clone(), Some(session));
    }

    /// Ends a customer's session. Returns whether there was one. The customer stays known.
    pub(crate) fn end_session(&mut self, customer_id: &str) -> bool {
        self.sessions
            .get_mut(customer_id)
            .and_then(Option::take)
            .is_some()
    }

    /// Ends a customer's session if it is with this staff member. Returns whether it was.
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

    /// Returns every known customer, with the customer's session, if any.
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

/// The result of a lookup.
pub(crate) enum HelpStatus {
    InHelp(Session),
    NotInHelp,
    UnknownCustomer,
}

impl HelpStatus {
    /// The body of the response, as documented.
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

    /// The same as text for the log.
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
