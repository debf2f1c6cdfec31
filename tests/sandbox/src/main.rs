//! `diyalog-sandbox`: the sandbox as a program. `--help` says what it does.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod cli;
mod log;

use std::fs;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;

use diyalog_sandbox::Sandbox;
use tokio::sync::oneshot;

use cli::{Command, Serve};

const USAGE_ERROR: u8 = 2;

fn main() -> ExitCode {
    let arguments = std::env::args_os().skip(1);
    match cli::parse(arguments) {
        Ok(Command::Help) => print_line(cli::HELP.trim_end()),
        Ok(Command::Version) => print_line(concat!("diyalog-sandbox ", env!("CARGO_PKG_VERSION"))),
        Ok(Command::Serve(serve)) => {
            if let Err(problem) = serve_until_told_to_stop(*serve) {
                eprintln!("diyalog-sandbox: {problem}");
                return ExitCode::FAILURE;
            }
        }
        Err(problem) => {
            eprintln!("diyalog-sandbox: {problem}\nTry diyalog-sandbox --help.");
            return ExitCode::from(USAGE_ERROR);
        }
    }
    ExitCode::SUCCESS
}

fn serve_until_told_to_stop(mut serve: Serve) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        // Before the URL is out: whoever reads it may send a signal at once.
        let stop_signal = stop_signal()?;

        // A request may come before the URL is out; its line has to wait.
        let first_line = io::stdout().lock();
        serve.options.observer = Some(Arc::new(|event| print_line(&log::lines(event))));
        let sandbox = Sandbox::start(serve.options)?;
        if let Some(path) = &serve.ca_file {
            fs::write(path, sandbox.ca_pem()).map_err(|problem| {
                io::Error::new(
                    problem.kind(),
                    format!("cannot write {}: {problem}", path.display()),
                )
            })?;
        }
        for (fault, times) in serve.faults {
            sandbox.push_fault_times(fault, times);
        }
        print_line(sandbox.url());
        drop(first_line);

        tokio::select! {
            () = stop_signal => {}
            () = end_of_stdin(), if serve.until_stdin_closes => {}
        }
        Ok(())
    })
}

/// Prints at once, and goes on where nobody reads it.
fn print_line(text: &str) {
    let mut stdout = io::stdout().lock();
    let _ = writeln!(stdout, "{text}").and_then(|()| stdout.flush());
}

/// Completes with SIGINT or SIGTERM, which are caught from the moment this returns.
#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Completes with Ctrl-C, which is caught from the moment this returns.
#[cfg(windows)]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}

async fn end_of_stdin() {
    let (ended, has_ended) = oneshot::channel::<()>();
    // A read of standard input cannot be called off, so the thread is left to itself.
    thread::spawn(move || {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        drop(ended);
    });
    let _ = has_ended.await;
}
