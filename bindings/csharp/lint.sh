#!/bin/sh
# Checks the format of the C# sources. Exit status 3: skipped, because there is no .NET SDK.
set -eu

cd "$(dirname "$0")"
./need-dotnet.sh "the format of the C# sources"
dotnet format Diyalog.sln --verify-no-changes --verbosity quiet
echo "1 passed: C# format"
