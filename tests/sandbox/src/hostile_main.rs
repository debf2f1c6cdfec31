//! `diyalog-hostile`: every way a server can misbehave, each on a port of its own, for tests in
//! any language.
//!
//! `diyalog-hostile [--ca-file PATH] [--list-file PATH] [MODE...] [-- COMMAND ARGUMENT...]` prints
//! a line `MODE URL` for each mode, all of them unless some are named, and then an empty line; or
//! writes them to the list file. The first lookup at a URL triggers the mode. Every later one gets a
//! correct response with the staff id `staff-of-CUSTOMER`. It runs the command, and fails if that
//! fails. Without a command it ends when standard input does.

#![forbid(unsafe_code)]

use std::error::Error;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use diyalog_sandbox::hostile::{self, Identity};
use lexopt::prelude::*;

fn main() -> ExitCode {
    match serve() {
        Ok(code) => code,
        Err(problem) => {
            eprintln!("diyalog-hostile: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn serve() -> Result<ExitCode, Box<dyn Error>> {
    let identity = Identity::new();
    let mut modes = Vec::new();
    let mut list_file = None;
    let mut command: Vec<OsString> = Vec::new();
    let mut arguments = lexopt::Parser::from_env();
    loop {
        if let Some(mut rest) = arguments.try_raw_args()
            && rest.next_if(|argument| argument == "--").is_some()
        {
            command.extend(rest);
            break;
        }
        let Some(argument) = arguments.next()? else {
            break;
        };
        match argument {
            Long("list-file") => list_file = Some(PathBuf::from(arguments.value()?)),
            Long("ca-file") => std::fs::write(arguments.value()?, identity.pem())?,
            Value(mode) => modes.push(mode.string()?),
            _ => return Err(argument.unexpected().into()),
        }
    }

    let mut lines = String::new();
    let servers = hostile::start_all(&modes, &identity)?;
    for (name, server) in &servers {
        writeln!(lines, "{name} {}", server.url())?;
    }
    match list_file {
        Some(path) => std::fs::write(path, lines)?,
        None => {
            let mut stdout = io::stdout().lock();
            writeln!(stdout, "{lines}")?;
            stdout.flush()?;
        }
    }
    if let Some((program, arguments)) = command.split_first() {
        let status = Command::new(program).args(arguments).status()?;
        return Ok(match status.success() {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        });
    }
    io::copy(&mut io::stdin().lock(), &mut io::sink())?;
    Ok(ExitCode::SUCCESS)
}
