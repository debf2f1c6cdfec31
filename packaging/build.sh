#!/bin/sh
# Builds the libraries and the sandbox for one system: packaging/build.sh SYSTEM FOLDER
#
# SYSTEM is linux-x64, linux-arm64, linux-musl-x64, win-x64 or win-x86. TOOLS is the folder that
# packaging/tools.sh filled; cargo builds in CARGO_TARGET_DIR. No file contains their names or that of the
# source folder.
set -eu

system=$1
mkdir -p "$2"
out=$(cd "$2" && pwd)
: "${TOOLS:?}" "${CARGO_TARGET_DIR:?}"
cd "$(dirname "$0")/.."
source=$PWD
version=$(packaging/version.sh)

case $system in
linux-x64) target=x86_64-unknown-linux-gnu gnu=x86_64-linux-gnu zig=x86_64-linux-gnu.2.17 ;;
linux-arm64) target=aarch64-unknown-linux-gnu gnu=aarch64-linux-gnu zig=aarch64-linux-gnu.2.17 ;;
linux-musl-x64) target=x86_64-unknown-linux-musl gnu=x86_64-linux-gnu zig=x86_64-linux-musl ;;
win-x64) target=x86_64-pc-windows-gnu gnu=x86_64-w64-mingw32 machine=i386:x86-64 ;;
win-x86) target=i686-pc-windows-gnu gnu=i686-w64-mingw32 machine=i386 ;;
*) echo "no such system: $system" >&2 && exit 2 ;;
esac

# Joined by the character that cargo splits at, so that folders may have spaces.
separator=$(printf '\037')
flags=
flag() { flags=$flags${flags:+$separator}$1; }
flag "--remap-path-prefix=$source=/diyalog"
flag "--remap-path-prefix=$CARGO_TARGET_DIR=/build"
flag "--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}/registry/src=/crates"
flag "--remap-path-prefix=$TOOLS/rust/usr=/rust"

# packaging/strip.sh moves the line numbers out. ring's C files get none: they would name the build folder.
CARGO_PROFILE_RELEASE_DEBUG=line-tables-only
CARGO_PROFILE_RELEASE_STRIP=none
CFLAGS=-g0
export CARGO_PROFILE_RELEASE_DEBUG CARGO_PROFILE_RELEASE_STRIP CFLAGS

# The machine's own rustc has a standard library for linux-x64 alone; for the others it is built.
case $system in
linux-x64) build_std= ;;
*)
    build_std=-Zbuild-std=std,panic_unwind
    RUSTC=$TOOLS/rustc
    RUSTC_BOOTSTRAP=1
    export RUSTC RUSTC_BOOTSTRAP
    ;;
esac

# Builds one kind of library, in the crate's own terms: build cdylib|staticlib.
build() {
    CARGO_ENCODED_RUSTFLAGS=$flags ${CARGO:-cargo} rustc --quiet --locked --release --lib \
        $build_std --target "$target" --crate-type "$1"
}

# Builds the sandbox: build_sandbox FILE-NAME.
build_sandbox() {
    CARGO_ENCODED_RUSTFLAGS=$flags ${CARGO:-cargo} build --quiet --locked --release -p diyalog-sandbox \
        --bin diyalog-sandbox $build_std --target "$target"
    "$gnu-strip" --preserve-dates --remove-section=.comment -o "$out/$1" "$CARGO_TARGET_DIR/$target/release/$1"
}

build_linux() {
    # zig's linker knows which functions each glibc has: the library runs on 2.17 and later.
    wrappers=$(mktemp -d)
    printf '#!/bin/sh\nexec "%s" -m ziglang cc -target %s "$@"\n' "$TOOLS/python/bin/python" "$zig" >"$wrappers/cc"
    chmod +x "$wrappers/cc"
    case $system in
    # Compiles the assembler and C files of ring. For musl its build script finds musl-gcc.
    linux-arm64) export "CC_$(echo "$target" | tr - _)=$gnu-gcc" ;;
    linux-musl-x64)
        # Debian's rustc has no start files and no libunwind for musl. zig has both.
        flag "-Ctarget-feature=-crt-static"
        flag "-Clink-self-contained=no"
        ;;
    esac
    build staticlib
    # What rustc expects of libgcc_s and libgcc_eh is in zig's libunwind.
    cat >"$wrappers/zig-cc" <<SH
#!/bin/sh
for argument; do
    shift
    case \$argument in
    -lgcc_s) set -- "\$@" -lunwind ;;
    -lgcc_eh | -lgcc) ;;
    *) set -- "\$@" "\$argument" ;;
    esac
done
exec "$wrappers/cc" "\$@"
SH
    chmod +x "$wrappers/zig-cc"
    flag "-Clinker=$wrappers/zig-cc"
    build_sandbox diyalog-sandbox
    CC=$wrappers/cc LD=$gnu-ld OBJCOPY=$gnu-objcopy AR=$gnu-ar \
        packaging/link.sh "$CARGO_TARGET_DIR/$target/release/libdiyalog.a" "$out" -lunwind
    rm -r "$wrappers"
}

build_windows() {
    sed -e "s/@VERSION@/$version/" -e "s/@VERSION_COMMAS@/$(echo "$version" | tr . ,)/" packaging/diyalog.rc.in \
        >"$out/diyalog.rc"
    "$gnu-windres" "$out/diyalog.rc" "$out/diyalog.res.o"
    flag "-Clink-arg=-Wl,--no-insert-timestamp"
    build_sandbox diyalog-sandbox.exe
    flag "-Clink-arg=$out/diyalog.res.o"
    build cdylib
    cp "$CARGO_TARGET_DIR/$target/release/diyalog.dll" "$out/"
    OBJCOPY=$gnu-objcopy packaging/strip.sh "$out/diyalog.dll"
    rm "$out/diyalog.rc" "$out/diyalog.res.o"
    {
        echo "LIBRARY diyalog.dll"
        echo "EXPORTS"
        packaging/functions.sh | sed 's/^/    /'
    } >"$out/diyalog.def"
    # An import library as Microsoft's own lib.exe makes it, which mingw takes too.
    "$TOOLS/python/bin/python" -m ziglang dlltool -m "$machine" -d "$out/diyalog.def" -D diyalog.dll \
        -l "$out/diyalog.lib"
}

case $system in
linux-*) build_linux ;;
win-*) build_windows ;;
esac
