//! Link arguments of the shared library.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        // Programs find the library by its major version; 0.x counts as one.
        let soname = concat!("libdiyalog.so.", env!("CARGO_PKG_VERSION_MAJOR"));
        for argument in [
            &format!("-Wl,-soname,{soname}"),
            // It stays in memory after dlclose: a fork handler and thread-locals live in it.
            "-Wl,-z,nodelete",
            "-Wl,-z,relro,-z,now",
        ] {
            println!("cargo:rustc-cdylib-link-arg={argument}");
        }
    }
}
