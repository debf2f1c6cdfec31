#!/bin/sh
# Prints the version, which only Cargo.toml contains.
sed -n 's/^version = "\(.*\)"/\1/p' "$(dirname "$0")/../Cargo.toml" | head -n 1
