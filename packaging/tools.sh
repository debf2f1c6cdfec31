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

# Debian's packages are pinned here by version and checksum, PyPI's in packaging/requirements.txt. apt-get
# fails if Debian has replaced a version: test the new one and pin it.
rust=1.96
pins=$(
    cat <<'PINS'
8fefe1d6377fe4082f5a9d2a47e095e2d20319eaab9754bd2f0275155c9adf90 rustc-web=1.96.0+dfsg1-1~deb12u2
3755f30434ae29574c91b0beb86632bee401607b0ac35c3e52810f9a53fae0d1 libstd-rust-web-1.96=1.96.0+dfsg1-1~deb12u2
e38dbeaaad673fc63fb47c5140cf34da271ac71c3ecafc828b762c2fb01fe77a libstd-rust-web-dev=1.96.0+dfsg1-1~deb12u2
9de8597c464d0a9283672973ed7e50092b49a92b95861429043fe8b57468a208 rust-web-src=1.96.0+dfsg1-1~deb12u2
729ec3e943d320515c2bbdc96acfffd7ce34861e62bd5c42726bf586d644dfe2 libllvm22=1:22.1.8-1~deb12u1
PINS
)

tests/need.sh "building for other systems" cc python3 apt-get=apt dpkg=dpkg \
    x86_64-w64-mingw32-gcc=gcc-mingw-w64-x86-64 i686-w64-mingw32-gcc=gcc-mingw-w64-i686 \
    musl-gcc=musl-tools aarch64-linux-gnu-gcc=gcc-aarch64-linux-gnu /usr/aarch64-linux-gnu/include/stdio.h=libc6-dev-arm64-cross

if ! cmp -s packaging/requirements.txt "$tools/python/requirements.txt"; then
    echo "fetching zig and what makes wheels"
    python3 -m venv "$tools/python"
    "$tools/python/bin/python" -m pip install --quiet --require-hashes -r packaging/requirements.txt
    cp packaging/requirements.txt "$tools/python/"
fi

if [ "$(cat "$tools/rust.pins" 2>/dev/null)" != "$pins" ]; then
    echo "fetching Debian's rustc $rust with its standard library's sources"
    rm -rf "$tools/deb" "$tools/rust"
    mkdir "$tools/deb" "$tools/rust"
    apt-get -qq -o DPkg::Lock::Timeout=300 update
    echo "$pins" | while read -r sum package; do
        file=$tools/deb/${package%%=*}.deb
        (cd "$tools/deb" && apt-get -qq download "$package" && mv "${package%%=*}"_*.deb "$file")
        echo "$sum  $file" | sha256sum --quiet --check
        dpkg -x "$file" "$tools/rust"
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
    echo "$pins" >"$tools/rust.pins"
fi
