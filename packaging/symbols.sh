#!/bin/sh
# Prints the version node and the name of each exported function, one per line, oldest node first.
#
# tests/abi/interface.json has the minor version that introduced each function. So a program that needs
# a newer library fails when it is loaded, not when it calls. 0.1 was shipped with the node DIYALOG_0.
set -eu

sed -n 's/^    "\(diyalog_[a-z0-9_]*\)": {"since": "\([0-9.]*\)".*/\2 \1/p' "$(dirname "$0")/../tests/abi/interface.json" |
    sort -V | sed 's/^0\.1 /0 /; s/^/DIYALOG_/'
