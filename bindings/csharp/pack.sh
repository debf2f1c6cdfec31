#!/bin/sh
# Makes the NuGet packages: bindings/csharp/pack.sh NATIVE-ROOT OUT
#
# NATIVE-ROOT holds the native libraries as runtimes/RID/native/FILE, and their licences as
# licenses/RID/THIRD-PARTY-LICENSES.txt.
set -eu

native=$(cd "$1" && pwd)/
mkdir -p "$2"
out=$(cd "$2" && pwd)
cd "$(dirname "$0")"

# ContinuousIntegrationBuild leaves the paths of this machine out of the symbols.
dotnet pack Diyalog.sln -c Release -nologo -v quiet -p:ContinuousIntegrationBuild=true "-p:NativeRoot=$native" -o "$out"

# Packed again with one time for all files, so that the same commit gives the same bytes.
[ -n "${SOURCE_DATE_EPOCH:-}" ] || exit 0
python3 - "$out"/*.nupkg "$out"/*.snupkg <<'PYTHON'
import os, sys, time, zipfile

when = time.gmtime(int(os.environ["SOURCE_DATE_EPOCH"]))[:6]
for name in sys.argv[1:]:
    with zipfile.ZipFile(name) as package:
        files = {file: package.read(file) for file in sorted(package.namelist())}
    with zipfile.ZipFile(name, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as package:
        for file, data in files.items():
            package.writestr(zipfile.ZipInfo(file, when), data, zipfile.ZIP_DEFLATED)
PYTHON
