//! The committed header is what cbindgen makes of the sources now.

use std::path::Path;

#[test]
fn the_header_is_up_to_date() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut config = cbindgen::Config::from_file(root.join("cbindgen.toml")).unwrap();
    // cbindgen knows the types, not the package.
    let after_includes = config.after_includes.as_mut().unwrap();
    *after_includes = after_includes.replace("@VERSION@", env!("CARGO_PKG_VERSION"));
    let bindings = cbindgen::generate_with_config(root, config).unwrap();
    let path = root.join("include/diyalog.h");

    // `make header` sets this.
    if std::env::var_os("DIYALOG_WRITE_HEADER").is_some() {
        bindings.write_to_file(&path);
    }

    let mut made = Vec::new();
    bindings.write(&mut made);
    let committed = std::fs::read(&path).unwrap_or_default();
    assert!(
        String::from_utf8_lossy(&made) == String::from_utf8_lossy(&committed),
        "include/diyalog.h is out of date: run `make header` and commit it"
    );
}
