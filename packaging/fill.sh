#!/bin/sh
# Fills in a template: packaging/fill.sh TEMPLATE >FILE
#
# PREFIX, LIBDIR and INCLUDEDIR come from the environment. POINTER_BYTES is that of this machine if it
# is not set.
set -eu

packaging=$(dirname "$0")
version=$("$packaging/version.sh")
url=$(sed -n 's/^repository = "\(.*\)"/\1/p' "$packaging/../Cargo.toml")

# A folder below PREFIX is written relative to it, so that moving the tree changes one line.
below_prefix() {
    case $1 in
    "$PREFIX"/*) printf '${prefix}/%s' "${1#"$PREFIX/"}" ;;
    *) printf '%s' "$1" ;;
    esac
}

sed -e "s|@VERSION@|$version|g" -e "s|@MAJOR@|${version%%.*}|g" -e "s|@URL@|$url|g" -e "s|@PREFIX@|$PREFIX|g" \
    -e "s|@LIBDIR@|$(below_prefix "$LIBDIR")|g" -e "s|@INCLUDEDIR@|$(below_prefix "$INCLUDEDIR")|g" \
    -e "s|@INCLUDEDIR_FROM_LIBDIR@|$(realpath -m -s --relative-to="$LIBDIR" "$INCLUDEDIR")|g" \
    -e "s|@POINTER_BYTES@|${POINTER_BYTES:-$(($(getconf LONG_BIT) / 8))}|g" "$1"
