#!/bin/sh
# Lists the changes of the public interface since a release, and checks that the version in Cargo.toml
# fits them: packaging/release-check.sh [TAG]
set -eu

cd "$(dirname "$0")/.."
tag=${1:-$(git describe --tags --abbrev=0 --match 'v[0-9]*' 2>/dev/null || true)}
if [ -z "$tag" ]; then
    echo "There is no release to compare with (no tag like v0.1.0): any version is valid."
    exit 0
fi
old=$(mktemp -d)
trap 'rm -rf "$old"' EXIT
git archive "$tag" Cargo.toml bindings tests/abi | tar -x -C "$old"
packaging/griffe.sh packaging/release_check.py "$old" .
