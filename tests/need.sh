#!/bin/sh
# Makes sure that what a test runs is installed: tests/need.sh "WHAT FOR" COMMAND...|--all
#
# The package of a command is looked up in tests/packages, unless it is given as COMMAND=PACKAGE.
# COMMAND may also be a path: one that begins with / is looked for as a file. --all stands for every
# command in tests/packages.
#
# On Debian as root, missing packages are installed. Elsewhere a line names them and the exit status
# is 3: the caller skips its tests. With CI=true a missing package is a failure (1).
set -u

what=$1
shift
table=$(dirname "$0")/packages
# shellcheck disable=SC2046 # commands have no spaces
[ "$*" != --all ] || set -- $(awk '!/^#/ { print $1 }' "$table")

is_there() {
    case $1 in
    /*) [ -e "$1" ] ;;
    *) PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null 2>&1 ;;
    esac
}

package_of() {
    case $1 in
    *=*) echo "${1#*=}" ;;
    *) awk -v name="$1" '$1 == name { print $2; found = 1 } END { if (!found) print name }' "$table" ;;
    esac
}

missing() {
    for command in "$@"; do
        is_there "${command%%=*}" || package_of "$command"
    done | sort -u | tr '\n' ' '
}

packages=$(missing "$@")
[ -z "$packages" ] && exit 0

if [ -e /etc/debian_version ] && [ "$(id -u)" = 0 ]; then
    echo "installing for $what: $packages"
    log=$(mktemp)
    # Two test runs may install at once: wait for the other's lock.
    apt="apt-get -qq -y -o DPkg::Lock::Timeout=300"
    export DEBIAN_FRONTEND=noninteractive
    # A daemon that a package brings must not start: the tests start their own.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod +x "$policy"
        trap 'rm -f "$policy"' EXIT
    fi
    # shellcheck disable=SC2086
    { $apt update && $apt install --no-install-recommends $packages; } >"$log" 2>&1 ||
        { echo "apt-get failed:"; tail -n 5 "$log"; }
    rm -f "$log"
    packages=$(missing "$@")
    [ -z "$packages" ] && exit 0
fi

if [ "${CI:-}" = true ]; then
    echo "FAILED: $what needs these packages: $packages" >&2
    exit 1
fi
echo "SKIPPED: $what, which needs these packages: $packages(make test-deps installs them on Debian as root)" >&2
exit 3
