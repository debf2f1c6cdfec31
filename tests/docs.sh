#!/bin/sh
# Runs what docs/ shows, against sandboxes and a proxy.
#
# Usage: tests/docs.sh LIBRARY-FOLDER SANDBOX-BINARY
set -eu

library=$(cd "$1" && pwd)
sandbox=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
cd "$(dirname "$0")/.."
tests/need.sh "the documentation's tests" cc pkg-config cmake make python3 openssl curl

plain=
for page in docs/*.md; do
    # The network's page is about TLS.
    [ "$page" = docs/network.md ] || plain="$plain $page"
done
# shellcheck disable=SC2086 # the pages' names have no spaces
"$sandbox" --log-file /dev/null -- python3 tests/docs.py "$library" $plain
"$sandbox" --log-file /dev/null --tls -- python3 tests/docs.py "$library" docs/network.md
