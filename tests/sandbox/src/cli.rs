//! The command line.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use diyalog_sandbox::{Fault, Options, TlsOptions};
use lexopt::prelude::*;

/// What `--help` prints.
pub const HELP: &str = include_str!("help.txt");

/// What the command line asks for.
pub enum Command {
    /// Print [`HELP`].
    Help,
    /// Print the version.
    Version,
    /// Serve.
    Serve(Box<Serve>),
}

/// How to serve.
pub struct Serve {
    /// The library's options.
    pub options: Options,
    /// The file for the throw-away CA's certificate.
    pub ca_file: Option<PathBuf>,
    /// Faults to queue before the first request, each with its number of times.
    pub faults: Vec<(Fault, u32)>,
    /// Whether to stop when standard input ends.
    pub until_stdin_closes: bool,
    /// The file for the log; standard output if none.
    pub log_file: Option<PathBuf>,
    /// The command to run beside the sandbox, and its arguments; empty: none.
    pub command: Vec<OsString>,
}

/// Parses the arguments. The error is a text for the user.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Command, lexopt::Error> {
    let mut options = Options::default();
    let mut wants_tls = false;
    let mut server_names = Vec::new();
    let mut client_ca = None;
    let mut ca_file = None;
    let mut faults = Vec::new();
    let mut until_stdin_closes = false;
    let mut log_file = None;
    let mut command = Vec::new();

    let mut parser = lexopt::Parser::from_args(arguments);
    loop {
        if let Some(mut rest) = parser.try_raw_args()
            && rest.next_if(|argument| argument == "--").is_some()
        {
            command.extend(rest);
            if command.is_empty() {
                return Err("-- needs a command".into());
            }
            break;
        }
        let Some(argument) = parser.next()? else {
            break;
        };
        match argument {
            Short('h') | Long("help") => return Ok(Command::Help),
            Long("version") => return Ok(Command::Version),
            Long("listen") => options.listen = parser.value()?.parse()?,
            Long("base-path") => options.base_path = parser.value()?.string()?,
            Long("access-key-id") => options.access_key_id = parser.value()?.string()?,
            Long("access-key-secret") => {
                options.access_key_secret = parser.value()?.string()?.into_bytes();
            }
            Long("clock-offset") => options.clock_offset = parser.value()?.parse()?,
            Long("fault") => {
                let json = parser.value()?.string()?;
                faults.push(
                    Fault::from_json(json.as_bytes())
                        .map_err(|problem| format!("--fault {json}: {problem}"))?,
                );
            }
            Long("tls") => wants_tls = true,
            Long("ca-file") => ca_file = Some(PathBuf::from(parser.value()?)),
            Long("server-name") => server_names.push(parser.value()?.string()?),
            Long("client-ca-file") => client_ca = Some(PathBuf::from(parser.value()?)),
            Long("until-stdin-closes") => until_stdin_closes = true,
            Long("log-file") => log_file = Some(PathBuf::from(parser.value()?)),
            _ => return Err(argument.unexpected()),
        }
    }

    if until_stdin_closes && !command.is_empty() {
        return Err("--until-stdin-closes needs no command: the sandbox ends with that".into());
    }
    let has_tls_settings = ca_file.is_some() || client_ca.is_some() || !server_names.is_empty();
    if has_tls_settings && !wants_tls {
        return Err("--ca-file, --server-name and --client-ca-file need --tls".into());
    }
    if wants_tls {
        let mut tls = TlsOptions::default();
        if !server_names.is_empty() {
            tls.server_names = server_names;
        }
        if let Some(path) = client_ca {
            let pem = fs::read_to_string(&path)
                .map_err(|problem| format!("cannot read {}: {problem}", path.display()))?;
            tls.require_client_certificate = Some(pem);
        }
        options.tls = Some(tls);
    }
    Ok(Command::Serve(Box::new(Serve {
        options,
        ca_file,
        faults,
        until_stdin_closes,
        log_file,
        command,
    })))
}
