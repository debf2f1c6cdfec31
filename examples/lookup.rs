//! Looks up the customers named on the command line. Settings come from the environment:
//! DIYALOG_ENDPOINT, DIYALOG_ACCESS_KEY_ID, DIYALOG_ACCESS_KEY_SECRET, DIYALOG_REQUESTER_USER_ID.
//!
//! `cargo run --example lookup -- 70022`

use std::process::ExitCode;

use diyalog::{Client, Config, Error, HelpStatus};

fn main() -> ExitCode {
    match look_up(std::env::args().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error {}: {error}", error.code() as i32);
            ExitCode::FAILURE
        }
    }
}

fn look_up(customer_ids: impl Iterator<Item = String>) -> Result<(), Error> {
    let client = Client::new(&Config::default().load_env()?)?;
    for customer_id in customer_ids {
        let status = client.is_customer_in_online_help(&customer_id)?;
        println!("{customer_id}: {}", describe(&status));
    }
    Ok(())
}

fn describe(status: &HelpStatus) -> String {
    if !status.customer_found() {
        return "no such customer".to_owned();
    }
    if !status.is_in_help {
        return "not in help".to_owned();
    }
    format!(
        "in help, {}, with agent {}",
        status
            .help_type
            .as_ref()
            .map_or("of no kind", |kind| kind.as_str()),
        status.staff_id.as_deref().unwrap_or("unknown"),
    )
}
