//! `diyalog-sandbox`: the sandbox as a program. See `--help`.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod cli;
mod command;
mod log;
mod signals;

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::thread;

use diyalog_sandbox::Sandbox;
use tempfile::TempDir;
use tokio::sync::oneshot;

use cli::{Command, Serve};
use signals::Signals;

const USAGE_ERROR: u8 = 2;
/// The requester of the examples; the sandbox accepts any.
const REQUESTER: &str = "45186";

fn main() -> ExitCode {
    let arguments = std::env::args_os().skip(1);
    match cli::parse(arguments) {
        Ok(Command::Help) => print_line(&mut io::stdout(), cli::HELP.trim_end()),
        Ok(Command::Version) => print_line(
            &mut io::stdout(),
            concat!("diyalog-sandbox ", env!("CARGO_PKG_VERSION")),
        ),
        Ok(Command::Serve(serve)) => {
            return serve_until_the_end(*serve).unwrap_or_else(|problem| {
                eprintln!("diyalog-sandbox: {problem}");
                ExitCode::FAILURE
            });
        }
        Err(problem) => {
            eprintln!("diyalog-sandbox: {problem}\nTry diyalog-sandbox --help.");
            return ExitCode::from(USAGE_ERROR);
        }
    }
    ExitCode::SUCCESS
}

/// Serves until the command ends, if there is one, or else until a signal or the end of standard
/// input.
fn serve_until_the_end(mut serve: Serve) -> io::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        // Before the URL is printed: its reader may send a signal at once.
        let mut signals = Signals::new()?;

        let log: Arc<Mutex<dyn Write + Send>> = match &serve.log_file {
            Some(path) => Arc::new(Mutex::new(File::create(path).map_err(cannot_write(path))?)),
            // Standard output is the command's.
            None if !serve.command.is_empty() => Arc::new(Mutex::new(io::stderr())),
            None => Arc::new(Mutex::new(io::stdout())),
        };
        // A request may arrive before the URL is printed; its line has to wait.
        let first_line = log.lock().expect("no panic yet");
        let observed = Arc::clone(&log);
        serve.options.observer = Some(Arc::new(move |event| {
            if let Ok(mut log) = observed.lock() {
                print_line(&mut *log, &log::lines(event));
            }
        }));
        let folder = match serve.options.tls {
            Some(_) if serve.ca_file.is_none() && !serve.command.is_empty() => {
                let folder = TempDir::new()?;
                serve.ca_file = Some(folder.path().join("ca.pem"));
                Some(folder)
            }
            _ => None,
        };
        let key_id = serve.options.access_key_id.clone();
        let secret = serve.options.access_key_secret.clone();
        let sandbox = Sandbox::start(serve.options)?;
        if let Some(path) = &serve.ca_file {
            fs::write(path, sandbox.ca_pem()).map_err(cannot_write(path))?;
        }
        for (fault, times) in serve.faults {
            sandbox.push_fault_times(fault, times);
        }

        if serve.command.is_empty() {
            print_line(&mut io::stdout(), sandbox.url());
            drop(first_line);
            tokio::select! {
                _ = signals.next() => {}
                () = end_of_stdin(), if serve.until_stdin_closes => {}
            }
            return Ok(ExitCode::SUCCESS);
        }

        drop(first_line);
        let secret = String::from_utf8(secret).expect("arguments are text");
        // The proxy of the user's environment could not reach this machine.
        let variables = [
            ("DIYALOG_ENDPOINT", Some(OsStr::new(sandbox.url()))),
            ("DIYALOG_ACCESS_KEY_ID", Some(OsStr::new(&key_id))),
            ("DIYALOG_ACCESS_KEY_SECRET", Some(OsStr::new(&secret))),
            ("DIYALOG_REQUESTER_USER_ID", Some(OsStr::new(REQUESTER))),
            (
                "DIYALOG_CA_FILE",
                serve.ca_file.as_deref().map(Path::as_os_str),
            ),
            ("DIYALOG_PROXY", None),
        ];
        let code = command::run(&serve.command, &variables, signals).await;
        drop(folder);
        code
    })
}

fn cannot_write(path: &Path) -> impl Fn(io::Error) -> io::Error {
    move |problem| {
        io::Error::new(
            problem.kind(),
            format!("cannot write {}: {problem}", path.display()),
        )
    }
}

/// Prints at once, and ignores a closed standard output.
fn print_line(output: &mut dyn Write, text: &str) {
    let _ = writeln!(output, "{text}").and_then(|()| output.flush());
}

async fn end_of_stdin() {
    let (ended, has_ended) = oneshot::channel::<()>();
    // A read of standard input cannot be cancelled, so the thread is not joined.
    thread::spawn(move || {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        drop(ended);
    });
    let _ = has_ended.await;
}
