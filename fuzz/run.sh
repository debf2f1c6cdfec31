#!/bin/sh
# Fuzzes each target for SECONDS (60) and prints how often it ran and what it found:
#   fuzz/run.sh [SECONDS [TARGET...]]
#
# Runs begin with the seeds and with what earlier runs found worth keeping, in target/fuzz/corpus.
# An input that breaks a target is kept in target/fuzz/findings; `fuzz/run.sh 0 TARGET` runs the
# seeds and the corpus once. Needs a nightly toolchain; cargo-fuzz is installed into target/.
set -eu

seconds=${1:-60}
[ $# = 0 ] || shift
cd "$(dirname "$0")/.."
target=$(mkdir -p "${CARGO_TARGET_DIR:-target}" && cd "${CARGO_TARGET_DIR:-target}" && pwd)
work=$target/fuzz

skip() {
    if [ "${CI:-}" = true ]; then
        echo "FAILED: fuzzing needs $1" >&2
        exit 1
    fi
    echo "SKIPPED: fuzzing needs $1" >&2
    exit 3
}

host=$(rustc +nightly -vV 2>/dev/null | sed -n 's/^host: //p')
[ -n "$host" ] || skip "a nightly toolchain: rustup toolchain install nightly --profile minimal"
if ! [ -x "$target/cargo-fuzz/bin/cargo-fuzz" ]; then
    echo "installing cargo-fuzz into $target"
    cargo install --quiet --locked --root "$target/cargo-fuzz" cargo-fuzz || skip cargo-fuzz
fi
PATH=$target/cargo-fuzz/bin:$PATH

targets=${*:-$(sed -n 's|^path = "fuzz_targets/\(.*\)\.rs"|\1|p' fuzz/Cargo.toml)}
mkdir -p "$work/findings"
CARGO_TARGET_DIR=$work cargo +nightly fuzz build --fuzz-dir fuzz

# -max_len: the largest head of an answer is 8 KB, and what lies beyond that is the hostile server's.
fuzz() {
    mkdir -p "$work/corpus/$1"
    "$work/$host/release/$1" "$work/corpus/$1" "fuzz/seeds/$1" -dict=fuzz/words.dict -max_len=12000 \
        -timeout=20 -print_final_stats=1 -artifact_prefix="$work/findings/$1-" "$2" >"$work/$1.log" 2>&1
}

failed=
for name in $targets; do
    limit=-max_total_time=$seconds
    [ "$seconds" != 0 ] || limit=-runs=0
    if fuzz "$name" "$limit"; then
        findings=none
    else
        findings="see below"
        failed="$failed $name"
    fi
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/$name.log")
    printf '%-12s %10s executions, findings: %s\n' "$name" "${runs:-?}" "$findings"
done
[ -n "$failed" ] || exit 0
for name in $failed; do
    echo "-- $name"
    grep -E -A 3 'panicked at|^==.*ERROR|Test unit written' "$work/$name.log" | cut -c 1-400 || tail -n 20 "$work/$name.log"
done
exit 1
