#!/bin/sh
# Runs a command beside a sandbox: tests/with-sandbox.sh SANDBOX-BINARY [SANDBOX-OPTION...] -- COMMAND...
#
# The command finds the sandbox's address and key in the DIYALOG_ variables.
set -eu

log=$(mktemp)
sandbox_pid=
cleanup() {
    [ -z "$sandbox_pid" ] || kill "$sandbox_pid" 2>/dev/null || true
    rm -f "$log"
}
trap cleanup EXIT

sandbox=$1
shift
options=
while [ "$1" != -- ]; do
    options="$options $1"
    shift
done
shift

# shellcheck disable=SC2086 # options have no spaces
"$sandbox" $options >"$log" &
sandbox_pid=$!
until [ -s "$log" ]; do
    kill -0 "$sandbox_pid" # ends the test where the sandbox did not start
    sleep 0.05
done
DIYALOG_ENDPOINT=$(head -n 1 "$log")
DIYALOG_ACCESS_KEY_ID=1234567-8ABC-DEF0-5432-56712ABCDEF5
DIYALOG_ACCESS_KEY_SECRET=s3cr3t-access-key
DIYALOG_REQUESTER_USER_ID=45186
export DIYALOG_ENDPOINT DIYALOG_ACCESS_KEY_ID DIYALOG_ACCESS_KEY_SECRET DIYALOG_REQUESTER_USER_ID
unset DIYALOG_TIMEOUT_MS DIYALOG_MAX_RETRIES DIYALOG_CA_FILE DIYALOG_PROXY
"$@"
