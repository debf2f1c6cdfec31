#!/bin/sh
# Runs the C and C++ tests against the DLL for Windows, under Wine, and looks at what is in it.
#
# Usage: tests/windows.sh SANDBOX-BINARY [SYSTEM [FOLDER]]
#
# SYSTEM is win-x64 or win-x86; FOLDER has the DLL, its import library and .def, and is otherwise
# target/dist/SYSTEM, which packaging/build.sh fills. WINE names another Wine, as tests/windows-x86.sh
# does for 32-bit programs. Wine is not Windows: it finds what we do wrong, and
# not what Windows does otherwise.
set -eu

sandbox=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
system=${2:-win-x64}
cd "$(dirname "$0")/.."
case $system in
win-x64) gnu=x86_64-w64-mingw32 machine=i386:x86-64 ;;
win-x86) gnu=i686-w64-mingw32 machine=i386 ;;
*) echo "no such system: $system" >&2 && exit 2 ;;
esac

dist=${CARGO_TARGET_DIR:-$PWD/target}/dist

# Once more, beside a plain sandbox and one that speaks TLS.
if [ -z "${DIYALOG_SANDBOX_URL:-}" ]; then
    exec "$sandbox" --log-file /dev/null -- sh -c 'DIYALOG_SANDBOX_URL=$DIYALOG_ENDPOINT exec "$@"' sh \
        "$sandbox" --log-file /dev/null --tls -- tests/windows.sh "$sandbox" "$system" ${3:+"$3"}
fi
https=$DIYALOG_ENDPOINT
ca_file=$DIYALOG_CA_FILE
# The programs trust the system's store.
unset DIYALOG_CA_FILE

if [ -z "${WINE:-}" ]; then
    tests/need.sh "the tests on Windows" wine=wine /usr/lib/wine/wine64=wine64
    WINE=wine
fi
tests/need.sh "the tests on Windows" $gnu-gcc=gcc-mingw-w64 $gnu-g++=g++-mingw-w64 openssl=openssl
if [ -z "${3:-}" ]; then
    packaging/tools.sh "$dist/tools"
    TOOLS=$dist/tools CARGO_TARGET_DIR=$dist/build packaging/build.sh "$system" "$dist/$system"
fi
built=$(cd "${3:-$dist/$system}" && pwd)

work=$(mktemp -d)
cleanup() {
    $WINE wineboot --kill >/dev/null 2>&1 || true
    rm -rf "$work"
}
trap cleanup EXIT

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# The DLL exports only the header's functions, and imports only from Windows.
inspect() {
    $gnu-objdump -p "$built/diyalog.dll" >"$work/dll"
    sed -n '/\[Ordinal\/Name Pointer\] Table/,/^$/s/^.*\] //p' "$work/dll" | grep -v Table | LC_ALL=C sort >"$work/found"
    packaging/functions.sh | LC_ALL=C sort | diff - "$work/found" || fail "these exports differ from the header"
    sed -n 's/.*DLL Name: //p' "$work/dll" | tr '[:upper:]' '[:lower:]' | sort -u >"$work/needs"
    ! grep -vE '^(advapi32|bcrypt|bcryptprimitives|crypt32|kernel32|msvcrt|ntdll|ws2_32|userenv|api-ms-win-core-synch-l1-2-0)\.dll$' \
        "$work/needs" || fail "these are no parts of every Windows"
    grep -q DYNAMIC_BASE "$work/dll" && grep -q NX_COMPAT "$work/dll" || fail "no address randomisation or data execution"
    echo "DLL: $(wc -l <"$work/found") functions, needs $(tr '\n' ' ' <"$work/needs")"
}

# Wine 8 has no bcryptprimitives.dll, which Windows has: its one function is found elsewhere.
fill_in_for_wine() {
    cat >"$work/random.c" <<'C'
#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG length);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE buffer, SIZE_T length) {
  return SystemFunction036(buffer, (ULONG)length);
}
C
    printf 'LIBRARY bcryptprimitives.dll\nEXPORTS\n    ProcessPrng\n' >"$work/random.def"
    $gnu-gcc -shared "$work/random.c" "$work/random.def" -ladvapi32 -Wl,--enable-stdcall-fixup \
        -o "$work/bcryptprimitives.dll"
}

compile() {
    strict="-Iinclude -Wall -Wextra -pedantic -Werror -DVERSION=\"$(packaging/version.sh)\""
    $gnu-gcc -std=c99 $strict tests/c/*.c "$built/diyalog.lib" -lws2_32 -lpthread -static -o "$work/c-tests.exe"
    $gnu-g++ -std=c++11 $strict tests/c/hpp.cpp "$built/diyalog.lib" -static -o "$work/hpp-tests.exe"
    $gnu-gcc -std=c99 $strict examples/lookup.c "$built/diyalog.lib" -o "$work/lookup.exe"
    if [ "$system" = win-x86 ]; then
        # With another calling convention as the program's default, as by Visual C++'s /Gz.
        cat >"$work/gz.c" <<'C'
#define main lookup
#include "examples/lookup.c"
#undef main
int __attribute__((cdecl)) main(int argc, char **argv) { return lookup(argc, argv); }
C
        $gnu-gcc -mrtd -std=c99 -I. $strict "$work/gz.c" "$built/diyalog.lib" -o "$work/gz.exe"
    fi
    $gnu-gcc -std=c99 $strict tests/windows-store.c -lcrypt32 -o "$work/store.exe"
    cp "$built/diyalog.dll" "$work/"
}

# The import library suits Microsoft's linker too: LLVM's, which reads the same format, takes it.
link_as_microsoft() {
    python=$dist/tools/python/bin/python
    if [ ! -x "$python" ]; then
        echo "SKIPPED: linking as Visual C++ does, which takes zig from packaging/tools.sh" >&2
        return
    fi
    printf '#include <diyalog.h>\nconst char *probe(void) { return diyalog_version(); }\n' >"$work/probe.c"
    $gnu-gcc -Iinclude -c "$work/probe.c" -o "$work/probe.obj"
    "$python" -m ziglang lld-link /dll /noentry /safeseh:no "/machine:${system#win-}" /export:probe \
        "/out:$work/probe.dll" "$work/probe.obj" "$built/diyalog.lib"
    $gnu-objdump -p "$work/probe.dll" | grep -q 'DLL Name: diyalog.dll' || fail "diyalog.lib names another DLL"
    echo "diyalog.lib: taken by lld-link"
}

# expect_answer ENDPOINT PATTERN PROGRAM: all that it prints, to both streams, is this one line.
expect_answer() {
    printed=$(DIYALOG_ENDPOINT=$1 $WINE "$work/$3" 70022 2>&1 | tr -d '\r' || true)
    case $printed in
    $2) echo "$3: $printed" | cut -c 1-100 ;;
    *) fail "$3 prints: $printed" ;;
    esac
}

inspect
link_as_microsoft
fill_in_for_wine
compile

# A Wine prefix of our own, separate from the user's, with UTF-8 file names.
WINEPREFIX=${WINEPREFIX:-$work/wine}
WINEDEBUG=-all
WINEDLLOVERRIDES='mscoree,mshtml='
LC_ALL=C.UTF-8
export WINEPREFIX WINEDEBUG WINEDLLOVERRIDES LC_ALL
# They would name another store than the system's.
unset SSL_CERT_FILE SSL_CERT_DIR
$WINE wineboot --init >/dev/null 2>&1

in_help="70022: in help, inbound, with agent 45001"
expect_answer "$DIYALOG_SANDBOX_URL" "$in_help" lookup.exe
[ "$system" != win-x86 ] || expect_answer "$DIYALOG_SANDBOX_URL" "$in_help" gz.exe

# The system's store: a CA is rejected, added to the store, and then trusted.
expect_answer "$https" "error 13: *" lookup.exe
openssl x509 -in "$ca_file" -outform DER -out "$work/bank-ca.der"
$WINE "$work/store.exe" "Z:$work/bank-ca.der"
expect_answer "$https" "$in_help" lookup.exe

# The tests look for the table of the hostile server's modes below their working folder.
mkdir "$work/tests" "$work/şube"
cp tests/hostile.table "$work/tests/"
cd "$work"
for program in c-tests hpp-tests; do
    echo "-- $program.exe under Wine, $system"
    DIYALOG_SCRATCH=Z:$work "$(dirname "$sandbox")/diyalog-hostile" --ca-file "$work/şube/hostile-ca.pem" \
        --list-file "$work/hostile-list" -- $WINE "$work/$program.exe" | tr -d '\r' | tee "$work/said"
    grep -q ' passed, 0 failed$' "$work/said" || fail "$program.exe"
done
