//! Another network: a namespace of its own with nothing in it but loopback, and other files in /etc.

use std::process::Command;

use super::{Scratch, command};

/// Says inside which test's network this process is.
const INSIDE: &str = "DIYALOG_TEST_INSIDE";

/// True inside the other network. Outside, it runs the test of this name once more in there, and
/// the caller is to return. `files` are paths in /etc and what is to be read there.
pub fn is_inside(test: &str, files: &[(&str, &str)]) -> bool {
    if std::env::var(INSIDE).is_ok_and(|inside| inside == test) {
        return true;
    }
    run_inside(test, files);
    false
}

/// An ordinary user becomes root in a namespace of users.
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
    let told = [output.stdout, output.stderr].concat();
    let told = String::from_utf8_lossy(&told);
    assert!(output.status.success(), "inside its own network: {told}");
}
