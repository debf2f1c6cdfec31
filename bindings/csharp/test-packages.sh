#!/bin/sh
# Installs the packages of a folder into fresh programs, and runs each as its users would, with no variable that names
# the library: SANDBOX-BINARY -- bindings/csharp/test-packages.sh PACKAGES
#
# Exit status 3: skipped, with a line that says what is missing.
set -eu

packages=$(cd "$1" && pwd)
cd "$(dirname "$0")/../.."
bindings/csharp/need-dotnet.sh "the tests of the NuGet packages"
version=$(packaging/version.sh)
program=$PWD/examples/Lookup.cs
unset DIYALOG_LIBRARY

# Outside the repository, whose settings must not apply.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Where programs find the runtime of a dotnet that is not in the default folder.
shared=$(dotnet --list-runtimes | sed -n 's/^Microsoft.NETCore.App .*\[\(.*\)\]$/\1/p' | tail -n 1)
DOTNET_ROOT=${DOTNET_ROOT:-$(dirname "$(dirname "$shared")")}
export DOTNET_ROOT

passed=0
framework=net$(dotnet --version | sed 's/\..*//').0
case $(uname -m) in
x86_64) rid=linux-x64 ;;
aarch64) rid=linux-arm64 ;;
esac

# project NAME FRAMEWORK: a program that gets its packages from the folder, and unpacks them beside itself.
project() {
    mkdir "$work/$1"
    cp "$program" "$work/$1/"
    cat >"$work/$1/$1.csproj" <<XML
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>$2</TargetFramework>
    <LangVersion>latest</LangVersion>
    <Nullable>enable</Nullable>
    <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
    <RestoreAdditionalProjectSources>$packages</RestoreAdditionalProjectSources>
    <RestorePackagesPath>$work/cache</RestorePackagesPath>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="Diyalog" Version="$version" />
  </ItemGroup>
</Project>
XML
}

# quietly COMMAND...: shows the output of a command only if it fails.
quietly() {
    "$@" >"$work/output" 2>&1 || {
        echo "FAILED: $*" >&2
        cat "$work/output" >&2
        exit 1
    }
}

# answers WHAT COMMAND...: the program looks a customer up.
answers() {
    what=$1
    shift
    answer=$("$@" 70022 2>&1) || true
    if [ "$answer" != "70022: in help, inbound, with agent 45001" ]; then
        echo "FAILED: $what prints: $answer" >&2
        exit 1
    fi
    echo "$what: $answer"
    passed=$((passed + 1))
}

project Plain "$framework"
quietly dotnet build "$work/Plain" -nologo
answers "built for $framework" dotnet "$work/Plain/bin/Debug/$framework/Plain.dll"

# published NAME WHAT OPTION...: the published program runs in a folder of its own.
published() {
    name=$1
    what=$2
    shift 2
    project "$name" "$framework"
    quietly dotnet publish "$work/$name" -nologo -r "$rid" -o "$work/$name/out" "$@"
    mv "$work/$name/out" "$work/out"
    rm -r "${work:?}/$name"
    answers "$what" "$work/out/$name"
    rm -r "$work/out"
}

published FrameworkDependent "published, framework-dependent" --no-self-contained
published SingleFile "published as a single file" --no-self-contained -p:PublishSingleFile=true \
    -p:IncludeNativeLibrariesForSelfExtract=true
if [ "${framework#net}" != 8.0 ]; then
    published Trimmed "published trimmed" --self-contained -p:PublishTrimmed=true
    if command -v "${CC:-cc}" >/dev/null; then
        published Native "published as native code" -p:PublishAot=true -p:CppCompilerAndLinker="${CC:-cc}"
    fi
fi

# example NAME: builds an example as its user would, from a copy.
example() {
    cp -r "examples/$1" "$work/"
    cat >"$work/$1/Directory.Build.props" <<XML
<Project>
  <PropertyGroup>
    <RestoreAdditionalProjectSources>$packages</RestoreAdditionalProjectSources>
    <RestorePackagesPath>$work/cache</RestorePackagesPath>
  </PropertyGroup>
</Project>
XML
    quietly dotnet build "$work/$1" -nologo -c Release -o "$work/$1/out"
}

example worker
printf 'id,name\n70022,A\n,\n70024,B\n' >"$work/customers.csv"
answer=$(dotnet "$work/worker/out/worker.dll" "$work/customers.csv" 2>"$work/output" | sort | tr '\n' ' ') || true
if [ "$answer" != "70022,True,45001 70024,False, " ] || [ "$(grep -c : "$work/output")" != 1 ]; then
    echo "FAILED: the worker prints: $answer" >&2
    cat "$work/output" >&2
    exit 1
fi
echo "the worker: $answer"
passed=$((passed + 1))

example aspnetcore
env Diyalog__Endpoint="$DIYALOG_ENDPOINT" Diyalog__AccessKeyId="$DIYALOG_ACCESS_KEY_ID" \
    Diyalog__AccessKeySecret="$DIYALOG_ACCESS_KEY_SECRET" Diyalog__RequesterUserId="$DIYALOG_REQUESTER_USER_ID" \
    Diyalog__MaxRetries=0 dotnet "$work/aspnetcore/out/aspnetcore.dll" --urls http://127.0.0.1:0 >"$work/service.log" 2>&1 &
service=$!
trap 'kill $service 2>/dev/null || true; rm -rf "$work"' EXIT
until grep -q 'Now listening on' "$work/service.log"; do
    kill -0 $service 2>/dev/null || { cat "$work/service.log" >&2 && exit 1; }
    sleep 0.05
done
url=$(sed -n 's/.*Now listening on: //p' "$work/service.log")
python3 - "$url" <<'PYTHON'
import json, sys, urllib.error, urllib.request

def get(path):
    try:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(sys.argv[1] + path) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()

status, body = get("/customers/70022")
assert status == 200 and json.loads(body)["staffId"] == "45001", (status, body)
assert get("/customers/99999")[0] == 404
assert get("/customers/%0A")[0] == 400
assert get("/health") == (200, "Healthy")
PYTHON
kill $service
wait $service || true
trap 'rm -rf "$work"' EXIT
echo "the ASP.NET Core service answers, and is healthy"
passed=$((passed + 1))

if tests/need.sh "the package test on Mono" mono; then
    project Framework net462
    quietly dotnet build "$work/Framework" -nologo
    mkdir "$work/deployed"
    cp -r "$work/Framework/bin/Debug/net462/." "$work/deployed"
    rm -r "$work/Framework"
    answers "built for .NET Framework, under Mono" mono "$work/deployed/Framework.exe"
fi
echo "$passed passed"
