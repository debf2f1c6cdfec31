#!/bin/sh
# Prints the version, which stands in Cargo.toml alone.
sed -n 's/^version = "\(.*\)"/\1/p' "$(dirname "$0")/../Cargo.toml" | head -n 1
