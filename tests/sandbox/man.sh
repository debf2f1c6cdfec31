#!/bin/sh
# The sandbox's manual page, made by help2man from --help: tests/sandbox/man.sh --write|--check SANDBOX-BINARY
#
# --check fails if the committed page differs. Exit status 3: skipped, since help2man is missing.
set -eu

page=$(dirname "$0")/diyalog-sandbox.1
"$(dirname "$0")/../need.sh" "the manual page" help2man
made=$(mktemp)
trap 'rm -f "$made"' EXIT
# The date would be the day on which it was made.
help2man --no-info --locale=C.UTF-8 --name="stand-in for a Diyalog server, to try and to test clients" "$2" |
    sed -e '/^\.\\" DO NOT MODIFY/d' -e 's/^\(\.TH [^ ]* "1"\) "[^"]*"/\1 ""/' >"$made"
case $1 in
--write) cp "$made" "$page" ;;
--check)
    diff "$page" "$made" || { echo "FAILED: the manual page is not that of --help; run make man" >&2 && exit 1; }
    echo "1 passed: the manual page is that of --help"
    ;;
esac
