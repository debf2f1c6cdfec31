//! `diyalog-hostile`: every way a server can misbehave, each on a port of its own, for tests in
//! any language.
//!
//! `diyalog-hostile [--ca-file PATH] [MODE...]` prints a line `MODE URL` for each mode, all of
//! them unless some are named, and then an empty line. The first lookup at a URL meets the mode,
//! every later one is answered right: staff id `staff-of-CUSTOMER`. It ends when standard input
//! does.

#![forbid(unsafe_code)]

use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;

use diyalog_sandbox::hostile::{self, Identity};
use lexopt::prelude::*;

fn main() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("diyalog-hostile: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn serve() -> Result<(), Box<dyn Error>> {
    let identity = Identity::new();
    let mut modes = Vec::new();
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("ca-file") => std::fs::write(arguments.value()?, identity.pem())?,
            Value(mode) => modes.push(mode.string()?),
            _ => return Err(argument.unexpected().into()),
        }
    }

    let mut lines = String::new();
    for (name, server) in &hostile::start_all(&modes, &identity)? {
        writeln!(lines, "{name} {}", server.url())?;
    }
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{lines}")?;
    stdout.flush()?;
    io::copy(&mut io::stdin().lock(), &mut io::sink())?;
    Ok(())
}
