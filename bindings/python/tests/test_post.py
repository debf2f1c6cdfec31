"""post and sign: the platform's other endpoints, and requests that the program sends itself."""

from __future__ import annotations

import asyncio
import json
import math
import subprocess
import sys
import urllib.request
from typing import Any

import diyalog
import pytest
from conftest import KEY_ID, REQUESTER, SECRET, Sandbox, client_of
from diyalog import AsyncClient, Client, InvalidArgumentError

LOOKUP = "/v1/application/iscustomerinonlinehelp"
IN_HELP = {"isInHelp": True, "helpType": "inbound", "staffId": "45001"}


def only_known(answer: Any) -> Any:
    return {name: value for name, value in answer.items() if name in IN_HELP}


def async_post(sandbox: Sandbox, *arguments: Any, **options: Any) -> Any:
    async def main() -> Any:
        async with AsyncClient(
            sandbox.url,
            access_key_id=KEY_ID,
            access_key_secret=SECRET,
            requester_user_id=REQUESTER,
            max_retries=0,
        ) as client:
            return await client.post(*arguments, **options)

    return asyncio.run(main())


def blocking_post(sandbox: Sandbox, *arguments: Any, **options: Any) -> Any:
    with client_of(sandbox, max_retries=0) as client:
        return client.post(*arguments, **options)


BOTH = pytest.mark.parametrize("post", [blocking_post, async_post])


@BOTH
def test_json_goes_out_and_comes_back(sandbox: Sandbox, post: Any) -> None:
    assert only_known(post(sandbox, LOOKUP, {"customerId": "70022"})) == IN_HELP
    answer = post(sandbox, LOOKUP, {"customerId": "müşteri-70025"}, requester_user_id="777")
    assert answer["staffId"] == "temsilci-şule"
    assert sandbox.last_headers()["x-dlg-requester-userid"] == "777"
    sandbox.answer('[{"callId": -9007199254740993, "name": "şule"}, null, 1.5]')
    assert post(sandbox, LOOKUP, {}) == [{"callId": -9007199254740993, "name": "şule"}, None, 1.5]


@BOTH
def test_errors_are_those_of_a_lookup(sandbox: Sandbox, post: Any) -> None:
    sandbox.answer("down", 500)
    with pytest.raises(diyalog.ServerError, match="down") as caught:
        post(sandbox, LOOKUP, {})
    assert not caught.value.retryable, "the server may have acted on it"
    sandbox.answer("down", 500)
    with pytest.raises(diyalog.ServerError) as caught:
        post(sandbox, LOOKUP, {}, repeatable=True)
    assert caught.value.retryable
    sandbox.answer("<html>")
    with pytest.raises(diyalog.InvalidResponseError):
        post(sandbox, LOOKUP, {})
    sandbox.fault("silence")
    with pytest.raises(TimeoutError):
        post(sandbox, LOOKUP, {}, timeout=0.2)
    sandbox.answer("busy", 503, headers={"Retry-After": "7"})
    with pytest.raises(diyalog.ServerError) as caught:
        post(sandbox, LOOKUP, {})
    assert caught.value.retry_after == 7.0


@BOTH
@pytest.mark.parametrize(
    ("path", "value", "named", "expected"),
    [
        ("v1/x", {}, "path", ValueError),
        ("", {}, "path", ValueError),
        ("/v1/x?y=1", {}, "path", ValueError),
        ("/v1/x#y", {}, "path", ValueError),
        ("/v1/x y", {}, "path", ValueError),
        ("/v1/ş", {}, "path", ValueError),
        ("/v1/x\n", {}, "path", ValueError),
        ("/v1/x\0", {}, "path", ValueError),
        (b"/v1/x", {}, "path", TypeError),
        ("/v1/x", {"a": math.nan}, "json", ValueError),
        ("/v1/x", {"a": "\ud800"}, "json", ValueError),
        pytest.param("/v1/x", "x" * 2**20, "json", ValueError, id="1 MiB"),
        ("/v1/x", {"a": object()}, "object", TypeError),
    ],
)
def test_bad_input_is_named_and_not_sent(
    sandbox: Sandbox, post: Any, path: Any, value: Any, named: str, expected: type[Exception]
) -> None:
    with pytest.raises(expected, match=named) as caught:
        post(sandbox, path, value)
    if isinstance(caught.value, InvalidArgumentError):
        assert caught.value.argument == named
    assert sandbox.counter("requests") == 0


def test_what_is_signed_gets_in(sandbox: Sandbox, client: Client) -> None:
    body = json.dumps({"customerId": "müşteri-70025"}, ensure_ascii=False)
    for content in (body, body.encode()):
        headers = client.sign("POST", LOOKUP, content)
        assert sorted(headers) == [
            "x-dlg-authorization",
            "x-dlg-date",
            "x-dlg-requester-userid",
        ]
        request = urllib.request.Request(
            sandbox.url + LOOKUP,
            body.encode(),
            {**headers, "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request) as response:
            assert json.load(response)["staffId"] == "temsilci-şule"
    assert client.sign("GET", "/", requester_user_id="7")["x-dlg-requester-userid"] == "7"
    assert SECRET not in str(headers)


def test_bad_input_to_sign(client: Client) -> None:
    for arguments, named in [
        (("", "/"), "method"),
        (("PO ST", "/"), "method"),
        (("POST", "x"), "path"),
        (("POST", "/?x"), "path"),
        (("POST", "/", "\ud800"), "body"),
    ]:
        with pytest.raises(InvalidArgumentError) as caught:
            client.sign(*arguments)
        assert caught.value.argument == named
    with pytest.raises(TypeError, match="body"):
        client.sign("POST", "/", {})  # type: ignore[arg-type]
    client.close()
    with pytest.raises(InvalidArgumentError, match="closed"):
        client.sign("POST", "/")


def test_the_asynchronous_client_signs_alike(sandbox: Sandbox) -> None:
    async def main() -> dict[str, str]:
        async with AsyncClient(
            sandbox.url, access_key_id=KEY_ID, access_key_secret=SECRET, requester_user_id="7"
        ) as client:
            return client.sign("POST", "/", b"{}")

    assert asyncio.run(main())["x-dlg-requester-userid"] == "7"


def command(sandbox: Sandbox, *arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "diyalog", "post", *arguments],
        env={"PYTHONIOENCODING": "utf-8", **sandbox.environment},
        input=text,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_the_command_posts(sandbox: Sandbox, tmp_path: Any) -> None:
    body = '{"customerId": "müşteri-70025"}'
    file = tmp_path / "body.json"
    file.write_text(body, "utf-8")
    for ended in (
        command(sandbox, LOOKUP, body),
        command(sandbox, LOOKUP, "--input", str(file)),
        command(sandbox, LOOKUP, "--input=-", text=body),
    ):
        assert (ended.returncode, ended.stderr) == (0, "")
        assert json.loads(ended.stdout)["staffId"] == "temsilci-şule"


def test_the_command_reports_what_is_wrong(sandbox: Sandbox) -> None:
    sandbox.answer("down", 500)
    ended = command(sandbox, LOOKUP, "{}")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "down" in ended.stderr
    for arguments, expected in [
        ((LOOKUP,), "JSON"),
        ((LOOKUP, "{"), "JSON"),
        ((LOOKUP, "{}", "--input=-"), "JSON"),
        (("v1/x", "{}"), "path"),
        ((LOOKUP, "--input", "/nowhere/body.json"), "/nowhere/body.json"),
    ]:
        ended = command(sandbox, *arguments)
        assert (ended.returncode, ended.stdout) == (2, "")
        assert expected in ended.stderr
    assert sandbox.counter("requests") == 1
