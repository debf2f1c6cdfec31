#!/bin/sh
# The lookup in every language against the sandbox: request and response for each documented case.
#
# Usage: diyalog-sandbox --log-file LOG -- examples/demo.sh LIBRARY-FOLDER LOG
set -eu

library=$(cd "$1" && pwd)
log=$2
: "${DIYALOG_ENDPOINT:?names the sandbox: run this by diyalog-sandbox}"
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

title() { printf '\n== %s\n' "$*"; }

# Shows a command and what it prints. It has to succeed.
show() {
    printf '$ %s\n' "$(basename "$1") $(shift && echo "$*")"
    "$@"
}

# Shows a lookup that has to fail.
show_error() {
    ! show "$@" 2>&1
}

# A control call to the sandbox: control METHOD PATH JSON.
control() {
    NO_PROXY=127.0.0.1 python3 -c '
import sys, urllib.request
method, path, body = sys.argv[2:5]
urllib.request.urlopen(urllib.request.Request(sys.argv[1] + path, body.encode(), method=method))
' "$DIYALOG_ENDPOINT" "$@"
}

# Queues a response to the next lookups: answers STATUS BODY.
answers() {
    printf '(the server answers %s "%s")\n' "$1" "$2"
    control DELETE /sandbox/faults ''
    control POST /sandbox/faults \
        "{\"kind\":\"answer\",\"status\":$1,\"body\":\"$2\",\"times\":3}"
}

compile() {
    ${CC:-cc} -std=c99 -Iinclude examples/lookup.c -L"$library" -ldiyalog \
        -Wl,-rpath,"$library" -o "$work/lookup_c"
    if command -v "${CXX:-c++}" >/dev/null 2>&1; then
        ${CXX:-c++} -std=c++11 -Iinclude examples/lookup.cpp -L"$library" -ldiyalog \
            -Wl,-rpath,"$library" -o "$work/lookup_cpp"
    fi
    ${CC:-cc} -std=c99 -Iinclude examples/post.c -L"$library" -ldiyalog \
        -Wl,-rpath,"$library" -o "$work/post_c"
    ${CARGO:-cargo} build --quiet --example lookup --example post
    for example in lookup post; do
        ln -s "${CARGO_TARGET_DIR:-$PWD/target}/debug/examples/$example" "$work/${example}_rust"
    done
}

compile
echo "The sandbox serves the Diyalog lookup on $DIYALOG_ENDPOINT"

title "C: every documented answer"
show "$work/lookup_c" 70022 70023 70024 99999
show "$work/lookup_c" "müşteri-70025"

title "C: a session starts and ends"
control POST /sandbox/sessions '{"customerId":"70024","helpType":"outbound","staffId":"45003"}'
show "$work/lookup_c" 70024
control DELETE /sandbox/sessions/70024 ''
show "$work/lookup_c" 70024

title "C: every documented error"
answers 400 "Required headers not found"
show_error "$work/lookup_c" 70022
answers 400 "Authorization failed due to data format not valid"
show_error "$work/lookup_c" 70022
answers 400 "Authorization failed due to date not valid"
show_error "$work/lookup_c" 70022
answers 500 "Database is down"
show_error "$work/lookup_c" 70022
control DELETE /sandbox/faults ''

title "C: the server's clock is two hours ahead, which the client corrects"
control PUT /sandbox/clock '{"offsetSeconds":7200}'
show "$work/lookup_c" 70022
control PUT /sandbox/clock '{"offsetSeconds":0}'

title "C: a wrong secret, and what the sandbox says about the signature"
(export DIYALOG_ACCESS_KEY_SECRET=wrong && show_error "$work/lookup_c" 70022)
tail -n 2 "$log"

title "C++"
if [ -x "$work/lookup_cpp" ]; then
    show "$work/lookup_cpp" 70022 70023 70024 99999
else
    echo "(skipped: no C++ compiler found)"
fi

title "Rust"
show "$work/lookup_rust" 70022 70023 70024 99999

title "C and Rust: another call of the platform, which only reads"
calls='{"startDate": 1615248000000, "endDate": 1615334400000, "callType": "all"}'
show "$work/post_c" -r /v1/reporting/getcalllist "$calls"
show "$work/post_rust" -r /v1/reporting/getcalllist "$calls"
show_error "$work/post_c" v1/reporting/getcalllist "$calls"

title "Python"
# The contents of a wheel: the package, its version, and the library inside.
mkdir "$work/python"
cp -r bindings/python/src/diyalog "$work/python/"
sed -n 's/^version = /__version__ = /p' Cargo.toml | head -n 1 >"$work/python/diyalog/_version.py"
cp "$library/libdiyalog.so" "$work/python/diyalog/"
export PYTHONPATH="$work/python"
show python3 examples/lookup.py 70022 70023 70024 99999
seq 70020 70029 >"$work/numbers.txt"
show python3 examples/many.py "$work/numbers.txt"

title "C#"
status=0
DIYALOG_LIBRARY=$library/libdiyalog.so show bindings/csharp/run-example.sh 70022 70023 70024 99999 || status=$?
[ "$status" = 0 ] || [ "$status" = 3 ] # 3: skipped, no .NET runtime found

title "Done"
