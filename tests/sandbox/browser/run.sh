#!/bin/sh
# Tests the sandbox's page in Chromium: tests/sandbox/browser/run.sh SANDBOX-BINARY [PYTEST-OPTION...]
#
# With DIYALOG_WRITE_SCREENSHOTS=1 the screenshots go to docs/, otherwise nowhere.
# Exit status 3: skipped, with a line that names what is missing.
set -eu

DIYALOG_SANDBOX=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
export DIYALOG_SANDBOX
shift
here=$(cd "$(dirname "$0")" && pwd)
"$here/../../need.sh" "the browser tests" chromium chromedriver curl python3
stdlib=$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')
"$here/../../need.sh" "the browser tests" "$stdlib/ensurepip=python3-venv"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
python3 -m venv "$work/venv"
if ! "$work/venv/bin/pip" install --quiet --requirement "$here/requirements.txt"; then
    [ "${CI:-}" = true ] && echo "FAILED: pip cannot install what the browser tests need" >&2 && exit 1
    echo "SKIPPED: pip cannot install what the browser tests need" >&2
    exit 3
fi
"$work/venv/bin/pytest" -q -p no:cacheprovider --rootdir "$here" "$here" "$@"
