"""A server that breaks the rules: one mode of diyalog-hostile for each code of tests/hostile.table.

Rust and C run every mode on the same core. Here is to see that each code reaches Python, and that
the next lookup gets its own answer.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import diyalog
import pytest
from conftest import SECRET, client_of
from diyalog import Client, ErrorCode

TABLE = Path(__file__).parents[3] / "tests" / "hostile.table"

SHORT = 0.3
LONG = 60.0


def one_mode_per_code() -> dict[int, str]:
    lines = [line.partition("#")[0].split() for line in TABLE.read_text("utf-8").splitlines()]
    return {int(code): mode for mode, code in filter(None, reversed(lines))}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, str], Path]]:
    """Where each mode is, and whom to trust."""
    ca_file = tmp_path_factory.mktemp("hostile") / "ca.pem"
    program = Path(os.environ["DIYALOG_SANDBOX"]).with_name("diyalog-hostile")
    with subprocess.Popen(
        [program, "--ca-file", ca_file],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        assert process.stdin
        assert process.stdout
        lines = iter(process.stdout.readline, "\n")
        yield dict(line.split() for line in lines), ca_file
        process.stdin.close()


def ask(client: Client, customer_id: str, timeout: float) -> int:
    try:
        status = client.is_customer_in_online_help(customer_id, timeout=timeout)
    except diyalog.Error as error:
        assert "127.0.0.1" in str(error)
        assert SECRET not in str(error)
        assert "DLGA" not in str(error)
        return error.code
    assert status.is_in_help
    assert status.staff_id == f"staff-of-{customer_id}"
    return 0


@pytest.mark.parametrize(("code", "mode"), [*one_mode_per_code().items()])
def test_a_code(hostile: tuple[dict[str, str], Path], code: int, mode: str) -> None:
    urls, ca_file = hostile
    with client_of(urls[mode], ca_file=ca_file, system_trust=False, max_retries=0) as client:
        assert ask(client, "70022", SHORT if code == ErrorCode.TIMEOUT else LONG) == code
        for customer_id in ("70023", "70024"):
            assert ask(client, customer_id, LONG) == 0
