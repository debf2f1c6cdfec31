#!/bin/sh
# Prints the functions that a header declares, one a line: they are what the library exports.
#   packaging/functions.sh [HEADER]   the default is include/diyalog.h
sed -n 's/^.*DIYALOG_CALL \(diyalog_[a-z0-9_]*\)(.*/\1/p' "${1:-$(dirname "$0")/../include/diyalog.h}" | sort
