//! The parts of the page that change while it is open, requests aside.

use maud::{Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::difference::shortened;
use crate::state::State;

/// How many customers the page lists.
const SHOWN_CUSTOMERS: usize = 100;

/// How many queued faults the page lists.
const SHOWN_FAULTS: usize = 20;

/// How many characters of a value have room in the table.
const ROOM: usize = 80;

/// All of them, each with an id under which the script replaces it.
pub(super) fn all(state: &State) -> Markup {
    html! {
        (customers(state))
        (queued_faults(state))
        (clock(state))
    }
}

pub(super) fn customers(state: &State) -> Markup {
    let (customers, count) = {
        let known = state.customers();
        let shown: Vec<_> = known
            .all()
            .take(SHOWN_CUSTOMERS)
            .map(|(customer_id, session)| (customer_id.clone(), session.clone()))
            .collect();
        (shown, known.all().len())
    };
    let more = count - customers.len();
    html! {
        div #customers {
            table {
                thead {
                    tr {
                        th scope="col" { "Customer" }
                        th scope="col" { "Online help" }
                        td {}
                    }
                }
                tbody {
                    @for (customer_id, session) in &customers {
                        tr {
                            th scope="row" { (shortened(customer_id, ROOM)) }
                            td {
                                @match session {
                                    Some(session) => {
                                        span.dot {}
                                        (shortened(&session.help_type, ROOM)) ", staff " (shortened(&session.staff_id, ROOM))
                                    }
                                    None => span.quiet { "not in a session" },
                                }
                            }
                            td.action { (session_button(customer_id, session.is_some())) }
                        }
                    }
                }
            }
            @if more > 0 { p.note { "… and " (more) " more" } }
        }
    }
}

fn session_button(customer_id: &str, is_in_session: bool) -> Markup {
    // The same id for both, so that the keyboard's focus stays where it is.
    let id = utf8_percent_encode(customer_id, NON_ALPHANUMERIC);
    let id = format!("session-{id}");
    html! {
        @if is_in_session {
            form method="post" action="form/end" {
                input type="hidden" name="customerId" value=(customer_id);
                button #(id) aria-label={ "End the session of " (customer_id) } { "End" }
            }
        } @else {
            form method="post" action="form/start" {
                input type="hidden" name="customerId" value=(customer_id);
                input type="hidden" name="helpType" value="inbound";
                input type="hidden" name="staffId" value="45001";
                button #(id) aria-label={ "Start a session of " (customer_id) } { "Start" }
            }
        }
    }
}

pub(super) fn queued_faults(state: &State) -> Markup {
    let (faults, count) = {
        let queue = state.faults();
        let faults = queue.iter().take(SHOWN_FAULTS);
        let faults: Vec<String> = faults
            .map(|(fault, times)| match times {
                1 => fault.to_string(),
                times => format!("{fault}, {times} times"),
            })
            .collect();
        (faults, queue.iter().count())
    };
    let more = count.saturating_sub(SHOWN_FAULTS);
    html! {
        div #queued-faults {
            @if faults.is_empty() {
                p.note { "No fault is queued: the next call is answered as documented." }
            } @else {
                p.note { "Queued for the next calls, in this order:" }
                ol { @for fault in &faults { li { (fault) } } }
                @if more > 0 { p.note { "… and " (more) " more" } }
                form method="post" action="form/forget" {
                    button #forget-faults { "Forget them" }
                }
            }
        }
    }
}

pub(super) fn clock(state: &State) -> Markup {
    let offset = state.clock.offset();
    html! {
        p #clock .note {
            @match offset {
                0 => "The sandbox's clock agrees with this machine's.",
                1.. => { "The sandbox's clock is " (offset) " seconds ahead of this machine's." }
                _ => { "The sandbox's clock is " (-offset) " seconds behind this machine's." }
            }
        }
    }
}
