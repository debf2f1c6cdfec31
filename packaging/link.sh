#!/bin/sh
# Makes the libraries that are shipped of the static one that cargo builds:
#   packaging/link.sh CARGO-STATIC-LIBRARY FOLDER [LINK-OPTION...]
#
# libdiyalog.a        one object, in which only the functions of the header are global: a program may
#                     hold another Rust library beside it
# libdiyalog.so.X.Y.Z the same object with the symbol versions that cargo's own libdiyalog.so lacks:
#                     rustc hands the linker an anonymous version script, beside which GNU ld takes
#                     no named one
# libdiyalog.so.X.Y.Z.debug  the debug symbols of the shared library, which names this file
#
# CC, LD, OBJCOPY and AR override the machine's own tools.
set -eu

cargo_library=$1
out=$2
shift 2
packaging=$(dirname "$0")
version=$("$packaging/version.sh")
major=${version%%.*}
functions=$("$packaging/functions.sh")

if [ ! -e "$cargo_library" ]; then
    echo "$cargo_library is not there: run make first" >&2
    exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out"

# shellcheck disable=SC2046 # a function's name has no spaces
${LD:-ld} -r --gc-sections $(printf -- '--undefined=%s ' $functions) "$cargo_library" -o "$work/all.o"
# .llvmbc is std as bitcode, of which a linker of C programs knows nothing.
${OBJCOPY:-objcopy} --remove-section=.llvmbc --remove-section=.llvmcmd \
    --wildcard --keep-global-symbol='diyalog_*' "$work/all.o" "$work/with-debug.o"
${OBJCOPY:-objcopy} --strip-debug --remove-section=.comment "$work/with-debug.o" "$work/diyalog.o"
rm -f "$out/libdiyalog.a"
${AR:-ar} rcsD "$out/libdiyalog.a" "$work/diyalog.o"

# Each node inherits the one before; the first hides what the header does not declare.
"$packaging/symbols.sh" | awk '
    function end_node() { print parent ? "} " parent ";" : "  local:\n    *;\n};" }
    $1 != node {
        if (node) { end_node(); parent = node }
        node = $1
        print node " {\n  global:"
    }
    { print "    " $2 ";" }
    END { end_node() }' >"$work/diyalog.map"
# nodelete: a fork handler and thread-locals live in the library, so it stays after dlclose.
# shellcheck disable=SC2046,SC2086
${CC:-cc} -shared -o "$out/libdiyalog.so.$version" "$work/with-debug.o" \
    -Wl,-soname,"libdiyalog.so.$major" -Wl,--version-script="$work/diyalog.map" \
    -Wl,-z,nodelete,-z,relro,-z,now,-z,noexecstack,-z,defs -Wl,--gc-sections -Wl,--build-id=sha1 \
    -lm -lpthread -ldl "$@"
"$packaging/strip.sh" "$out/libdiyalog.so.$version"
ln -sf "libdiyalog.so.$version" "$out/libdiyalog.so.$major"
ln -sf "libdiyalog.so.$major" "$out/libdiyalog.so"
