#!/bin/sh
# Builds the C and C++ tests against the library and runs them: plain, with the compiler's sanitizers
# and under valgrind.
#
# Usage: diyalog-sandbox -- tests/c/run.sh LIBRARY-FOLDER HOSTILE-BINARY
#
# For another processor CC and CXX name the compilers and RUN what runs its programs, such as
# qemu-aarch64; they run plain only then.
set -eu

library=$(cd "$1" && pwd)
hostile=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
cd "$(dirname "$0")/../.."
DIYALOG_SANDBOX_URL=${DIYALOG_ENDPOINT:?names the sandbox: run this by diyalog-sandbox}
export DIYALOG_SANDBOX_URL

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

strict="-Iinclude -Wall -Wextra -pedantic -Werror -g -DVERSION=\"$(packaging/version.sh)\""
link="-L$library -ldiyalog -Wl,-rpath,$library -pthread"

compile_headers() {
    printf '#include <diyalog.h>\n' >"$work/header.c"
    cp "$work/header.c" "$work/header.cpp"
    printf '#include <diyalog.hpp>\n' >"$work/wrapper.cpp"
    for standard in c89 c99 c11 c17; do
        ${CC:-cc} -std=$standard $strict -fsyntax-only "$work/header.c"
    done
    if [ -z "$has_cxx" ]; then return; fi
    for standard in c++98 c++11 c++17; do
        ${CXX:-c++} -std=$standard $strict -fsyntax-only "$work/header.cpp"
    done
    for standard in c++11 c++17 c++20; do
        ${CXX:-c++} -std=$standard $strict -Wconversion -fsyntax-only "$work/wrapper.cpp"
    done
    echo "headers: compile alone as C89 to C17, C++98 to C++17, the wrapper as C++11 to C++20"
}

# The README's quick start compiles by the README's own command and, with the sandbox for the bank,
# answers. For another processor that command has another compiler.
try_quick_start() {
    mkdir -p "$work/quick/target"
    ln -s "$PWD/include" "$work/quick/include"
    ln -s "$library" "$work/quick/target/shipped"
    sed -n '/^```c$/,/^```$/p' README.md | sed '/^```/d' >"$work/quick/as-it-stands.c"
    ${CC:-cc} $strict -fsyntax-only "$work/quick/as-it-stands.c"
    sed -e "s|https://api.bank.example|$DIYALOG_ENDPOINT|" -e "s|access key secret|$DIYALOG_ACCESS_KEY_SECRET|" \
        -e "s|access key id|$DIYALOG_ACCESS_KEY_ID|" "$work/quick/as-it-stands.c" >"$work/quick/quick.c"
    command=$(sed -n "s|^cc .*quick\.c|${CC:-cc} -Iinclude quick.c|p" README.md)
    [ -n "$command" ]
    (cd "$work/quick" && eval "$command" && [ "$(${RUN:-} ./quick)" = "in a chat with agent 45001" ])
    echo "1 passed: the README's quick start"
}

# The stack limits in the header, without and with TLS.
measure_stack() {
    ${CC:-cc} -std=c99 -D_DEFAULT_SOURCE $strict tests/c/programs/stack.c $link -o "$work/stack"
    "$work/stack" 40 "$DIYALOG_ENDPOINT"
    # shellcheck disable=SC2016 # the sandbox sets the variables
    "$(dirname "$hostile")/diyalog-sandbox" --log-file /dev/null --tls -- \
        sh -c '"$0" 48 "$DIYALOG_ENDPOINT" "$DIYALOG_CA_FILE"' "$work/stack"
}

# Each program has its own hostile server: a mode is triggered only once.
run() {
    echo "-- $*"
    mkdir -p "$work/şube"
    DIYALOG_SCRATCH=$work "$hostile" --ca-file "$work/şube/hostile-ca.pem" --list-file "$work/hostile-list" -- "$@"
}

# AddressSanitizer serves the library's memory too: it sees what C does with that after its end, and
# what nobody gave back.
run_sanitized() {
    sanitizers="-fsanitize=address,undefined -fno-sanitize-recover=all"
    echo 'int main(void) { return 0; }' >"$work/empty.c"
    if ! ${CC:-cc} $sanitizers "$work/empty.c" -o "$work/empty" 2>"$work/why-not"; then
        echo "SKIPPED: the C tests under sanitizers, which ${CC:-cc} does not have here"
        return
    fi
    ${CC:-cc} -std=c99 -D_DEFAULT_SOURCE $strict $sanitizers tests/c/*.c $link -o "$work/c-tests-sanitized"
    run "$work/c-tests-sanitized"
    if [ -n "$has_cxx" ]; then
        ${CXX:-c++} -std=c++11 $strict $sanitizers tests/c/hpp.cpp $link -o "$work/hpp-tests-sanitized"
        run "$work/hpp-tests-sanitized"
    fi
}

# has WHAT COMMAND: true if it is there, false if it was reported as skipped.
has() {
    status=0
    tests/need.sh "$@" || status=$?
    case $status in
    0 | 3) return $status ;;
    *) exit $status ;;
    esac
}

has_cxx=
if has "the C++ tests" "${CXX:-c++}=g++"; then has_cxx=yes; fi

compile_headers
# -D_DEFAULT_SOURCE: sockets and setenv are POSIX, which plain C99 hides.
${CC:-cc} -std=c99 -D_DEFAULT_SOURCE $strict tests/c/*.c $link -o "$work/c-tests"
programs=$work/c-tests
if [ -n "$has_cxx" ]; then
    ${CXX:-c++} -std=c++11 $strict tests/c/hpp.cpp $link -o "$work/hpp-tests"
    programs="$programs $work/hpp-tests"
fi
${CC:-cc} -std=c99 -D_DEFAULT_SOURCE $strict tests/c/programs/dlopen.c -o "$work/dlopen" -pthread -ldl
${CC:-cc} -std=c99 -Wall -Wextra -Werror -g tests/c/programs/header-0.1.c $link -o "$work/header-0.1"

for program in $programs; do
    run ${RUN:-} "$program"
done
${RUN:-} "$work/header-0.1" "$DIYALOG_SANDBOX_URL"
try_quick_start
# An emulator's memory would be counted with the program's.
[ -z "${RUN:-}" ] || exit 0
measure_stack
# glibc's own ups and downs are a fraction of this; a lost client would be 3 MB in 80 rounds.
run "$work/dlopen" "$library/libdiyalog.so" 1024
run_sanitized

if has "the C tests under valgrind" valgrind; then
    # std allocates a few blocks once per process, which are still reachable at the end.
    valgrind="valgrind --quiet --child-silent-after-fork=yes --error-exitcode=9 --leak-check=full
        --errors-for-leak-kinds=definite,indirect,possible"
    for program in $programs; do
        run $valgrind "$program"
    done
    run $valgrind "$work/dlopen" "$library/libdiyalog.so"
fi
