#!/bin/sh
# Where the instructions and allocations of a warm lookup go, plain HTTP and TLS.
#
#   benches/profile.sh [plain|tls]...
#
# Builds the library with symbols under target/profile.
set -eu
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- plain tls
tests/need.sh "the profile" valgrind=valgrind openssl=openssl \
    /usr/include/openssl/ssl.h=libssl-dev

lookups=1000
target=$PWD/target/profile
work=$(mktemp -d)
server_pid=
cleanup() {
    [ -z "$server_pid" ] || kill "$server_pid" 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT

build() {
    CARGO_PROFILE_RELEASE_STRIP=none CARGO_PROFILE_RELEASE_DEBUG=line-tables-only \
        CARGO_TARGET_DIR="$target" ${CARGO:-cargo} build --quiet --release --lib
    ln -sf libdiyalog.so "$target/release/libdiyalog.so.0"
    # Nothing inlined in the client: callgrind has to see the call that ends the warming up.
    ${CC:-cc} -O2 -g -fno-inline -Iinclude benches/peer.c benches/diyalog.c \
        -L"$target/release" -ldiyalog -Wl,-rpath,"$target/release" -pthread -o "$work/peer"
    ${CC:-cc} -O2 -D_GNU_SOURCE benches/server.c -lssl -lcrypto -pthread -o "$work/server"
    benches/certificates.sh "$work"
}

# Starts the server with these arguments; its URL is then in $url.
start_server() {
    mkfifo "$work/input"
    "$work/server" "$@" <"$work/input" >"$work/server.log" &
    server_pid=$!
    exec 9>"$work/input"
    until [ -s "$work/server.log" ]; do
        kill -0 "$server_pid" # ends the script where the server did not start
        sleep 0.05
    done
    url=$(head -n 1 "$work/server.log")
}

# The server ends when its standard input does.
end_server() {
    exec 9>&-
    wait "$server_pid"
    server_pid=
    rm "$work/input" "$work/server.log"
}

# Runs the client under a tool of valgrind; what both print is of interest where it fails.
run_under() {
    # shellcheck disable=SC2086
    valgrind "$@" "$work/peer" "$url" "$lookups" 1 $ca_file >"$work/log" 2>&1 9>&- ||
        { cat "$work/log"; exit 1; }
}

# Dumped part 2 is what happens between the two looks at the clock: the warm lookups.
profile() {
    run_under --tool=callgrind --dump-before=cpu_nanoseconds \
        --callgrind-out-file="$work/callgrind"
    python3 benches/profile.py instructions "$work/callgrind.2" "$lookups"
    run_under --tool=dhat --dhat-out-file="$work/dhat"
    python3 benches/profile.py allocations "$work/dhat" "$lookups"
}

build
for kind in "$@"; do
    case $kind in
    plain) ca_file= && start_server ;;
    tls) ca_file=$work/ca.pem && start_server "$work/server.pem" "$work/server.key" ;;
    *) echo "profile.sh knows plain and tls, not $kind" >&2; exit 2 ;;
    esac
    printf '\n======== %s ========\n' "$kind"
    profile
    end_server
done
