//! The page itself.

use maud::{Markup, html};

use super::{events, faults, layout, requests, sections, workbench};
use crate::options::DEFAULT_ACCESS_KEY_SECRET;
use crate::state::State;

pub(super) fn page(state: &State) -> Markup {
    let (rows, newest) = requests::rows_after(state, 0);
    let body = html! {
        header {
            h1 { "Diyalog sandbox" }
            p { "A stand-in for a Diyalog server, on this machine only. Nothing it knows is real." }
            (connection(state))
        }
        p #result role="status" tabindex="-1" {}
        main {
            div.left {
                section.requests aria-labelledby="requests-title" {
                    div.title {
                        h2 #requests-title { "Requests" }
                        label #live-label hidden { input #live type="checkbox" checked; " live" }
                    }
                    noscript { p.note { "Reload the page to see newer requests." } }
                    div.heads aria-hidden="true" {
                        span { "Time (UTC)" } span { "Call" } span { "Customer" } span { "Requester" } span { "Answer" }
                    }
                    ol #requests data-position=(events::position(state, newest)) data-shown=(requests::SHOWN) reversed { (rows) }
                    p.empty { "No request yet. Point a client at the endpoint above, or let the workbench below make a curl command." }
                }
                section.workbench aria-labelledby="workbench-title" {
                    h2 #workbench-title { "Signature workbench" }
                    (workbench::form(state))
                    div #signed aria-live="polite" {}
                }
            }
            aside {
                section aria-labelledby="customers-title" {
                    h2 #customers-title { "Customers" }
                    (sections::customers(state))
                    (start_form())
                }
                section aria-labelledby="clock-title" {
                    h2 #clock-title { "Clock" }
                    (sections::clock(state))
                    (clock_form())
                }
                section aria-labelledby="faults-title" {
                    h2 #faults-title { "Faults" }
                    (sections::queued_faults(state))
                    (faults::offers())
                }
            }
        }
    };
    layout::document("Diyalog sandbox", "", &body)
}

fn connection(state: &State) -> Markup {
    let is_default = state.key.secret == DEFAULT_ACCESS_KEY_SECRET.as_bytes();
    html! {
        dl {
            div { dt { "Endpoint" } dd { code { (state.origin) (state.base_path) } } }
            div { dt { "Access key id" } dd { code { (state.key.id) } } }
            div {
                dt { "Access key secret" }
                dd {
                    @if is_default { code { (DEFAULT_ACCESS_KEY_SECRET) } } @else { "as given on the command line" }
                }
            }
        }
    }
}

fn start_form() -> Markup {
    html! {
        form.line method="post" action="form/start" {
            label { "Customer" input name="customerId" value="70099" required; }
            label { "Type"
                select name="helpType" { option { "inbound" } option { "outbound" } }
            }
            label { "Staff" input name="staffId" value="45009" required; }
            button #start-session { "Start a session" }
        }
    }
}

fn clock_form() -> Markup {
    html! {
        form.line method="post" action="form/clock" {
            label { "Seconds ahead" input type="number" name="offsetSeconds" value="0" required; }
            button #set-clock aria-describedby="clock-effect" { "Set" }
        }
        p.note #clock-effect {
            "Beyond 15 minutes the sandbox answers 403. The client measures the difference by the Date header, "
            "signs again once and keeps the offset. With clock_correction off it reports CLOCK_SKEW (24)."
        }
    }
}
