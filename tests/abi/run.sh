#!/bin/sh
# Compares the header and the shipped library with the recorded interface: tests/abi/run.sh LIBRARY-FOLDER
set -eu

library=$(cd "$1" && pwd)
cd "$(dirname "$0")/../.."
if [ "$(uname -sm)" != "Linux x86_64" ]; then
    echo "SKIPPED: the recorded interface, which only the compiler of x86-64 Linux is asked about" >&2
    exit 3
fi
tests/need.sh "the recorded interface" gcc nm python3
exec python3 tests/abi/record.py "$library"
