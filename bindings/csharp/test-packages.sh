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

if tests/need.sh "the package test on Mono" mono; then
    project Framework net462
    quietly dotnet build "$work/Framework" -nologo
    mkdir "$work/deployed"
    cp -r "$work/Framework/bin/Debug/net462/." "$work/deployed"
    rm -r "$work/Framework"
    answers "built for .NET Framework, under Mono" mono "$work/deployed/Framework.exe"
fi
echo "$passed passed"
