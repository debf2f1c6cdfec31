#!/bin/sh
# The lookup against its peers: benches/run.sh LIBRARY-FOLDER SANDBOX-BINARY
#
# Prints one table, counts first; writes it to benches/RESULTS.md and the plot to benches/lookup.svg.
# Takes three to four minutes. On a machine that does other work the counts stay exact; the ratios
# spread.
set -eu

library=$(cd "$1" && pwd)
sandbox=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
cd "$(dirname "$0")/.."

include=/usr/include
tests/need.sh "make bench" python3 "${CC:-cc}=gcc" strip=binutils valgrind strace openssl \
    curl-config=libcurl4-openssl-dev \
    $include/openssl/ssl.h=libssl-dev $include/cjson/cJSON.h=libcjson-dev

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Its output is shown only if it fails.
quietly() {
    "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
}

# This library's package and its peers, in an environment that is removed at the end.
install_python_clients() {
    quietly python3 -m venv "$work/venv"
    quietly "$work/venv/bin/pip" install --disable-pip-version-check \
        ./bindings/python pycurl urllib3 requests
    # Whatever library the package has inside: the one that the C clients use.
    export DIYALOG_LIBRARY="$library/libdiyalog.so"
}

# No client uses a proxy of the environment for loopback.
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY || true

benches/build.sh "$library" "$work"
quietly benches/certificates.sh "$work"
install_python_clients
python3 benches/measure.py "$work" "$library/libdiyalog.so" "$sandbox"
