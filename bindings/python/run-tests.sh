#!/bin/sh
# Builds the wheel, installs it into a fresh virtual environment outside the tree, and there checks
# style and types and runs the tests against the sandbox.
#
# Usage: DIYALOG_SANDBOX=SANDBOX-BINARY DIYALOG_SHIPPED=LIBRARY-FOLDER [PYTHON=python3] \
#            bindings/python/run-tests.sh
# Exit status 3: skipped, with a line that says what is missing.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
python=${PYTHON:-python3}
: "${DIYALOG_SANDBOX:?must name the diyalog-sandbox program}"
: "${DIYALOG_SHIPPED:?must name the folder of the library that make builds}"
DIYALOG_SANDBOX=$(cd "$(dirname "$DIYALOG_SANDBOX")" && pwd)/$(basename "$DIYALOG_SANDBOX")
export DIYALOG_SANDBOX
unset DIYALOG_LIBRARY
export PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1

skip() {
    echo "SKIPPED: $1" >&2
    exit 3
}

"$root/tests/need.sh" "the Python tests" "$python=python3"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 9))' ||
    skip "the Python tests need Python 3.9 or newer, not $("$python" --version)"
stdlib=$("$python" -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')
"$root/tests/need.sh" "the Python tests" "$stdlib/ensurepip=python3-venv"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$python" -m venv "$work/venv"
PATH=$work/venv/bin:$PATH
pip install --quiet pytest mypy ruff ||
    skip "the Python tests need pytest, mypy and ruff, which pip could not install"

pip wheel --quiet --no-deps --wheel-dir "$work/wheel" "$here"
pip install --quiet "$work"/wheel/diyalog-*.whl

cd "$here"
ruff check --quiet --no-cache .
ruff check --quiet --no-cache --config pyproject.toml --ignore D ../../examples/lookup.py
ruff format --quiet --check --no-cache --config pyproject.toml . ../../examples/lookup.py

# From elsewhere, so that nothing but the installed package can be imported.
cd "$work"
settings=$here/pyproject.toml
mypy --config-file "$settings" --cache-dir "$work/mypy" -p diyalog
mypy --config-file "$settings" --cache-dir "$work/mypy" \
    "$here/tests" "$root/examples/lookup.py"
pytest -q -p no:cacheprovider -c "$settings" --rootdir "$here" "$here/tests"
