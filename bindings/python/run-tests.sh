#!/bin/sh
# Builds the wheel around the shipped library, installs it into a fresh virtual environment outside
# the tree, and there checks style and types and runs the tests against the sandbox. Then it builds
# the sdist, and runs a part of the tests with every other Python 3.9 or newer of this machine.
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
DIYALOG_SHIPPED=$(cd "$DIYALOG_SHIPPED" && pwd)
export DIYALOG_SANDBOX DIYALOG_SHIPPED
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
path=$PATH
"$python" -m venv "$work/venv"
PATH=$work/venv/bin:$path
pip install --quiet pytest mypy ruff build 'pyright[nodejs]' ||
    skip "the Python tests need pytest, mypy, pyright and ruff, which pip could not install"
pip install --quiet fastapi uvicorn httpx requests celery pandas django gevent ipython trio ||
    skip "the recipes need FastAPI, Celery, pandas and others, which pip could not install"

pip wheel --quiet --no-deps --wheel-dir "$work/wheel" "$here"
pip install --quiet "$work"/wheel/diyalog-*.whl

cd "$here"
ruff check --quiet --no-cache .
ruff check --quiet --no-cache --config pyproject.toml --ignore D ../../examples/*.py
ruff format --quiet --check --no-cache --config pyproject.toml . ../../examples/*.py

# From elsewhere, so that nothing but the installed package can be imported.
cd "$work"
settings=$here/pyproject.toml
mypy --config-file "$settings" --cache-dir /dev/null -p diyalog
mypy --config-file "$settings" --cache-dir /dev/null "$here/tests" "$root"/examples/*.py
pyright --verifytypes diyalog --ignoreexternal >"$work/pyright" 2>&1 ||
    { cat "$work/pyright" && exit 1; }
run() { "$@" -q -p no:cacheprovider -c "$settings" --rootdir "$here"; }
run pytest "$here/tests"

# The sdist builds where there is no checkout. Its target folder is kept, for the next time.
python -m build --sdist --outdir "$work/sdist" "$here" >"$work/log" 2>&1 ||
    { cat "$work/log" && exit 1; }
env -u DIYALOG_SHIPPED CARGO_TARGET_DIR="$root/target/sdist" \
    pip install --quiet --force-reinstall --no-deps "$work"/sdist/diyalog-*.tar.gz
run pytest "$here/tests/test_answers.py" "$here/tests/test_library.py"

minor() { "$1" -c 'import sys; print("%d.%d%s" % (*sys.version_info[:2], getattr(sys, "abiflags", "")))'; }
tested=$(minor python)
for other in "$HOME"/.pyenv/versions/3.*/bin/python3 /usr/bin/python3.? /usr/bin/python3.??; do
    [ -x "$other" ] || continue
    version=$(minor "$other")
    case " 3.6 3.6m 3.7 3.7m 3.8 $tested " in *" $version "*) continue ;; esac
    tested="$tested $version"
    PATH=$path "$other" -m venv "$work/$version" 2>"$work/log" ||
        { echo "SKIPPED: Python $version cannot make an environment: $(tail -n 1 "$work/log")" && continue; }
    PATH=$work/$version/bin:$path
    pip install --quiet pytest "$work"/wheel/diyalog-*.whl
    echo "Python $version:"
    (cd "$here/tests" && run pytest test_answers.py test_errors.py test_interpreters.py test_log.py \
        test_many.py test_signals.py test_testing.py test_types.py)
done
