//! Sends JSON to an endpoint of the platform and prints the response. Settings come from the
//! environment: DIYALOG_ENDPOINT, DIYALOG_ACCESS_KEY_ID, DIYALOG_ACCESS_KEY_SECRET,
//! DIYALOG_REQUESTER_USER_ID.
//!
//! `cargo run --example post -- /v1/reporting/getcalllist '{"startDate": 1615248000000, "endDate": 1615334400000, "callType": "all"}'`
//!
//! A call that only reads is repeatable: name it with `-r`, and it is retried like a lookup.

use std::process::ExitCode;

use diyalog::{CallOptions, Client, Config, Error};

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let repeatable = arguments.first().is_some_and(|first| first == "-r");
    if repeatable {
        arguments.remove(0);
    }
    let [path, json] = arguments.as_slice() else {
        eprintln!("usage: post [-r] PATH JSON");
        return ExitCode::from(2);
    };
    match post(path, json, repeatable) {
        Ok(body) => {
            println!("{body}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error {}: {error}", error.code() as i32);
            ExitCode::FAILURE
        }
    }
}

fn post(path: &str, json: &str, repeatable: bool) -> Result<String, Error> {
    let client = Client::new(&Config::default().load_env()?)?;
    let options = CallOptions::new().repeatable(repeatable);
    Ok(client.post_with(path, json, options)?.body)
}
