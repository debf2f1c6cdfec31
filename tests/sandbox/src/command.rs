//! Runs a command beside the sandbox: `diyalog-sandbox … -- COMMAND ARG…`.

use std::ffi::{OsStr, OsString};
use std::io;
use std::process::{ExitCode, ExitStatus};

#[cfg(unix)]
use tokio::process::Child;
use tokio::process::Command;

use crate::signals::{Signal, Signals};

const CANNOT_RUN: u8 = 127;
const SIGNALLED: i32 = 128;

/// Runs the command with these variables in its environment. Returns its exit code; 128 and the
/// signal's number if a signal ended it, as shells do.
///
/// Ctrl-C reaches the command by itself. SIGTERM is passed on to it.
pub async fn run(
    command: &[OsString],
    variables: &[(&str, Option<&OsStr>)],
    mut signals: Signals,
) -> io::Result<ExitCode> {
    let mut process = Command::new(&command[0]);
    process.args(&command[1..]);
    for (name, value) in variables {
        match value {
            Some(value) => process.env(name, value),
            None => process.env_remove(name),
        };
    }
    let mut child = match process.spawn() {
        Ok(child) => child,
        Err(problem) => {
            let program = command[0].display();
            eprintln!("diyalog-sandbox: cannot run {program}: {problem}");
            return Ok(ExitCode::from(CANNOT_RUN));
        }
    };
    let status = loop {
        tokio::select! {
            status = child.wait() => break status?,
            signal = signals.next() => match signal {
                Signal::Interrupt => {}
                #[cfg(unix)]
                Signal::Terminate => terminate(&child)?,
            },
        }
    };
    Ok(exit_code(status))
}

#[cfg(unix)]
fn terminate(child: &Child) -> io::Result<()> {
    use rustix::process::{Pid, Signal, kill_process};
    let id = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
    id.map_or(Ok(()), |id| Ok(kill_process(id, Signal::TERM)?))
}

fn exit_code(status: ExitStatus) -> ExitCode {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal = None;
    let code = status
        .code()
        .or(signal.map(|signal: i32| SIGNALLED + signal));
    // Windows has larger codes. None of them may become 0.
    let code = code.and_then(|code| u8::try_from(code).ok());
    ExitCode::from(code.unwrap_or(1))
}
