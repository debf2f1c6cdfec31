#!/bin/sh
# Prints the results of the parts of the tests, one line each: tests/table.sh PART...
#
# Fails if one of them failed, or did not come to its end. The number is the sum of what the part's
# programs say they have passed.
set -eu

results=${CARGO_TARGET_DIR:-target}/tests
failed=0
printf '\n%-10s %-7s %8s  %s\n' part result passed skipped
for part in "$@"; do
    status=$(cat "$results/$part.status" 2>/dev/null || echo none)
    log=$results/$part.log
    [ -e "$log" ] || log=/dev/null
    passed=$(grep -oE '[0-9]+ passed|Passed: +[0-9]+' "$log" | grep -oE '[0-9]+' |
        awk '{ sum += $1 } END { print sum + 0 }')
    skipped=$(sed -n 's/^SKIPPED: //p' "$log" | sort -u)
    case $status in
    0)
        result=ok
        [ -z "$skipped" ] || [ "$passed" != 0 ] || result=skipped
        ;;
    *) result=FAILED failed=1 ;;
    esac
    printf '%s\n' "$skipped" | {
        IFS= read -r reason || true
        printf '%-10s %-7s %8s  %s\n' "$part" "$result" "$passed" "$reason"
        while IFS= read -r reason; do printf '%28s %s\n' '' "$reason"; done
    }
done
if [ "$failed" = 1 ]; then
    echo "FAILED: see the parts above; their output is in $results"
    exit 1
fi
if grep -q '^SKIPPED: ' "$results"/*.log; then
    echo "what ran has passed"
else
    echo "all tests passed"
fi
