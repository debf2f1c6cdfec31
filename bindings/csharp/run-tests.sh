#!/bin/sh
# Builds the C# assemblies with every warning an error and runs their tests against the sandbox: on .NET, and as .NET
# Framework 4.6.2 under Mono.
#
# Usage: DIYALOG_SANDBOX=SANDBOX-BINARY [DIYALOG_SHIPPED=LIBRARY-FOLDER] bindings/csharp/run-tests.sh
# Exit status 3: skipped, with a line that says what is missing.
set -eu

cd "$(dirname "$0")/../.."
: "${DIYALOG_SANDBOX:?must name the diyalog-sandbox program}"
DIYALOG_SHIPPED=$(cd "${DIYALOG_SHIPPED:-target/shipped}" && pwd)
export DIYALOG_SHIPPED
tests=bindings/csharp/Diyalog.Tests

bindings/csharp/need-dotnet.sh "the C# tests"
tests/need.sh "the C# tests" cc

mkdir -p target/csharp
${CC:-cc} -std=c99 -Iinclude -o target/csharp/abi $tests/abi.c
target/csharp/abi >target/csharp/abi.txt
DIYALOG_ABI_FACTS=$PWD/target/csharp/abi.txt
export DIYALOG_ABI_FACTS
# The library is to be found where a package has it.
unset DIYALOG_LIBRARY

dotnet build bindings/csharp -c Release -nologo -v quiet
# The newest target the SDK has; net8.0 differs from it in the tests only, not in the assembly.
framework=net$(dotnet --version | sed 's/\..*//').0
run() { dotnet test $tests -c Release -f "$1" --no-build -nologo -v quiet --logger "console;verbosity=minimal"; }

echo "-- C# on .NET ($framework)"
run "$framework"

# Without the facades of mono-devel the test host does not start.
if tests/need.sh "the C# tests on Mono" mono /usr/lib/mono/4.5/Facades/netstandard.dll=mono-devel; then
    echo "-- C# under $(mono --version | head -n 1)"
    run net462
else
    exit $?
fi

echo "-- C# of the documentation"
python3 bindings/csharp/test-snippets.py

echo "-- NuGet packages"
bindings/csharp/nupkg.sh "$DIYALOG_SHIPPED" target/csharp/package
"$DIYALOG_SANDBOX" --log-file /dev/null -- bindings/csharp/test-packages.sh target/csharp/package
