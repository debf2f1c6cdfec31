#!/bin/sh
# Builds the C and C++ tests against the library and runs them: plain, with the compiler's sanitizers
# and under valgrind.
#
# Usage: tests/c/run.sh LIBRARY-FOLDER SANDBOX-BINARY
#
# For another processor CC and CXX name the compilers and RUN what runs its programs, such as
# qemu-aarch64; they run plain only then.
set -eu

library=$(cd "$1" && pwd)
sandbox=$2
cd "$(dirname "$0")/../.."

work=$(mktemp -d)
servers=
cleanup() {
    # shellcheck disable=SC2086 # process numbers
    [ -z "$servers" ] || kill $servers 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
strict="-Iinclude -Wall -Wextra -pedantic -Werror -g -DVERSION=\"$version\""
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

# The README's quick start compiles as it stands and, with the sandbox for the bank, answers.
try_quick_start() {
    sed -n '/^```c$/,/^```$/p' README.md | sed '/^```/d' >"$work/quick.c"
    ${CC:-cc} $strict "$work/quick.c" $link -o "$work/quick"
    sed -e "s|https://api.bank.example|$DIYALOG_SANDBOX_URL|" -e 's|access key secret|s3cr3t-access-key|' \
        -e 's|access key id|1234567-8ABC-DEF0-5432-56712ABCDEF5|' "$work/quick.c" >"$work/quick-here.c"
    ${CC:-cc} $strict "$work/quick-here.c" $link -o "$work/quick-here"
    [ "$(${RUN:-} "$work/quick-here")" = "in a chat with agent 45001" ]
    echo "the README's quick start works"
}

# start_sandbox LOG [OPTION...]: its address is the first line of the log.
start_sandbox() {
    log=$1
    shift
    "$sandbox" "$@" >"$log" &
    servers="$servers $!"
    until [ -s "$log" ]; do
        kill -0 $! # ends the tests if the sandbox did not start
        sleep 0.05
    done
}

# What the header says about the stack, without TLS and with it.
measure_stack() {
    ${CC:-cc} -std=c99 -D_DEFAULT_SOURCE $strict tests/c/programs/stack.c $link -o "$work/stack"
    start_sandbox "$work/tls.log" --tls --ca-file "$work/ca.pem"
    "$work/stack" 32 "$DIYALOG_SANDBOX_URL"
    "$work/stack" 48 "$(head -n 1 "$work/tls.log")" "$work/ca.pem"
}

# The other server, anew for each program: a mode of it happens once. An empty line ends what it
# says, and it stops when its input ends.
start_hostile() {
    exec 3>&-
    rm -rf "$work/input" "$work/hostile-list" "$work/şube"
    mkdir "$work/şube"
    mkfifo "$work/input"
    "$(dirname "$sandbox")/diyalog-hostile" --ca-file "$work/şube/hostile-ca.pem" \
        <"$work/input" >"$work/hostile-list" &
    servers="$servers $!"
    exec 3>"$work/input"
    until grep -qs '^$' "$work/hostile-list"; do
        kill -0 $!
        sleep 0.05
    done
    DIYALOG_SCRATCH=$work
    export DIYALOG_SCRATCH
}

run() {
    echo "-- $*"
    start_hostile
    "$@"
}

# AddressSanitizer serves the library's memory too: it sees what C does with that after its end, and
# what nobody gave back.
run_sanitized() {
    sanitizers="-fsanitize=address,undefined -fno-sanitize-recover=all"
    echo 'int main(void) { return 0; }' >"$work/empty.c"
    if ! ${CC:-cc} $sanitizers "$work/empty.c" -o "$work/empty" 2>"$work/why-not"; then
        [ "${CI:-}" != true ] || { cat "$work/why-not"; exit 1; }
        echo "SKIPPED: the C tests under sanitizers, which ${CC:-cc} does not have here" >&2
        return
    fi
    ${CC:-cc} -std=c99 -D_DEFAULT_SOURCE $strict $sanitizers tests/c/*.c $link -o "$work/c-tests-sanitized"
    run "$work/c-tests-sanitized"
    if [ -n "$has_cxx" ]; then
        ${CXX:-c++} -std=c++11 $strict $sanitizers tests/c/hpp.cpp $link -o "$work/hpp-tests-sanitized"
        run "$work/hpp-tests-sanitized"
    fi
}

status=0
tests/need.sh "the C++ tests" "${CXX:-c++}=g++" || status=$?
case $status in
0) has_cxx=yes ;;
3) has_cxx= ;;
*) exit "$status" ;;
esac

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
start_sandbox "$work/sandbox.log"
DIYALOG_SANDBOX_URL=$(head -n 1 "$work/sandbox.log")
export DIYALOG_SANDBOX_URL

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

status=0
tests/need.sh "the C tests under valgrind" valgrind=valgrind || status=$?
case $status in
0)
    # What is still reachable at the end is what std sets up once a process.
    valgrind="valgrind --quiet --child-silent-after-fork=yes --error-exitcode=9 --leak-check=full
        --errors-for-leak-kinds=definite,indirect,possible"
    for program in $programs; do
        run $valgrind "$program"
    done
    run $valgrind "$work/dlopen" "$library/libdiyalog.so"
    ;;
3) ;;
*) exit "$status" ;;
esac
