#!/bin/sh
# Prints the version node and the name of each exported function, one a line, oldest node first.
#
# A function keeps the node of the minor version that introduced it: the oldest header that declares
# it, of those kept in tests/abi/ and include/diyalog.h. So a program that needs a newer library fails
# when it is loaded, not when it calls. 0.1 was shipped with the node DIYALOG_0.
set -eu

packaging=$(dirname "$0")
version=$("$packaging/version.sh")
{
    for header in $(printf '%s\n' "$packaging"/../tests/abi/diyalog-*.h | sort -V); do
        minor=${header##*/diyalog-}
        "$packaging/functions.sh" "$header" | sed "s/^/${minor%.h} /"
    done
    "$packaging/functions.sh" | sed "s/^/${version%.*} /"
} | awk '!seen[$2]++ { sub(/^0\.1$/, "0", $1); print "DIYALOG_" $1, $2 }'
