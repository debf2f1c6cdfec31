//! The committed header is what cbindgen generates from the sources.

use std::path::Path;

#[test]
fn header_is_up_to_date() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml")).unwrap();
    let mut generated = Vec::new();
    cbindgen::generate_with_config(root, config)
        .unwrap()
        .write(&mut generated);
    let generated = String::from_utf8(generated)
        .unwrap()
        .replace("@VERSION@", env!("CARGO_PKG_VERSION"))
        .replace("@VERSION_NUMBER@", &version_number());
    let generated = with_c89_comments(&generated);
    let path = root.join("include/diyalog.h");

    // `make header` sets this.
    if std::env::var_os("DIYALOG_WRITE_HEADER").is_some() {
        std::fs::write(&path, &generated).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        generated == committed,
        "include/diyalog.h is out of date: run `make header` and commit it"
    );
}

/// 0xMMmmpp, in hexadecimal digits.
fn version_number() -> String {
    let [major, minor, patch] = [
        env!("CARGO_PKG_VERSION_MAJOR"),
        env!("CARGO_PKG_VERSION_MINOR"),
        env!("CARGO_PKG_VERSION_PATCH"),
    ]
    .map(|part| part.parse::<u8>().unwrap());
    format!("0x{major:02x}{minor:02x}{patch:02x}")
}

/// Turns each run of `//` lines into one `/* */` comment. C89 knows no other, and cbindgen's own
/// style of them takes three lines for one.
fn with_c89_comments(header: &str) -> String {
    let mut output = String::new();
    let mut lines = header.lines().peekable();
    while let Some(line) = lines.next() {
        let Some((indent, first)) = comment_line(line) else {
            // cbindgen's notes behind #endif and the like.
            output.push_str(
                line.split("  // ")
                    .next()
                    .unwrap()
                    .split(" // ")
                    .next()
                    .unwrap(),
            );
            output.push('\n');
            continue;
        };
        output.push_str(&format!("{indent}/*{first}"));
        while let Some((_, next)) = lines.peek().and_then(|line| comment_line(line)) {
            output.push_str(&format!("\n{indent} *{next}"));
            lines.next();
        }
        output.push_str(" */\n");
    }
    output
}

/// The indentation of a line that is a comment, and what follows its `//`.
fn comment_line(line: &str) -> Option<(&str, &str)> {
    let text = line.trim_start();
    let indent = &line[..line.len() - text.len()];
    text.strip_prefix("//").map(|comment| (indent, comment))
}
