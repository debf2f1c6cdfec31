#!/bin/sh
# Compiles the examples of the queue and of the platform's other calls, and checks what they print.
#
# Usage, beside a sandbox: tests/examples.sh LIBRARY-FOLDER
set -eu

library=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
root=$PWD

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for example in dialer event_loop post; do
    ${CC:-cc} -std=c99 -D_DEFAULT_SOURCE -Wall -Wextra -Werror -Iinclude "examples/$example.c" \
        -L"$library" -ldiyalog -Wl,-rpath,"$library" -o "$work/$example"
done
status=0
tests/need.sh "window.c" x86_64-w64-mingw32-gcc=gcc-mingw-w64-x86-64 || status=$?
case $status in
0)
    x86_64-w64-mingw32-gcc -std=c99 -Wall -Wextra -Werror -Iinclude -fsyntax-only examples/window.c
    echo "window.c compiles for Windows"
    ;;
3) ;;
*) exit "$status" ;;
esac

status=0
tests/need.sh "examples/sign.c" curl-config || status=$?
case $status in
0)
    # shellcheck disable=SC2046 # options without spaces
    ${CC:-cc} -std=c99 -Wall -Wextra -Werror -Iinclude examples/sign.c -L"$library" -ldiyalog \
        -Wl,-rpath,"$library" $(curl-config --libs) -o "$work/sign"
    ;;
3) ;;
*) exit $status ;;
esac

cd "$work"
fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# 70022 and 70023 are in a chat; the other numbers may be called.
for _ in 1 2 3 4 5 6 7 8 9 10; do
    seq 70020 70029
done >numbers.txt
./dialer numbers.txt >free.txt 2>progress.txt || fail "the dialer: $(cat progress.txt)"
seq 70020 70029 | grep -v -e 70022 -e 70023 >expected.txt
sort -u free.txt | diff expected.txt - || fail "the dialer's list"
[ "$(wc -l <free.txt)" = 80 ] || fail "a number is missing or there twice"
grep -q '100 checked, 20 in a chat, 0 failed' progress.txt || fail "the progress line"

# A line that is too long is not cut into numbers.
printf '%0100d\n70024\n' 1 >numbers.txt
! ./dialer numbers.txt >free.txt 2>/dev/null || fail "the exit status after a failure"
[ "$(cat free.txt)" = 70024 ] || fail "the number after a line that is too long"

# Stopped in the middle: it ends long before the file does.
seq 1 1000000 >numbers.txt
rm free.txt progress.txt # those of the runs before
./dialer numbers.txt >free.txt 2>progress.txt &
dialer=$!
until [ -s free.txt ]; do sleep 0.05; done
kill -INT $dialer
! wait $dialer || fail "the exit status of a dialer that was stopped"
grep -q 'stopped$' progress.txt || fail "the dialer was not stopped: $(tr "\r" "\n" <progress.txt | tail -n 2)"

printf '70022\n70024\n' | ./event_loop | sort >printed.txt
printf '70022: in help, with agent 45001\n70024: not in help\n' | diff - printed.txt || fail "the event loop"
lookup=/v1/application/iscustomerinonlinehelp
./post -r $lookup '{ "customerId": "70022" }' >response.txt || fail "post: $(cat response.txt)"
grep -q '"staffId": "45001"' response.txt || fail "the response of post"
status=0
./post -r v1 '{}' 2>error.txt || status=$?
[ $status = 1 ] && grep -q '^error 1: path must begin with /$' error.txt || fail "post with an invalid path"

if [ -e sign ]; then
    ./sign $lookup '{ "customerId": "70022" }' >response.txt || fail "sign: $(cat response.txt)"
    grep -q '"staffId": "45001"' response.txt || fail "the response that libcurl received"
fi
# Exit status 3: without a .NET SDK, which it reported as skipped.
status=0
EXAMPLE=Sign DIYALOG_LIBRARY=$library/libdiyalog.so "$root/bindings/csharp/run-example.sh" $lookup \
    '{ "customerId": "70022" }' >response.txt || status=$?
[ $status = 3 ] || { [ $status = 0 ] && grep -q '"staffId": "45001"' response.txt; } ||
    fail "the response that HttpClient received: $(cat response.txt)"
echo "$(find dialer event_loop post sign 2>/dev/null | wc -l) passed: the dialer, the event loop, post and sign do what they say"
