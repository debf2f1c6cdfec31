#!/bin/sh
# Makes the NuGet packages with this machine's native library alone, to try them out:
#   bindings/csharp/nupkg.sh LIBRARY-FOLDER OUT
# `make dist` makes them with the libraries for all systems.
#
# Exit status 3: skipped, because there is no .NET SDK.
set -eu

library=$(cd "$1" && pwd)
cd "$(dirname "$0")/../.."
bindings/csharp/need-dotnet.sh "the NuGet packages"

case $(uname -m) in
x86_64) rid=linux-x64 ;;
aarch64) rid=linux-arm64 ;;
*) echo "SKIPPED: the NuGet packages, which have no library for $(uname -m)" >&2 && exit 3 ;;
esac
native=${CARGO_TARGET_DIR:-target}/csharp/native
rm -rf "$native" "$2"
mkdir -p "$native/runtimes/$rid/native" "$native/licenses/$rid"
cp -L "$library/libdiyalog.so" "$native/runtimes/$rid/native/"
python3 packaging/licences.py "$(rustc -vV | sed -n 's/^host: //p')" "$(rustc --print sysroot)/share/doc/rust" \
    >"$native/licenses/$rid/THIRD-PARTY-LICENSES.txt"
bindings/csharp/pack.sh "$native" "$2"
ls -l "$2"
