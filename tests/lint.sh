#!/bin/sh
# Checks format, lints, documentation, and the dependencies against deny.toml.
set -eu

cd "$(dirname "$0")/.."
cargo=${CARGO:-cargo}
RUSTDOCFLAGS="-D warnings"
export RUSTDOCFLAGS

$cargo fmt --all --check
$cargo clippy --quiet --all-targets -p diyalog -p diyalog-sandbox -- -D warnings
$cargo doc --quiet --no-deps -p diyalog -p diyalog-sandbox
echo "3 passed: format, clippy, documentation"
tests/abi/rust_api.py
bindings/csharp/lint.sh || [ $? = 3 ]
tests/deny.sh
