"""Other interpreters in the process, as mod_wsgi has them."""

from __future__ import annotations

import subprocess
import sys

import pytest
from conftest import Sandbox

PROGRAM = """
import threading
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters

CODE = '''
import logging
import diyalog
lines = []
handler = logging.Handler()
handler.emit = lines.append
logging.basicConfig(level="DEBUG", handlers=[handler])
with diyalog.Client.from_env() as client:
    assert client.is_customer_in_online_help("70022").staff_id == "45001"
    [lookup] = client.are_customers_in_online_help(["70022"])
    assert lookup.unwrap().staff_id == "45001"
assert len(lines) == 2
'''

def run():
    made = interpreters.create({arguments})
    failure = interpreters.run_string(made, CODE)
    assert failure is None, failure
    interpreters.destroy(made)

run()
thread = threading.Thread(target=run)
thread.start()
thread.join()
print("done")
"""


@pytest.mark.skipif(
    sys.version_info < (3, 12), reason="ctypes calls back into the main interpreter before 3.12"
)
@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(
            "'legacy'" if sys.version_info >= (3, 13) else "isolated=False", id="shared lock"
        ),
        pytest.param(
            "",
            id="own lock",
            marks=pytest.mark.skipif(
                sys.version_info < (3, 13), reason="ctypes supports it from Python 3.13 on"
            ),
        ),
    ],
)
def test_a_client_in_a_subinterpreter(sandbox: Sandbox, arguments: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM.replace("{arguments}", arguments)],
        env=sandbox.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "done\n", "")
