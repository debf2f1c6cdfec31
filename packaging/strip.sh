#!/bin/sh
# Moves the debug symbols of a library into FILE.debug beside it: packaging/strip.sh FILE
#
# FILE names that file in .gnu_debuglink, where gdb and valgrind look for it. OBJCOPY names another
# tool than the machine's own.
set -eu

objcopy=${OBJCOPY:-objcopy}
"$objcopy" --only-keep-debug --compress-debug-sections=zlib "$1" "$1.debug"
chmod 644 "$1.debug"
"$objcopy" --strip-all --remove-section=.comment "$1"
(cd "$(dirname "$1")" && "$objcopy" --add-gnu-debuglink="$(basename "$1").debug" "$(basename "$1")")
