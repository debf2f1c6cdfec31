#!/bin/sh
# Counts the cost of one warm lookup, as the difference of two runs: starting, connecting and stopping
# cancel out.
#
#   count.sh instructions|allocations|system-calls|threads PEER URL [CA-FILE]
#
# Allocations count reallocations too. Threads are those that are started, per lookup.
set -eu

what=$1 peer=$2 url=$3 ca_file=${4:-}
few=100
many=1100

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Runs the peer for this many lookups under the command that follows.
run() {
    lookups=$1
    shift
    # shellcheck disable=SC2086
    "$@" "$peer" "$url" "$lookups" 1 $ca_file >"$work/out" 2>"$work/err" || {
        cat "$work/err" >&2
        exit 1
    }
}

instructions() {
    run "$1" valgrind --tool=callgrind --callgrind-out-file="$work/callgrind"
    sed -n 's/.*Collected : //p' "$work/err"
}

allocations() {
    run "$1" valgrind --tool=memcheck --leak-check=no
    sed -n 's/.*total heap usage: \([0-9,]*\) allocs.*/\1/p' "$work/err" | tr -d ,
}

# The calls in strace's summary whose name matches.
calls() {
    run "$1" strace -f -c -o "$work/calls"
    awk -v name="$2" '$NF == "total" { is_whole = 1; next }
                      $4 ~ /^[0-9]+$/ && $NF ~ name { sum += $4 }
                      END { if (is_whole) print sum + 0 }' "$work/calls"
}

# The figure in a tool's output; nothing if the output is not as expected.
total() {
    case $what in
    instructions) instructions "$1" ;;
    allocations) allocations "$1" ;;
    system-calls) calls "$1" . ;;
    threads) calls "$1" '^clone' ;;
    *) echo "count.sh cannot count $what" >&2; exit 2 ;;
    esac
}

few_total=$(total "$few")
many_total=$(total "$many")
for number in "$few_total" "$many_total"; do
    case $number in
    '' | *[!0-9]*) echo "count.sh cannot read the count of $what: $number" >&2; exit 1 ;;
    esac
done
awk -v few="$few_total" -v many="$many_total" -v lookups=$((many - few)) \
    'BEGIN { printf "%.2f\n", (many - few) / lookups }'
