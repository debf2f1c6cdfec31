#!/bin/sh
# Builds the libraries that ship for this machine: packaging/shipped.sh FOLDER
#
# On Linux packaging/link.sh makes them from cargo's static library. On other systems they are the
# ones that cargo builds. CARGO_TARGET_DIR is cargo's own, and holds what is intermediate.
set -eu

mkdir -p "$1"
out=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
made=${CARGO_TARGET_DIR:-target}/release

case $(uname -s) in
Linux)
    ${CARGO:-cargo} rustc --quiet --release --lib --crate-type staticlib
    version=$(packaging/version.sh)
    for input in "$made/libdiyalog.a" packaging/*.sh tests/abi/interface.json Cargo.toml; do
        if ! [ "$out/libdiyalog.so.$version" -nt "$input" ]; then
            packaging/link.sh "$made/libdiyalog.a" "$out"
            break
        fi
    done
    ;;
*)
    ${CARGO:-cargo} build --quiet --release --lib
    for library in libdiyalog.dylib libdiyalog.a diyalog.dll diyalog.dll.lib diyalog.lib libdiyalog.dll.a; do
        [ ! -e "$made/$library" ] || cp "$made/$library" "$out/"
    done
    ;;
esac
