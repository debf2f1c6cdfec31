#!/usr/bin/env bash
# Runs one part of the tests, and keeps its output for tests/table.sh: tests/part.sh PART COMMAND...
#
# A line "SKIPPED: REASON" in the output names what did not run. If nothing of the part ran, its exit
# status is 3. With CI=true a skip is a failure.
set -uo pipefail

part=$1
shift
results=${CARGO_TARGET_DIR:-target}/tests
mkdir -p "$results"
rm -f "$results/$part".*

"$@" 2>&1 | tee "$results/$part.log"
status=$?
if grep -q '^SKIPPED: ' "$results/$part.log"; then
    [ "$status" != 3 ] || status=0
    if [ "${CI:-}" = true ] && [ "$status" = 0 ]; then
        echo "FAILED: with CI=true nothing may be skipped" | tee -a "$results/$part.log"
        status=1
    fi
fi
echo "$status" >"$results/$part.status"
exit "$status"
