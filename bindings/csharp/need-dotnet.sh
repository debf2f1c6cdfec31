#!/bin/sh
# Makes sure that there is a .NET SDK, 8 or newer: bindings/csharp/need-dotnet.sh "WHAT FOR"
#
# If there is none, installs the system's own package as root: Ubuntu, Fedora and Alpine have one. Exit status 3: still
# none, which a loud line reports. With CI=true that is a failure (1).
set -u

what=$1

is_there() { dotnet --list-sdks 2>/dev/null | grep -qE '^([89]|[1-9][0-9])\.'; }

# install PACKAGE-VERSION: by whichever package manager there is; Alpine's names have no dash before the number.
install() {
    if command -v apt-get; then
        apt-get -qq -y -o DPkg::Lock::Timeout=300 update &&
            DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "dotnet-sdk-$1"
    elif command -v dnf; then
        dnf -q -y install "dotnet-sdk-$1"
    elif command -v apk; then
        apk add --quiet "dotnet${1%.0}-sdk"
    else
        false
    fi
}

is_there && exit 0
if [ "$(id -u)" = 0 ]; then
    echo "installing for $what: the .NET SDK"
    for version in 10.0 8.0; do
        install "$version" >/dev/null 2>&1 && is_there && exit 0
    done
fi
needs="$what: dotnet, the .NET SDK 8 or newer (package dotnet-sdk-10.0 or dotnet-sdk-8.0, or https://dot.net)"
if [ "${CI:-}" = true ]; then
    echo "FAILED: missing for $needs" >&2
    exit 1
fi
echo "SKIPPED: missing for $needs" >&2
exit 3
