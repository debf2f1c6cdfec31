#!/bin/sh
# Builds the last commit once more, in a clone in another folder, and compares the bytes with those that
# packaging/dist.sh made: tests/reproducible.sh [SYSTEM...]
#
# SYSTEM is linux-x64 by default. The tools are the same. What holds several systems is left out.
set -eu

cd "$(dirname "$0")/.."
version=$(packaging/version.sh)
dist=$(cd "${CARGO_TARGET_DIR:-target}/dist" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

git clone --quiet --no-local . "$work/elsewhere"
mkdir -p "$work/other/dist"
ln -s "$dist/tools" "$work/other/dist/tools"
CARGO_TARGET_DIR=$work/other "$work/elsewhere/packaging/dist.sh" "${@:-linux-x64}"

same=0
for file in "$work/other/dist/$version"/*; do
    case $file in
    *nupkg | *-ports.tar.gz | *SHA256SUMS) continue ;;
    esac
    cmp "$file" "$dist/$version/$(basename "$file")" || { echo "FAILED: $(basename "$file") differs" >&2 && exit 1; }
    same=$((same + 1))
done
echo "$same passed: files with the same bytes"
