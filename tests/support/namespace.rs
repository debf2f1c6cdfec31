//! A network namespace of its own, with loopback only, and other files in /etc.

use std::process::Command;

use super::{Scratch, command};

/// The variable with the name of the test whose network this process is in.
const INSIDE: &str = "DIYALOG_TEST_INSIDE";

/// Runs the test of this name again inside a network of its own. Returns true in there, and false
/// outside, where the caller returns. `files` are paths in /etc and their contents.
pub fn is_inside(test: &str, files: &[(&str, &str)]) -> bool {
    if std::env::var(INSIDE).is_ok_and(|inside| inside == test) {
        return true;
    }
    run_inside(test, files);
    false
}

/// An ordinary user becomes root in a user namespace.
fn unshare() -> Command {
    let mut unshare = command("unshare");
    unshare.args(["--net", "--mount", "--map-root-user"]);
    unshare
}

fn run_inside(test: &str, files: &[(&str, &str)]) {
    let scratch = Scratch::new();
    let mut script = "set -e\nip link set lo up\n".to_owned();
    for (number, (path, content)) in files.iter().enumerate() {
        let file = scratch.write(&number.to_string(), content);
        script += &format!("mount --bind '{}' {path}\n", file.display());
    }
    script += "exec \"$0\" \"$@\"";
    let output = unshare()
        .args(["--", "sh", "-c", &script])
        .arg(std::env::current_exe().expect("this test's program"))
        .args(["--include-ignored", "--exact", test])
        .env(INSIDE, test)
        .output()
        .expect("unshare runs");
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    assert!(output.status.success(), "inside its own network: {text}");
}
