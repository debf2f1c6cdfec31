"""diyalog._native against tests/abi/interface.json, the record of include/diyalog.h."""

from __future__ import annotations

import ctypes
import json
from pathlib import Path
from typing import Any

import pytest
from diyalog import _native as native

RECORD: dict[str, Any] = json.loads(
    (Path(__file__).resolve().parents[3] / "tests" / "abi" / "interface.json").read_text("utf-8")
)

# c_char_p passes the address of a bytes object, NULs and all.
KINDS: dict[str, Any] = {
    "void": None,
    "int32_t": ctypes.c_int32,
    "uint32_t": ctypes.c_uint32,
    "intptr_t": ctypes.c_ssize_t,
    "size_t": ctypes.c_size_t,
    "void *": ctypes.c_void_p,
    "const void *": ctypes.c_char_p,
    "const uint8_t *": ctypes.c_char_p,
    "const char *": ctypes.c_char_p,
    "char *": ctypes.c_char_p,
}


def kind(text: str) -> Any:
    """Give the ctypes type: a pointer to a type of the library names that type.

    ctypes then rejects one handle in the place of another.
    """
    if text in KINDS:
        return KINDS[text]
    name, *stars = text.removeprefix("const ").replace("*", " *").split()
    result = getattr(native, name)
    for _ in stars:
        result = ctypes.POINTER(result)
    return result


def kinds(parameters: list[list[str]]) -> list[Any]:
    return [kind(text) for text, _ in parameters]


def test_every_function_is_declared_and_no_other() -> None:
    declared = {
        name
        for name, value in vars(native).items()
        if name.startswith("diyalog_") and not isinstance(value, type)
    }
    assert {*getattr(native, "FUNCTIONS", ()), *declared} == set(RECORD["functions"])


@pytest.mark.parametrize("name", RECORD["functions"])
def test_a_function_is_declared_as_recorded(name: str) -> None:
    function = getattr(native, name)
    assert function.__name__ == name
    assert function.restype is kind(RECORD["functions"][name]["returns"])
    assert list(function.argtypes) == kinds(RECORD["functions"][name]["parameters"])


@pytest.mark.parametrize("name", RECORD["callbacks"])
def test_a_callback_is_declared_as_recorded(name: str) -> None:
    callback: Any = getattr(native, name)
    assert callback._restype_ is kind(RECORD["callbacks"][name]["returns"])
    assert list(callback._argtypes_) == kinds(RECORD["callbacks"][name]["parameters"])


def test_every_constant_has_its_value() -> None:
    ours = {name: value for name, value in vars(native).items() if name.startswith("DIYALOG_")}
    assert ours == RECORD["constants"]


@pytest.mark.parametrize("name", RECORD["structs"])
def test_a_struct_lies_in_memory_as_recorded(name: str) -> None:
    ours: Any = getattr(native, name)
    which = 0 if ctypes.sizeof(ctypes.c_void_p) == 8 else 1
    recorded = RECORD["structs"][name]
    assert ctypes.sizeof(ours) == recorded["size"][which]
    assert [
        (field, given, getattr(ours, field).offset, getattr(ours, field).size)
        for field, given in ours._fields_
    ] == [
        (field, kind(it["type"]), it["offset"][which], it["size"][which])
        for field, it in recorded["fields"].items()
    ]


@pytest.mark.parametrize("name", RECORD["opaque"])
def test_an_opaque_type_has_no_fields(name: str) -> None:
    assert not hasattr(getattr(native, name), "_fields_")
