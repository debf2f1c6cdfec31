#!/bin/sh
# Runs what docs/ shows, against a sandbox and a proxy.
#
# Usage: tests/docs.sh LIBRARY-FOLDER SANDBOX-BINARY
set -eu

library=$(cd "$1" && pwd)
sandbox=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
cd "$(dirname "$0")/.."
tests/need.sh "the documentation's tests" cc=gcc pkg-config=pkg-config cmake=cmake make=make \
    python3=python3 openssl=openssl
exec python3 tests/docs.py "$library" "$sandbox"
