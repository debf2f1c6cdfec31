"""A sandbox for each test, and clients of it."""

from __future__ import annotations

import contextlib
import functools
import json
import logging
import os
import ssl
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import diyalog
import pytest

KEY_ID = "1234567-8ABC-DEF0-5432-56712ABCDEF5"
SECRET = "s3cr3t-access-key"
REQUESTER = "45186"


class Sandbox:
    """A running diyalog-sandbox, and its control calls."""

    def __init__(self, url: str, control: Callable[..., Any]) -> None:
        self.url = url
        self._control = control

    def fault(self, kind: str, **details: Any) -> None:
        self._control("POST", "faults", {"kind": kind, **details})

    def answer(self, body: str, status: int = 200, **details: Any) -> None:
        self.fault("answer", status=status, body=body, **details)

    def start_session(self, customer_id: str, help_type: str, staff_id: str) -> None:
        session = {"customerId": customer_id, "helpType": help_type, "staffId": staff_id}
        self._control("POST", "sessions", session)

    def set_clock(self, offset_seconds: int) -> None:
        self._control("PUT", "clock", {"offsetSeconds": offset_seconds})

    def requests(self) -> list[dict[str, Any]]:
        requests: list[dict[str, Any]] = self._control("GET", "requests")
        return requests

    def last_headers(self) -> dict[str, str]:
        return dict(self.requests()[-1]["headers"])

    def counter(self, name: str) -> int:
        return int(self._control("GET", "counters")[name])

    def wait_for(self, name: str, value: int) -> None:
        """Wait until a counter has this value."""
        deadline = time.monotonic() + 10
        while self.counter(name) != value:
            assert time.monotonic() < deadline, f"{name} is {self.counter(name)}, not {value}"
            time.sleep(0.01)

    @property
    def environment(self) -> dict[str, str]:
        """This process's environment, with the settings for a client of this sandbox."""
        return {
            **os.environ,
            "DIYALOG_ENDPOINT": self.url,
            "DIYALOG_ACCESS_KEY_ID": KEY_ID,
            "DIYALOG_ACCESS_KEY_SECRET": SECRET,
            "DIYALOG_REQUESTER_USER_ID": REQUESTER,
        }


def control(base: str, ca_file: Path | None, method: str, call: str, content: Any = None) -> Any:
    body = None if content is None else json.dumps(content).encode()
    request = urllib.request.Request(f"{base}/sandbox/{call}", body, method=method)
    trust = ssl.create_default_context(cafile=ca_file) if ca_file else None
    with urllib.request.urlopen(request, timeout=10, context=trust) as response:
        answer = response.read()
    return json.loads(answer) if answer else None


@contextlib.contextmanager
def running_sandbox(ca_file: Path | None = None) -> Iterator[Sandbox]:
    """Run one; with a CA file it speaks TLS, and writes its CA there."""
    command = [os.environ["DIYALOG_SANDBOX"], "--until-stdin-closes"]
    if ca_file:
        command += ["--tls", "--ca-file", str(ca_file)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        assert process.stdin
        assert process.stdout
        url = process.stdout.readline().strip()
        log = threading.Thread(target=process.stdout.read)
        log.start()
        yield Sandbox(url, functools.partial(control, url, ca_file))
        process.stdin.close()
        log.join()


def pytest_configure() -> None:
    if not os.environ.get("DIYALOG_SANDBOX"):
        pytest.exit("DIYALOG_SANDBOX must be the path of the diyalog-sandbox program", 2)


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own settings stay out of the tests."""
    for name in [*os.environ]:
        if name.startswith("DIYALOG_") and name not in ("DIYALOG_SANDBOX", "DIYALOG_LIBRARY"):
            monkeypatch.delenv(name)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
def tls_sandbox(tmp_path: Path) -> Iterator[tuple[Sandbox, Path]]:
    """A sandbox that speaks TLS, and the file with its CA."""
    ca_file = tmp_path / "sertifika şube.pem"
    with running_sandbox(ca_file) as running:
        yield running, ca_file


def client_of(sandbox: Sandbox | str, **settings: Any) -> diyalog.Client:
    url = sandbox if isinstance(sandbox, str) else sandbox.url
    settings = {
        "access_key_id": KEY_ID,
        "access_key_secret": SECRET,
        "requester_user_id": REQUESTER,
        **settings,
    }
    return diyalog.Client(url, **settings)


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[diyalog.Client]:
    with client_of(sandbox) as made:
        yield made


@pytest.fixture
def impatient(sandbox: Sandbox) -> Iterator[diyalog.Client]:
    """A client that tries once."""
    with client_of(sandbox, max_retries=0) as made:
        yield made


@pytest.fixture
def debug_log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG, "diyalog")
    return caplog
