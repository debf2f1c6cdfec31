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
