#!/bin/sh
# Runs a test script that may say by exit status 3 that it was skipped (it has named what it
# lacks): tests/optional.sh [VARIABLE=VALUE...] SCRIPT [ARGUMENT...]
status=0
env "$@" || status=$?
[ "$status" = 3 ] && [ "${CI:-}" != true ] && exit 0
exit "$status"
