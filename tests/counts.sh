#!/bin/sh
# Fails where a warm lookup costs more than tests/counts.limits allows. Counts, never times.
#
# Usage: tests/counts.sh LIBRARY-FOLDER SANDBOX-BINARY [LIMITS-FILE]
set -eu

library=$(cd "$1" && pwd)
sandbox=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
limits=${3:-$(dirname "$0")/counts.limits}
limits=$(cd "$(dirname "$limits")" && pwd)/$(basename "$limits")
cd "$(dirname "$0")/.."

tests/need.sh "the counting test" valgrind=valgrind strace=strace
if [ "$(uname -sm)" != "Linux x86_64" ]; then
    echo "SKIPPED: the limits of the counting test are those of Linux on x86_64" >&2
    exit 3
fi

work=$(mktemp -d)
sandbox_pid=
cleanup() {
    [ -z "$sandbox_pid" ] || kill "$sandbox_pid" 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT

start_sandbox() {
    "$sandbox" >"$work/sandbox.log" &
    sandbox_pid=$!
    until [ -s "$work/sandbox.log" ]; do
        kill -0 "$sandbox_pid" # ends the test where the sandbox did not start
        sleep 0.05
    done
    url=$(head -n 1 "$work/sandbox.log")
}

# Says what was found; fails where it is above the limit.
compare() {
    awk -v what="$1" -v found="$2" -v limit="$3" 'BEGIN {
        above = found + 0 > limit + 0
        printf "%-13s %9.1f   limit %9.1f   %s\n", what, found, limit, above ? "TOO MANY" : "ok"
        exit above
    }'
}

benches/build.sh "$library" "$work" diyalog
start_sandbox

echo "per warm lookup through the C interface:"
failed=
while read -r what limit; do
    case $what in '' | '#'*) continue ;; esac
    found=$(benches/count.sh "$what" "$work/diyalog" "$url" </dev/null)
    compare "$what" "$found" "$limit" || failed=yes
done <"$limits"

if [ -n "$failed" ]; then
    echo "FAILED: a lookup has become dearer; benches/profile.sh shows where it goes" >&2
    exit 1
fi
