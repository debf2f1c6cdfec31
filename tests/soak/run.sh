#!/bin/sh
# C and Python threads make lookups behind HAProxy for a long time, while the network breaks.
#
# Usage: tests/soak/run.sh MINUTES|SECONDSs LIBRARY-FOLDER SANDBOX-BINARY
set -eu

cd "$(dirname "$0")/../.."
case ${1:?"usage: tests/soak/run.sh MINUTES"} in
*s) seconds=${1%s} ;;
*) seconds=$(($1 * 60)) ;;
esac
library=$(cd "$2" && pwd)
sandbox=$3
tests/need.sh "the soak" haproxy cc python3

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
${CC:-cc} -std=c99 -Wall -Wextra -Werror -O1 -g -Iinclude tests/soak/soak.c tests/soak/queue.c \
    -L"$library" -ldiyalog \
    -Wl,-rpath,"$library" -pthread -o "$work/soak"

# The package as it is in the tree, over the same library.
cp -r bindings/python/src/diyalog "$work/diyalog"
version=$(packaging/version.sh)
echo "__version__ = \"$version\"" >"$work/diyalog/_version.py"
export PYTHONPATH="$work" PYTHONDONTWRITEBYTECODE=1 DIYALOG_LIBRARY="$library/libdiyalog.so"

echo "soaking for $seconds s"
python3 tests/soak/driver.py "$seconds" "$work" "$sandbox" "$work/soak" "python3 tests/soak/soak.py"
echo "the soak passed"
