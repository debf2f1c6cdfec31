#!/usr/bin/env bash
# Runs the Rust tests. Those marked `#[ignore = "needs PART"]` run if the part is there, and are
# otherwise reported as skipped: what did not run is not "ok".
set -euo pipefail

cd "$(dirname "$0")/.."
cargo=${CARGO:-cargo}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

is_there() {
    case $1 in
    haproxy) tests/need.sh "tests with HAProxy" haproxy openssl ;;
    squid) tests/need.sh "tests with Squid" squid openssl ;;
    openssl) tests/need.sh "tests with OpenSSL" openssl ;;
    namespaces)
        tests/need.sh "tests in a network of their own" unshare ip || return
        unshare --net --mount --map-root-user true 2>/dev/null && return
        echo "SKIPPED: tests in a network of their own, which need the right to make namespaces (unshare)"
        return 3
        ;;
    *) echo "FAILED: no such part: $1" && exit 1 ;;
    esac
}

$cargo test -p diyalog 2>&1 | tee "$log"
absent=()
while read -r part; do
    status=0
    is_there "$part" || status=$?
    [ "$status" = 0 ] && continue
    [ "$status" = 3 ] || exit "$status"
    while read -r name; do
        absent+=(--skip "$name")
    done < <(sed -n "s/^test \(.*\) \.\.\. ignored, needs $part$/\1/p" "$log")
done < <(sed -n 's/^test .* \.\.\. ignored, needs //p' "$log" | sort -u)
$cargo test -p diyalog --tests -- --ignored --exact "${absent[@]}"
$cargo test -p diyalog-sandbox
