#!/bin/sh
# Runs the commands of docs/ with sandboxes and a proxy.
#
# Usage: tests/docs.sh LIBRARY-FOLDER SANDBOX-BINARY
set -eu

library=$(cd "$1" && pwd)
sandbox=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
cd "$(dirname "$0")/.."
tests/need.sh "the documentation's tests" cc pkg-config cmake make python3 openssl curl

plain=
for page in docs/*.md; do
    case $page in
    docs/network.md) ;;  # is about TLS
    docs/platform.md) ;; # is in other languages
    *) plain="$plain $page" ;;
    esac
done
# shellcheck disable=SC2086 # the pages' names have no spaces
"$sandbox" --log-file /dev/null -- python3 tests/docs.py "$library" $plain
"$sandbox" --log-file /dev/null --tls -- python3 tests/docs.py "$library" docs/network.md

# A sandbox for each language: the recipes end a session and count pushes.
for language in c python csharp; do
    "$sandbox" --log-file /dev/null -- python3 tests/recipes.py "$library" $language || [ $? = 3 ]
done
