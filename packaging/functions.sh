#!/bin/sh
# Prints the functions that the library exports, one per line.
"$(dirname "$0")/symbols.sh" | sed 's/.* //' | LC_ALL=C sort
