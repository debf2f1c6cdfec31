"""The programs of docs/recipes.md and README.md, with the real packages."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import re
import signal
import socket
import subprocess
import sys
import textwrap
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import KEY_ID, SECRET, Sandbox

HERE = Path(__file__).parents[1]
RECIPES = (HERE / "docs" / "recipes.md").read_text("utf-8")
README = (HERE / "README.md").read_text("utf-8")

BLOCK = r"```python\n(.*?)^```$"
PROGRAMS = dict(re.findall(rf"^`(\w+\.py)`:\n\n{BLOCK}", RECIPES, re.DOTALL | re.MULTILINE))

# Installed for the main run of the tests, not for the other Pythons.
pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("fastapi") is None, reason="the packages of the recipes are missing"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with all programs, and the customers that they look up."""
    for name, program in PROGRAMS.items():
        (tmp_path / name).write_text(program, "utf-8")
    (tmp_path / "customers.csv").write_text(
        "name,customer_id\nAli, 70022\nVeli,70024\nAyşe,\nCan,0070\n", "utf-8-sig"
    )
    return tmp_path


def run(sandbox: Sandbox, folder: Path, *command: str) -> str:
    ended = subprocess.run(
        command,
        cwd=folder,
        env={**sandbox.environment, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_every_block_is_run_by_a_test() -> None:
    source = Path(__file__).read_text("utf-8")
    for name in PROGRAMS:
        assert source.count(name) or source.count(name.removesuffix(".py")), name
    assert RECIPES.count("```python") == len(PROGRAMS)
    links = re.findall(r"\]\(#([\w-]+)\)", RECIPES)
    titles = [
        title.lower().replace(" ", "-") for title in re.findall(r"^## (.*)$", RECIPES, re.MULTILINE)
    ]
    assert set(links) <= set(titles)


def test_the_nightly_run(sandbox: Sandbox, folder: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "nightly.py"],
        cwd=folder,
        env=sandbox.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stdout == "70022 inbound 45001\n"
    assert "customer_id is empty" in ended.stderr
    assert ended.returncode == 1
    [command] = re.findall(r"^```sh\n(diyalog .*)\n```$", RECIPES, re.MULTILINE)
    run(sandbox, folder, "sh", "-c", f"PATH={Path(sys.executable).parent}:$PATH; {command}")
    assert (folder / "status.csv").read_text().splitlines()[1] == "70022,true,inbound,45001,,true,"


def test_pandas(sandbox: Sandbox, folder: Path) -> None:
    lines = run(sandbox, folder, sys.executable, "table.py").split()
    assert lines == [
        "customer_id,is_in_help,staff_id",
        "70022,True,45001",
        "70024,False,",
        "0070,False,",
    ]


@pytest.mark.parametrize(
    ("program", "output"),
    [
        ("greenlets.py", "['45001', '45002', None]\n"),
        ("with_trio.py", "45001\n"),
        ("own_http.py", "45001\n45001\n"),
    ],
)
def test_a_program(sandbox: Sandbox, folder: Path, program: str, output: str) -> None:
    assert run(sandbox, folder, sys.executable, program) == output


def test_notebooks(sandbox: Sandbox, folder: Path) -> None:
    """A cell, as IPython's kernel runs it."""
    program = """
from IPython.core.interactiveshell import InteractiveShell
done = InteractiveShell().run_cell(open("notebook.py").read())
print(done.success, done.result)
"""
    assert run(sandbox, folder, sys.executable, "-c", program).endswith("True [True, False]\n")


def test_the_fixture(sandbox: Sandbox, folder: Path) -> None:
    tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_route.py"]
    assert "1 passed" in run(sandbox, folder, *tests)


def free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
        return port


def get(url: str) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(url, timeout=10) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def get_when_up(url: str) -> tuple[int, Any]:
    deadline = time.monotonic() + 30
    while True:
        try:
            return get(url)
        except (urllib.error.URLError, ConnectionError):
            assert time.monotonic() < deadline
            time.sleep(0.05)


@contextlib.contextmanager
def uvicorn(
    sandbox: Sandbox, folder: Path, *options: str
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "fastapi_app:app", f"--port={port}", *options]
    with subprocess.Popen(
        command, cwd=folder, env=sandbox.environment, stderr=subprocess.PIPE, text=True
    ) as server:
        try:
            yield f"http://127.0.0.1:{port}/customers", server
        finally:
            server.terminate()
            server.communicate(timeout=20)


def test_fastapi(sandbox: Sandbox, folder: Path) -> None:
    with uvicorn(sandbox, folder) as (url, _):
        status, body = get_when_up(f"{url}/70022")
        assert (status, body["staff_id"], body["help_type"]) == (200, "45001", "inbound")
        assert get(f"{url}/%207")[0] == 422
        sandbox.answer("busy", 503, times=9, headers={"Retry-After": "7"})
        assert get(f"{url}/70022") == (503, {"detail": "HTTP_STATUS"})


def test_uvicorn_shuts_down_though_lookups_are_in_flight(sandbox: Sandbox, folder: Path) -> None:
    with uvicorn(sandbox, folder, "--timeout-graceful-shutdown=1") as (url, server):
        get_when_up(f"{url}/70022")
        sandbox.fault("silence", times=9)
        with subprocess.Popen(
            [sys.executable, "-c", f"import urllib.request as u; u.urlopen('{url}/70022')"],
            stderr=subprocess.DEVNULL,
        ):
            sandbox.wait_for("requests", 2)
            began = time.monotonic()
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=10)
            assert time.monotonic() - began < 4
    sandbox.wait_for("openConnections", 0)


def test_uvicorn_reloads(sandbox: Sandbox, folder: Path) -> None:
    with uvicorn(sandbox, folder, "--reload") as (url, _):
        assert get_when_up(f"{url}/70022")[0] == 200
        changed = PROGRAMS["fastapi_app.py"].replace("status.to_dict()", '{"reloaded": True}')
        (folder / "fastapi_app.py").write_text(changed, "utf-8")
        deadline = time.monotonic() + 20
        while get_when_up(f"{url}/70022")[1] != {"reloaded": True}:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_django(sandbox: Sandbox, folder: Path) -> None:
    program = """
import asyncio, django
from django.conf import settings
from django.urls import path
settings.configure(ROOT_URLCONF="__main__", ALLOWED_HOSTS=["*"], SECRET_KEY="x")
django.setup()
import django_app
from django.test import AsyncClient
urlpatterns = [path("customers/<str:customer_id>", django_app.customer)]

async def main():
    responses = [await AsyncClient().get(f"/customers/{one}") for one in ("70022", "nobody")]
    print([response.json()["customer_found"] for response in responses])

for _ in range(2):  # each on a loop of its own
    asyncio.run(main())
asyncio.run(django_app.client.aclose())
"""
    assert run(sandbox, folder, sys.executable, "-c", program) == "[True, False]\n" * 2


CELERY_SETTINGS = """
broker_url = "filesystem://"
broker_transport_options = {{
    "data_folder_in": "{folder}/queue",
    "data_folder_out": "{folder}/queue",
    "control_folder": "{folder}/control",
}}
result_backend = "file://{folder}/results"
result_serializer = task_serializer = "json"
accept_content = ["json"]
worker_hijack_root_logger = False
"""

CELERY_CALLER = """
import sys
import diyalog
from celery_app import look_up
print(look_up.apply_async(("70022",)).get(timeout=30)["staff_id"])
try:
    look_up.apply_async((" 7",)).get(timeout=30)
except diyalog.InvalidArgumentError as error:
    print(error.code.name, error.argument)
print(look_up.apply_async(("70023",), soft_time_limit=1).get(timeout=30))
"""


def test_celery(sandbox: Sandbox, folder: Path) -> None:
    for name in ("queue", "control", "results"):
        (folder / name).mkdir()
    (folder / "celery_settings.py").write_text(CELERY_SETTINGS.format(folder=folder), "utf-8")
    (folder / "caller.py").write_text(textwrap.dedent(CELERY_CALLER), "utf-8")
    worker = [sys.executable, "-m", "celery", "-A", "celery_app", "worker", "-P", "prefork"]
    with subprocess.Popen(
        [*worker, "-c", "1", "--without-gossip", "--without-mingle"],
        cwd=folder,
        env=sandbox.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            sandbox.fault("delay", milliseconds=0)
            sandbox.fault("silence", times=9)
            output = run(sandbox, folder, sys.executable, "caller.py")
        finally:
            process.terminate()
            log, _ = process.communicate(timeout=30)
    assert output.splitlines() == [
        "45001",
        "INVALID_ARGUMENT customer_id",
        "{'customer_id': '70023', 'error': 'too slow'}",
    ], log
    assert "Exception ignored" not in log


@pytest.mark.parametrize("program", re.findall(f"^{BLOCK}", README, re.DOTALL | re.MULTILINE))
def test_a_program_of_the_readme(sandbox: Sandbox, folder: Path, program: str) -> None:
    values = {
        "https://api.bank.example": sandbox.url,
        'access_key_id="…"': f'access_key_id="{KEY_ID}"',
        'access_key_secret="…"': f'access_key_secret="{SECRET}"',
        '    ca_file="bank-ca.pem",\n': "",
    }
    for shown, value in values.items():
        program = program.replace(shown, value)
    assert "45001" in run(sandbox, folder, sys.executable, "-c", program)


def test_the_commands_of_the_readme(sandbox: Sandbox, folder: Path) -> None:
    [session] = re.findall(r"^```console\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    command, *_ = session.splitlines()
    with_path = f"PATH={Path(sys.executable).parent}:$PATH; "
    output = run(sandbox, folder, "sh", "-c", with_path + command.removeprefix("$ "))
    assert output.splitlines() == session.splitlines()[1:3]
