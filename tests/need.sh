#!/bin/sh
# Makes sure that the parts a test needs are there: tests/need.sh "WHAT FOR" COMMAND=PACKAGE...
#
# What is missing is installed on Debian as root. Elsewhere a loud line names the packages and the
# exit status is 3: the caller skips its tests. With CI=true a missing part is a failure (1).
# COMMAND may also be a path; a leading / is looked for as a file.
set -u

what=$1
shift

is_there() {
    case $1 in
    /*) [ -e "$1" ] ;;
    *) PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null 2>&1 ;;
    esac
}

missing() {
    for pair in "$@"; do
        is_there "${pair%%=*}" || printf '%s ' "${pair#*=}"
    done
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
    echo "FAILED: $what needs: $packages" >&2
    exit 1
fi
echo "SKIPPED: $what needs these packages, which are not installed: $packages" >&2
exit 3
