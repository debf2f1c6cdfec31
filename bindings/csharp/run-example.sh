#!/bin/sh
# Builds and runs examples/$EXAMPLE.cs, by default Lookup: bindings/csharp/run-example.sh ARGUMENT...
#
# Settings come from DIYALOG_*. Exit status 3: skipped, because there is no .NET SDK.
set -eu

cd "$(dirname "$0")/../.."
bindings/csharp/need-dotnet.sh "the C# example"
DIYALOG_LIBRARY=${DIYALOG_LIBRARY:-${DIYALOG_SHIPPED:-$PWD/target/shipped}/libdiyalog.so}
export DIYALOG_LIBRARY
EXAMPLE=${EXAMPLE:-Lookup}
out=target/csharp/example/$EXAMPLE
mkdir -p "$out"
cat >"$out/$EXAMPLE.csproj" <<XML
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net8.0</TargetFramework>
    <RollForward>Major</RollForward>
    <ImplicitUsings>enable</ImplicitUsings>
    <Nullable>enable</Nullable>
  </PropertyGroup>
  <ItemGroup>
    <Compile Include="../../../../examples/$EXAMPLE.cs" />
    <ProjectReference Include="../../../../bindings/csharp/Diyalog/Diyalog.csproj" />
  </ItemGroup>
</Project>
XML
dotnet build "$out/$EXAMPLE.csproj" -nologo -v quiet -o "$out/bin" >"$out/build.log" 2>&1 || {
    cat "$out/build.log" >&2
    exit 1
}
exec dotnet "$out/bin/$EXAMPLE.dll" "$@"
