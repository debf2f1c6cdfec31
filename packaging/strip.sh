#!/bin/sh
# Moves the debug symbols of a library into FILE.debug beside it: packaging/strip.sh FILE
#
# FILE names it in .gnu_debuglink, where gdb and valgrind look. OBJCOPY overrides the machine's own tool.
set -eu

# Without --preserve-dates a DLL gets the current time into its header.
objcopy="${OBJCOPY:-objcopy} --preserve-dates"
case $1 in
*.dll) compress= ;; # ELF only
*) compress=--compress-debug-sections=zlib ;;
esac
$objcopy --only-keep-debug $compress "$1" "$1.debug"
chmod 644 "$1.debug"
$objcopy --strip-all --remove-section=.comment "$1"
(cd "$(dirname "$1")" && $objcopy --add-gnu-debuglink="$(basename "$1").debug" "$(basename "$1")")
