"""Bad input: named by argument, and refused before anything is sent."""

from __future__ import annotations

import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import diyalog
import pytest
from conftest import KEY_ID, REQUESTER, SECRET, Sandbox, client_of
from diyalog import Client

WRONG_TEXTS: list[tuple[Any, type[Exception]]] = [
    (70022, TypeError),
    (b"70022", TypeError),
    (["70022"], TypeError),
    (object(), TypeError),
    ("", ValueError),
    ("7\0", ValueError),
    ("\0", ValueError),
    ("7\ud800", ValueError),
    ("\udcff", ValueError),
]
WRONG_HEADERS: list[tuple[Any, type[Exception]]] = [
    *WRONG_TEXTS,
    ("4\r\nx-evil: 1", ValueError),
    ("4\x7f", ValueError),
    (" 4", ValueError),
]
WRONG_TIMES: list[tuple[Any, type[Exception]]] = [
    ("2", TypeError),
    (Decimal(2), TypeError),
    (2j, TypeError),
    (True, TypeError),
    (0, ValueError),
    (0.0, ValueError),
    (-1, ValueError),
    (-0.001, ValueError),
    (math.nan, ValueError),
    (math.inf, ValueError),
    (-math.inf, ValueError),
    (4294968, ValueError),
    (1e300, ValueError),
    (10**400, ValueError),
]
WRONG_COUNTS: list[tuple[Any, type[Exception]]] = [
    ("2", TypeError),
    (2.0, TypeError),
    (True, TypeError),
    (-1, ValueError),
    (2**32, ValueError),
    (10**400, ValueError),
]
WRONG_FLAGS: list[tuple[Any, type[Exception]]] = [(1, TypeError), ("yes", TypeError)]
WRONG_PATHS: list[tuple[Any, type[Exception]]] = [
    (b"ca.pem", TypeError),
    (7, TypeError),
    ("", ValueError),
    ("ca\0.pem", ValueError),
    (Path("\udcff.pem"), ValueError),
    ("/nowhere/missing.pem", ValueError),
]
WRONG_SETTINGS: dict[str, list[tuple[Any, type[Exception]]]] = {
    "endpoint": [
        *WRONG_TEXTS,
        ("api.bank.example", ValueError),
        ("http://api.bank.example", ValueError),
        ("https://user:pw@api.bank.example", ValueError),
        (None, ValueError),
    ],
    "access_key_id": [*WRONG_HEADERS, (None, ValueError)],
    "access_key_secret": [
        (7, TypeError),
        (bytearray(b"s"), TypeError),
        ("", ValueError),
        (b"", ValueError),
        ("s\0", ValueError),
        ("s\ud800", ValueError),
        (None, ValueError),
    ],
    "requester_user_id": WRONG_HEADERS,
    "timeout": WRONG_TIMES,
    "max_retries": WRONG_COUNTS,
    "ca_file": WRONG_PATHS,
    "system_trust": WRONG_FLAGS,
    "client_certificate_file": WRONG_PATHS[:-1],
    "client_key_file": WRONG_PATHS[:-1],
    "proxy": [*WRONG_TEXTS, ("socks5://proxy:1080", ValueError)],
    "allow_plain_http": WRONG_FLAGS,
    "clock_correction": WRONG_FLAGS,
    "date_zone": [("UTC", ValueError), ("", ValueError), (0, TypeError)],
    "max_idle_connections": WRONG_COUNTS,
    "user_agent_suffix": WRONG_HEADERS,
}


def rows(table: dict[str, list[tuple[Any, type[Exception]]]]) -> list[Any]:
    return [
        pytest.param(name, value, expected, id=f"{name}-{number}")
        for name, cases in table.items()
        for number, (value, expected) in enumerate(cases)
    ]


@pytest.mark.parametrize(("name", "value", "expected"), rows(WRONG_SETTINGS))
def test_a_setting_that_cannot_be_used(name: str, value: Any, expected: type[Exception]) -> None:
    settings = {
        "endpoint": "https://api.bank.example",
        "access_key_id": KEY_ID,
        "access_key_secret": SECRET,
        "requester_user_id": REQUESTER,
        name: value,
    }
    with pytest.raises(expected) as caught:
        diyalog.Client(**settings)
    assert name in str(caught.value)
    assert type(caught.value) in (TypeError, diyalog.InvalidArgumentError)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    rows(
        {
            "customer_id": [*WRONG_TEXTS, (None, TypeError)],
            "requester_user_id": WRONG_HEADERS,
            "timeout": WRONG_TIMES,
        }
    ),
)
def test_an_argument_that_cannot_be_used(
    sandbox: Sandbox, client: Client, name: str, value: Any, expected: type[Exception]
) -> None:
    with pytest.raises(expected) as caught:
        client.is_customer_in_online_help(**{"customer_id": "70022", name: value})
    assert name in str(caught.value)
    assert sandbox.counter("requests") == 0


def test_a_bad_secret_is_in_no_part_of_its_error() -> None:
    for secret in ("geheim\0", "geheim\ud800"):
        with pytest.raises(ValueError, match="access_key_secret") as caught:
            client_of("https://api.bank.example", access_key_secret=secret)
        assert "geheim" not in str(caught.value)
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_settings_that_contradict_each_other() -> None:
    with pytest.raises(ValueError, match="system_trust"):
        client_of("https://api.bank.example", system_trust=False)
    with pytest.raises(ValueError, match="client_key_file"):
        client_of("https://api.bank.example", client_certificate_file="client.pem")
    with pytest.raises(ValueError, match="requester_user_id"):
        client_of("http://127.0.0.1:1", requester_user_id=None).is_customer_in_online_help("7")


def test_an_unknown_setting() -> None:
    with pytest.raises(TypeError, match="time_out"):
        client_of("https://api.bank.example", time_out=1)
    with pytest.raises(TypeError, match="time_out"):
        Client.from_env(time_out=1)  # type: ignore[call-arg]


def test_short_times_are_not_rounded_to_none(sandbox: Sandbox, client: Client) -> None:
    sandbox.fault("silence")
    with pytest.raises(diyalog.TimeoutError):
        client.is_customer_in_online_help("70022", timeout=1e-9)
