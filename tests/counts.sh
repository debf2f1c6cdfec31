#!/bin/sh
# Fails if a warm lookup costs more than tests/counts.limits allows. Measures counts, not times.
#
# Usage: diyalog-sandbox -- tests/counts.sh LIBRARY-FOLDER [LIMITS-FILE]
set -eu

library=$(cd "$1" && pwd)
: "${DIYALOG_ENDPOINT:?names the sandbox: run this by diyalog-sandbox}"
limits=${2:-$(dirname "$0")/counts.limits}
limits=$(cd "$(dirname "$limits")" && pwd)/$(basename "$limits")
cd "$(dirname "$0")/.."

tests/need.sh "the counting test" cc valgrind strace
if [ "$(uname -sm)" != "Linux x86_64" ]; then
    echo "SKIPPED: the limits of the counting test are those of Linux on x86_64" >&2
    exit 3
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Prints the count; fails if it is above the limit.
compare() {
    awk -v what="$1" -v found="$2" -v limit="$3" 'BEGIN {
        above = found + 0 > limit + 0
        printf "%-13s %9.1f   limit %9.1f   %s\n", what, found, limit, above ? "TOO MANY" : "ok"
        exit above
    }'
}

benches/build.sh "$library" "$work" diyalog

echo "per warm lookup through the C interface:"
failed= passed=0
while read -r what limit; do
    case $what in '' | '#'*) continue ;; esac
    found=$(benches/count.sh "$what" "$work/diyalog" "$DIYALOG_ENDPOINT" </dev/null)
    compare "$what" "$found" "$limit" && passed=$((passed + 1)) || failed=yes
done <"$limits"

if [ -n "$failed" ]; then
    echo "FAILED: a lookup has become more expensive" >&2
    exit 1
fi
echo "$passed passed"
