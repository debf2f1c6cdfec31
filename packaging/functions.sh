#!/bin/sh
# Prints the functions that the header declares, one a line: they are what the library exports.
sed -n 's/^.*DIYALOG_CALL \(diyalog_[a-z0-9_]*\)(.*/\1/p' "$(dirname "$0")/../include/diyalog.h" | sort
