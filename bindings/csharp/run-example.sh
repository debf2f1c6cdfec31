#!/bin/sh
# Compiles examples/Lookup.cs and asks for the customers: bindings/csharp/run-example.sh CUSTOMER-ID...
#
# Settings come from DIYALOG_*. Exit status 3: skipped, since there is neither Mono nor a .NET SDK.
set -eu

cd "$(dirname "$0")/../.."
out=target/csharp/example
DIYALOG_LIBRARY=${DIYALOG_LIBRARY:-$PWD/target/release/libdiyalog.so}
export DIYALOG_LIBRARY
mkdir -p "$out"

if command -v mcs >/dev/null && command -v mono >/dev/null; then
    bindings/csharp/compile.sh "$out"
    mcs -out:"$out/Lookup.exe" -r:"$out/Diyalog.dll" examples/Lookup.cs
    exec mono "$out/Lookup.exe" "$@"
fi
if [ -n "$(dotnet --list-sdks 2>/dev/null || true)" ]; then
    cat >"$out/Lookup.csproj" <<'XML'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net8.0</TargetFramework>
    <RollForward>Major</RollForward>
  </PropertyGroup>
  <ItemGroup>
    <Compile Include="../../../examples/Lookup.cs" />
    <ProjectReference Include="../../../bindings/csharp/Diyalog/Diyalog.csproj" />
  </ItemGroup>
</Project>
XML
    exec dotnet run --project "$out/Lookup.csproj" -- "$@"
fi
echo "(skipped: neither Mono nor the .NET SDK found)"
exit 3
