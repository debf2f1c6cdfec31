#!/bin/sh
# Compiles Diyalog.dll with mcs: bindings/csharp/compile.sh FOLDER [MCS-OPTION...]
#
# Users build it from Diyalog.csproj, which needs the .NET SDK; this needs Mono alone.
set -eu

cd "$(dirname "$0")/../.."
out=$1
shift
mkdir -p "$out"

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
printf '[assembly: System.Reflection.AssemblyVersion("%s.0")]\n' "${version%%[-+]*}" >"$out/Version.cs"
mcs -langversion:latest -warn:4 -warnaserror+ -target:library -doc:"$out/Diyalog.xml" -out:"$out/Diyalog.dll" \
    "$@" "$out/Version.cs" bindings/csharp/Diyalog/*.cs
