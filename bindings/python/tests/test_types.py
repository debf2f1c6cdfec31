"""The public names as values and as types: printing, JSON, annotations."""

from __future__ import annotations

import dataclasses
import inspect
import json
import subprocess
import sys
import typing
from collections.abc import Callable, Iterator
from typing import Any

import diyalog
import diyalog.testing
import pytest
from diyalog import HelpStatus, HelpType, Lookup


@pytest.mark.parametrize("kind", HelpType)
def test_a_help_type_is_its_text(kind: HelpType) -> None:
    assert kind == kind.value
    assert f"{kind} {kind:>9}" == f"{kind.value} {kind.value:>9}"
    assert "%s" % kind == str(kind) == format(kind) == kind.value  # noqa: UP031
    assert json.dumps({"kind": kind}) == json.dumps({"kind": kind.value})
    assert HelpType(kind.value) is kind


def test_a_status_is_true_if_the_customer_is_in_help() -> None:
    statuses = [HelpStatus(True), HelpStatus(False), HelpStatus(False, error_code=400)]
    assert list(filter(None, statuses)) == statuses[:1]


def test_a_status_as_json() -> None:
    status = HelpStatus(True, HelpType.OTHER, "görüntülü", "45001")
    assert status.to_dict() == {
        "is_in_help": True,
        "help_type": "other",
        "help_type_text": "görüntülü",
        "staff_id": "45001",
        "error_code": None,
        "customer_found": True,
    }
    assert type(status.to_dict()["help_type"]) is str
    assert json.loads(json.dumps(status.to_dict())) == status.to_dict()
    assert HelpStatus(False, error_code=400).to_dict()["customer_found"] is False
    assert set(dataclasses.asdict(status)) < set(status.to_dict())


def test_a_lookup_unwraps_to_its_status_or_raises_its_error() -> None:
    status = HelpStatus(False)
    assert Lookup("1", status).unwrap() is status
    error = diyalog.TimeoutError("late")
    with pytest.raises(diyalog.TimeoutError) as caught:
        Lookup("1", None, error).unwrap()
    assert caught.value is error


def public() -> Iterator[Any]:
    """Every public class and function, with the methods."""
    for module in (diyalog, diyalog.testing):
        for name in module.__all__:
            value = getattr(module, name)
            if isinstance(value, type):
                yield pytest.param(value, id=name)
                for method_name, method in inspect.getmembers(value):
                    function = getattr(method, "fget", None) or method
                    if inspect.isfunction(function) or inspect.ismethod(function):
                        yield pytest.param(function, id=f"{name}.{method_name}")


@pytest.mark.parametrize("value", list(public()))
def test_type_hints_can_be_evaluated(value: Callable[..., Any]) -> None:
    typing.get_type_hints(value)


def test_everything_but_clients_works_without_the_native_library() -> None:
    program = """
import diyalog, diyalog.testing, pickle
client = diyalog.testing.FakeClient()
client.add("1", diyalog.HelpStatus(True, diyalog.HelpType.INBOUND))
assert client.is_customer_in_online_help("1")
pickle.loads(pickle.dumps(diyalog.TimeoutError("late")))
try:
    diyalog.Client.from_env()
except ImportError as error:
    print("/nowhere" in str(error))
"""
    ended = subprocess.run(
        [sys.executable, "-c", program],
        env={"DIYALOG_LIBRARY": "/nowhere/libdiyalog.so"},
        check=True,
        stdout=subprocess.PIPE,
    )
    assert ended.stdout == b"True\n"
