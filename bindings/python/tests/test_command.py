"""The command: ids in, results out, exit statuses."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import KEY_ID, SECRET, Sandbox

COMMAND = [sys.executable, "-m", "diyalog"]


def run(
    sandbox: Sandbox | None, *arguments: str, secret: str | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    environment = {**(sandbox.environment if sandbox else os.environ), **variables}
    return subprocess.run(
        [*COMMAND, *arguments],
        env={"PYTHONIOENCODING": "utf-8", **environment},
        input=secret,
        capture_output=True,
        encoding="utf-8",
        timeout=30,
        check=False,
    )


def test_a_line_per_customer(sandbox: Sandbox) -> None:
    ended = run(sandbox, "70022", "70023", "70024", "nobody", "müşteri-70025")
    assert ended.stdout.splitlines() == [
        "70022: in help, inbound, with agent 45001",
        "70023: in help, outbound, with agent 45002",
        "70024: not in help",
        "nobody: no such customer",
        "müşteri-70025: in help, inbound, with agent temsilci-şule",
    ]
    assert (ended.returncode, ended.stderr) == (0, "")


def test_json(sandbox: Sandbox) -> None:
    sandbox.answer("", 500)
    ended = run(
        sandbox,
        "70022",
        "--json",
        "müşteri-70025",
        "--max-retries=0",
        "nobody",
        "--max-in-flight=1",
    )
    error, found, nobody = [json.loads(line) for line in ended.stdout.splitlines()]
    assert error["error"].pop("message").startswith("127.0.0.1")
    assert error == {
        "customer_id": "70022",
        "is_in_help": None,
        "help_type": None,
        "staff_id": None,
        "error_code": None,
        "customer_found": None,
        "error": {"code": 25, "name": "SERVER", "http_status": 500, "retryable": True},
    }
    assert found == {
        "customer_id": "müşteri-70025",
        "is_in_help": True,
        "help_type": "inbound",
        "staff_id": "temsilci-şule",
        "error_code": None,
        "customer_found": True,
        "error": None,
    }
    assert nobody == {
        "customer_id": "nobody",
        "is_in_help": False,
        "help_type": None,
        "staff_id": None,
        "error_code": 400,
        "customer_found": False,
        "error": None,
    }
    assert (ended.returncode, ended.stderr) == (1, "")


def test_a_transient_error_does_not_stop_the_others(sandbox: Sandbox) -> None:
    sandbox.answer("busy", 503)
    ended = run(sandbox, "--max-retries", "0", "--max-in-flight", "1", "70022", "70023")
    assert ended.stdout == "70023: in help, outbound, with agent 45002\n"
    assert ended.stderr.startswith("diyalog: 70022: ")
    assert "busy" in ended.stderr
    assert ended.returncode == 1


def test_an_error_that_concerns_all_stops_at_once(sandbox: Sandbox) -> None:
    ended = run(sandbox, "1", "2", "3", "--max-in-flight=1", DIYALOG_ACCESS_KEY_SECRET="wrong-one")
    assert ended.stderr.startswith("diyalog: 1: 127.0.0.1")
    assert "stopped; 2 more not looked up" in ended.stderr
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "wrong-one" not in ended.stderr


def test_flags_win_over_the_environment(tls_sandbox: tuple[Sandbox, Path], tmp_path: Path) -> None:
    sandbox, ca_file = tls_sandbox
    secret_file = tmp_path / "secret"
    secret_file.write_text(f"{SECRET}\n")
    flags = ["--endpoint", sandbox.url, "--access-key-id", KEY_ID, "--requester-user-id", "7"]
    flags += ["--access-key-secret-file", str(secret_file), "--timeout", "5"]
    flags += ["--ca-file", str(ca_file)]
    wrong = {"DIYALOG_ENDPOINT": "https://wrong.invalid", "DIYALOG_REQUESTER_USER_ID": "8"}
    ended = run(None, *flags, "70022", **wrong)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert sandbox.last_headers()["x-dlg-requester-userid"] == "7"


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_the_secret_from_standard_input(sandbox: Sandbox, end: str) -> None:
    ended = run(
        sandbox,
        "--access-key-secret-file=-",
        "70022",
        secret=SECRET + end,
        DIYALOG_ACCESS_KEY_SECRET="",
    )
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], "customer_id"),
        (["--input", "ids.txt", "70022"], "one of the two"),
        (["--column", "id", "70022"], "--column needs --input"),
        (["--input", "/nowhere/ids.txt"], "/nowhere/ids.txt"),
        (["--output", "/nowhere/out.csv", "70022"], "/nowhere/out.csv"),
        (["--input=-", "--access-key-secret-file=-"], "standard input"),
        (["--format", "xml", "70022"], "--format"),
        (["--max-in-flight", "0", "70022"], "max_in_flight"),
        (["--max-in-flight", "1025", "70022"], "max_in_flight"),
        (["--give-up-after", "-1", "70022"], "give_up_after"),
        (["--nonsense", "70022"], "--nonsense"),
        (["--timeout", "soon", "70022"], "--timeout"),
        (["--timeout", "-1", "70022"], "timeout"),
        (["--timeout", "nan", "70022"], "timeout"),
        (["--max-retries", "-1", "70022"], "max_retries"),
        (["--access-key-secret-file", "/nowhere/secret", "70022"], "/nowhere/secret"),
        (["--access-key-secret", SECRET, "70022"], "unknown option --access-key-secret"),
        ([f"--access-key-secret={SECRET}", "70022"], "unknown option --access-key-secret"),
        (["70022", "--endpoint=https://localhost", "--ca-file", "/nowhere/ca.pem"], "/nowhere/ca"),
        (["--endpoint", "api.bank.example", "70022"], "endpoint"),
        ([""], "customer_id"),
    ],
)
def test_wrong_usage(sandbox: Sandbox, arguments: list[str], expected: str) -> None:
    ended = run(sandbox, *arguments)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert expected in ended.stderr
    assert "Traceback" not in ended.stderr
    assert SECRET not in ended.stderr
    assert sandbox.counter("requests") == 0


def test_a_missing_setting_is_wrong_usage() -> None:
    ended = run(None, "70022")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("diyalog: endpoint is not set")


def test_the_secret_is_never_shown(sandbox: Sandbox) -> None:
    for arguments in (["--help"], ["70022"], ["--json", "70022"], ["--version"]):
        ended = run(sandbox, *arguments)
        assert ended.returncode == 0
        assert SECRET not in ended.stdout + ended.stderr


def test_answers_do_not_steer_the_terminal(sandbox: Sandbox) -> None:
    sandbox.start_session("1", "inbound", "\x1b[31mred\x07\n2: no such customer")
    ended = run(sandbox, "1")
    assert "\x1b" not in ended.stdout
    assert ended.stdout.count("\n") == 1


def test_output_that_cannot_show_a_letter(sandbox: Sandbox) -> None:
    ended = run(sandbox, "müşteri-70025", PYTHONIOENCODING="ascii")
    assert ended.stdout == (
        "m\\xfc\\u015fteri-70025: in help, inbound, with agent temsilci-\\u015fule\n"
    )
    assert ended.returncode == 0


def test_ids_from_lines(sandbox: Sandbox, tmp_path: Path) -> None:
    ids = tmp_path / "ids.txt"
    ids.write_bytes(b"\xef\xbb\xbf 70022 \r\n\r\n\t\nnobody\n70023")
    expected = [
        "70022: in help, inbound, with agent 45001",
        "nobody: no such customer",
        "70023: in help, outbound, with agent 45002",
    ]
    ended = run(sandbox, "--input", str(ids))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.splitlines() == expected
    ended = run(sandbox, "--input=-", secret=ids.read_text("utf-8"))
    assert ended.stdout.splitlines() == expected


TABLE = """\
Name{0}"Müşteri no"{0} Branch
Ali{0} müşteri-70025 {0}1
{0}{0}
"Veli{0} Jr."{0}70024{0}2
short
Ayşe{0}nobody{0}3
"""


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_csv_file_becomes_a_csv_file(sandbox: Sandbox, tmp_path: Path, separator: str) -> None:
    table, output = tmp_path / "müşteri.csv", tmp_path / "durum.csv"
    table.write_text(TABLE.format(separator), "utf-8-sig")
    sandbox.fault("delay", milliseconds=200)
    ended = run(
        sandbox, "--input", str(table), "--column", "Müşteri no", "--format=csv", "--output",
        str(output),
    )  # fmt: skip
    assert output.read_text("utf-8") == (
        "customer_id,is_in_help,help_type,staff_id,error_code,customer_found,error\n"
        "müşteri-70025,true,inbound,temsilci-şule,,true,\n"
        "70024,false,,,,true,\n"
        "nobody,false,,,400,false,\n"
    )
    assert ended.stderr == f"diyalog: {table} line 5: no cell in column Müşteri no; mend the row\n"
    assert (ended.returncode, ended.stdout) == (1, "")


def test_a_row_that_fails_is_named_by_its_line_and_the_run_continues(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    ids = tmp_path / "ids.txt"
    ids.write_bytes(b"70022\n\nm\xfc\xfeteri\n7\0007\n70024\n")
    ended = run(sandbox, "--input", str(ids), "--json")
    rows = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [row["customer_id"] for row in rows] == ["70022", "7\x007", "70024"]
    assert rows[1]["error"]["name"] == "INVALID_ARGUMENT"
    reported = ended.stderr.splitlines()
    assert len(reported) == 2
    assert f"diyalog: {ids} line 3: not UTF-8" in ended.stderr
    assert f"diyalog: {ids} line 4: 7\ufffd7: customer_id" in ended.stderr
    assert ended.returncode == 1


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "has no column id (line 1 is blank)"),
        ("a,b\n1,2\n", "has no column id (its columns are a, b)"),
    ],
)
def test_a_file_without_the_column(
    sandbox: Sandbox, tmp_path: Path, content: str, expected: str
) -> None:
    table = tmp_path / "table.csv"
    table.write_text(content)
    ended = run(sandbox, "--input", str(table), "--column=id")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert expected in ended.stderr


def test_it_gives_up_after_consecutive_failures(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.answer("down", 500, times=1000)
    ids = tmp_path / "ids.txt"
    ids.write_text("\n".join(map(str, range(1000))))
    ended = run(sandbox, f"--input={ids}", "--max-retries=0", "--give-up-after=3", "--format=csv")
    rows = ended.stdout.splitlines()[1:]
    assert [row.split(",")[0] for row in rows] == ["0", "1", "2"]
    assert all("SERVER: " in row for row in rows)
    assert ended.stderr.splitlines()[-1] == (
        "diyalog: stopped after 3 customers; the rest was not looked up"
    )
    assert ended.returncode == 1
    assert sandbox.counter("requests") < 100
    ended = run(sandbox, "--max-retries=0", "--give-up-after=0", "--json", *map(str, range(30)))
    assert len(ended.stdout.splitlines()) == 30


def test_the_environment_variables_are_listed() -> None:
    ended = run(None, "--help")
    for name in ("ENDPOINT", "ACCESS_KEY_SECRET", "TIMEOUT_MS", "CA_FILE", "PROXY"):
        assert f"DIYALOG_{name}" in ended.stdout.replace("\n", " ")


def test_the_console_script_is_the_same_command() -> None:
    script = Path(sys.executable).with_name("diyalog")
    assert subprocess.check_output([script, "--help"]) == subprocess.check_output(
        [*COMMAND, "--help"]
    )


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_progress_is_shown_on_a_terminal_alone(sandbox: Sandbox) -> None:
    def on_terminal(*customers: str) -> tuple[str, str]:
        ours, theirs = os.openpty()
        ended = subprocess.run(
            [*COMMAND, *customers],
            env=sandbox.environment,
            stdout=subprocess.PIPE,
            stderr=theirs,
            text=True,
            check=True,
        )
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # how Linux reports the end of a terminal
            while block := os.read(ours, 1000):
                shown += block
        os.close(ours)
        return shown.decode(), ended.stdout

    shown, output = on_terminal("70022", "70023", "70024")
    assert "\r1 of 3" in shown
    assert shown.endswith("\r      \r"), "nothing is left on the line"
    assert len(output.splitlines()) == 3
    assert on_terminal("70022")[0] == ""
    assert run(sandbox, "70022", "70023").stderr == ""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
def test_ctrl_c(sandbox: Sandbox) -> None:
    sandbox.fault("silence")
    with subprocess.Popen(
        [*COMMAND, "--timeout=1", "70022"],
        env=sandbox.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        sandbox.wait_for("openConnections", 1)
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=20) == ("", "")
    assert process.returncode == 130


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGPIPE")
def test_a_reader_that_leaves(sandbox: Sandbox) -> None:
    with subprocess.Popen(
        [*COMMAND, "70022", "70023", "70024"],
        env=sandbox.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 1
