#!/bin/sh
# Runs a Python program that uses griffe, from PyPI: packaging/griffe.sh PROGRAM [ARGUMENT...]
#
# Exit status 3: skipped, since pip could not install it.
set -eu

cd "$(dirname "$0")/.."
tools=${CARGO_TARGET_DIR:-target}/griffe
version=2.4.1
if [ ! -e "$tools/$version" ]; then
    echo "installing griffe $version into $tools"
    rm -rf "$tools"
    python3 -m venv "$tools" && "$tools/bin/pip" install --quiet "griffe==$version" && touch "$tools/$version" || {
        echo "SKIPPED: the release check, which needs griffe from PyPI"
        exit 3
    }
fi
exec "$tools/bin/python" "$@"
