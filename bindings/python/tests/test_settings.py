"""Every setting reaches the library, from arguments and from the environment."""

from __future__ import annotations

import os
import time
from pathlib import Path

import diyalog
import pytest
from conftest import KEY_ID, REQUESTER, SECRET, Sandbox, client_of
from diyalog import Client


def test_the_secret_as_text_and_as_bytes(sandbox: Sandbox) -> None:
    for secret in (SECRET, SECRET.encode()):
        with client_of(sandbox, access_key_secret=secret) as client:
            assert client.is_customer_in_online_help("70022").is_in_help


def test_a_secret_of_bytes_may_hold_a_nul() -> None:
    client_of("https://api.bank.example", access_key_secret=b"\0\xff").close()


@pytest.mark.parametrize("kind", [str, Path])
def test_a_ca_file(tls_sandbox: tuple[Sandbox, Path], kind: type) -> None:
    sandbox, ca_file = tls_sandbox
    assert sandbox.url.startswith("https://")
    with client_of(sandbox, ca_file=kind(ca_file)) as client:
        assert client.is_customer_in_online_help("70022").is_in_help
    with client_of(sandbox, ca_file=kind(ca_file), system_trust=False) as client:
        assert client.is_customer_in_online_help("70022").is_in_help


def test_a_client_certificate(tmp_path: Path) -> None:
    no_pem = tmp_path / "no.pem"
    no_pem.write_text("nothing")
    with pytest.raises(ValueError, match="client_certificate_file"):
        client_of(
            "https://api.bank.example", client_certificate_file=no_pem, client_key_file=no_pem
        )


def test_max_retries(sandbox: Sandbox) -> None:
    for retries in (0, 1):
        sandbox.answer("busy", 503, times=retries + 1)
        before = sandbox.counter("requests")
        with client_of(sandbox, max_retries=retries) as client, pytest.raises(diyalog.ServerError):
            client.is_customer_in_online_help("70022")
        assert sandbox.counter("requests") == before + retries + 1


def test_clock_correction(sandbox: Sandbox) -> None:
    sandbox.set_clock(-7200)
    with client_of(sandbox) as client:
        assert client.is_customer_in_online_help("70022").is_in_help
    with (
        client_of(sandbox, clock_correction=False) as client,
        pytest.raises(diyalog.ClockSkewError),
    ):
        client.is_customer_in_online_help("70022")


def test_date_zone(sandbox: Sandbox) -> None:
    for zone in ("GMT", "+0000"):
        with client_of(sandbox, date_zone=zone) as client:
            client.is_customer_in_online_help("70022")
        assert sandbox.last_headers()["x-dlg-date"].endswith(f" {zone}")


def test_idle_connections(sandbox: Sandbox) -> None:
    for kept, connections in ((None, 1), (0, 4)):
        with client_of(sandbox, max_idle_connections=kept) as client:
            for _ in range(3):
                client.is_customer_in_online_help("70022")
        assert sandbox.counter("connections") == connections


def test_user_agent_suffix(sandbox: Sandbox) -> None:
    with client_of(sandbox, user_agent_suffix="çağrı-merkezi/3") as client:
        client.is_customer_in_online_help("70022")
    agent = sandbox.last_headers()["user-agent"]
    assert agent.startswith(f"diyalog/{diyalog.__version__} ")


def test_plain_http_to_another_machine() -> None:
    with pytest.raises(ValueError, match="allow_plain_http"):
        client_of("http://api.bank.example")
    client_of("http://api.bank.example", allow_plain_http=True).close()


def test_proxy_from_the_environment(monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox) -> None:
    monkeypatch.setenv("http_proxy", "no proxy at all")
    with pytest.raises(ValueError, match="http_proxy"):
        client_of(sandbox, proxy="environment")
    with client_of(sandbox) as client:
        assert client.is_customer_in_online_help("70022").is_in_help


def test_from_env(monkeypatch: pytest.MonkeyPatch, tls_sandbox: tuple[Sandbox, Path]) -> None:
    sandbox, ca_file = tls_sandbox
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DIYALOG_CA_FILE", str(ca_file))
    monkeypatch.setenv("DIYALOG_TIMEOUT_MS", "1200")
    monkeypatch.setenv("DIYALOG_MAX_RETRIES", "0")
    monkeypatch.setenv("DIYALOG_PROXY", "")
    with Client.from_env() as client:
        assert client.is_customer_in_online_help("müşteri-70025").staff_id == "temsilci-şule"
        assert sandbox.last_headers()["x-dlg-requester-userid"] == REQUESTER
        assert repr(client) == f"<diyalog.Client of {sandbox.url}>"
        sandbox.answer("busy", 503)
        with pytest.raises(diyalog.ServerError):
            client.is_customer_in_online_help("70022")
        sandbox.fault("silence")
        began = time.monotonic()
        with pytest.raises(diyalog.TimeoutError):
            client.is_customer_in_online_help("70022")
        assert 1 < time.monotonic() - began < 5


def test_arguments_win_over_the_environment(
    monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox
) -> None:
    for name in ("ENDPOINT", "ACCESS_KEY_ID", "ACCESS_KEY_SECRET", "REQUESTER_USER_ID"):
        monkeypatch.setenv(f"DIYALOG_{name}", "https://wrong.invalid")
    with Client.from_env(
        endpoint=sandbox.url,
        access_key_id=KEY_ID,
        access_key_secret=SECRET,
        requester_user_id="7",
        timeout=None,
    ) as client:
        assert client.is_customer_in_online_help("70022").is_in_help
        assert sandbox.last_headers()["x-dlg-requester-userid"] == "7"


def test_half_of_the_credentials_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox
) -> None:
    monkeypatch.setenv("DIYALOG_ACCESS_KEY_ID", KEY_ID)
    with Client.from_env(
        endpoint=sandbox.url, access_key_secret=SECRET, requester_user_id="7"
    ) as client:
        assert client.is_customer_in_online_help("70022").is_in_help
    monkeypatch.setenv("DIYALOG_ACCESS_KEY_ID", "wrong")
    monkeypatch.setenv("DIYALOG_ACCESS_KEY_SECRET", SECRET)
    with Client.from_env(
        endpoint=sandbox.url, access_key_id=KEY_ID, requester_user_id="7"
    ) as client:
        assert client.is_customer_in_online_help("70022").is_in_help


def test_what_the_environment_lacks_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="endpoint"):
        Client.from_env()
    with pytest.raises(ValueError, match="access_key_secret"):
        Client.from_env(endpoint="https://api.bank.example", access_key_id=KEY_ID)
    monkeypatch.setenv("DIYALOG_TIMEOUT_MS", "2s")
    with pytest.raises(ValueError, match="DIYALOG_TIMEOUT_MS"):
        Client.from_env(endpoint="https://api.bank.example")


def test_no_environment_is_read_unless_asked_for(
    monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox
) -> None:
    monkeypatch.setenv("DIYALOG_TIMEOUT_MS", "nonsense")
    monkeypatch.setenv("DIYALOG_PROXY", "nonsense")
    with client_of(sandbox) as client:
        assert client.is_customer_in_online_help("70022").is_in_help


def test_repr_and_attributes_hold_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "DIYALOG_ACCESS_KEY_SECRET", SECRET)
    proxy = "http://user:passw0rd@127.0.0.1:1"
    for client in (
        client_of("https://api.bank.example", proxy=proxy),
        Client.from_env(
            endpoint="https://api.bank.example", access_key_id="id", proxy=proxy, timeout=1
        ),
    ):
        shown = f"{client!r} {client} {vars(client)}"
        assert "https://api.bank.example" in repr(client)
        assert SECRET not in shown
        assert "passw0rd" not in shown
        client.close()
        assert repr(client) == "<diyalog.Client of https://api.bank.example, closed>"
