"""diyalog._native against include/diyalog.h: neither can change without the other."""

from __future__ import annotations

import ctypes
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from diyalog import _native as native

HEADER = Path(__file__).resolve().parents[3] / "include" / "diyalog.h"

# What each type of the header is here. A pointer to an opaque type names that type, so that
# ctypes refuses one handle in the place of another.
KINDS: dict[str, Any] = {
    "void": None,
    "int32_t": ctypes.c_int32,
    "uint32_t": ctypes.c_uint32,
    "size_t": ctypes.c_size_t,
    "const char *": ctypes.c_char_p,
    "const uint8_t *": ctypes.c_char_p,
    "void *": ctypes.c_void_p,
    "diyalog_log_callback": native.diyalog_log_callback,
    "diyalog_config *": ctypes.POINTER(native.diyalog_config),
    "diyalog_client *": ctypes.POINTER(native.diyalog_client),
    "const diyalog_client *": ctypes.POINTER(native.diyalog_client),
    "const diyalog_config *": ctypes.POINTER(native.diyalog_config),
    "diyalog_client **": ctypes.POINTER(ctypes.POINTER(native.diyalog_client)),
    "const diyalog_call_options *": ctypes.POINTER(native.diyalog_call_options),
    "diyalog_help_status *": ctypes.POINTER(native.diyalog_help_status),
    "diyalog_error *": ctypes.POINTER(native.diyalog_error),
    "const diyalog_error *": ctypes.POINTER(native.diyalog_error),
    "diyalog_error **": ctypes.POINTER(ctypes.POINTER(native.diyalog_error)),
}
# A struct's own texts: see _native.
FIELD_KINDS = {**KINDS, "char *": ctypes.c_char_p}


def header() -> str:
    """Give the header without its comments, its macros for compilers and its line breaks."""
    text = HEADER.read_text("utf-8")
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r"//.*", "", text)
    return re.sub(r"\bstruct (?=diyalog_\w+ \*)", "", text)


def declared_functions() -> dict[str, tuple[str, list[str]]]:
    """Give the name of each function, with its return type and the types of its parameters."""
    found = re.findall(
        r"DIYALOG_API\s+([\w ]+?\*?)\s*DIYALOG_CALL\s+(\w+)\(([^)]*)\);", header(), re.DOTALL
    )
    return {
        name: (
            normal(returned),
            [normal(re.sub(r"\w+$", "", one.strip())) for one in parameters.split(",")]
            if parameters.strip() != "void"
            else [],
        )
        for returned, name, parameters in found
    }


def normal(kind: str) -> str:
    return re.sub(r"\s*(\*+)", r" \1", " ".join(kind.split())).strip()


def declared_callback() -> list[str]:
    found = re.search(r"typedef void\(DIYALOG_CALL \*diyalog_log_callback\)\(([^)]*)\)", header())
    assert found
    return [normal(re.sub(r"\w+$", "", one.strip())) for one in found[1].split(",")]


def declared_constants() -> dict[str, int]:
    return {
        name: int(value)
        for name, value in re.findall(
            r"^#define (DIYALOG_\w+) (-?\d+)$", header(), flags=re.MULTILINE
        )
    }


def declared_fields() -> dict[str, list[tuple[str, str]]]:
    """Give the name of each struct, with the names and the types of its fields."""
    structs = re.findall(r"typedef struct (\w+) \{(.*?)\}", header(), re.DOTALL)
    return {
        struct: [
            (re.split(r"[ *]", field)[-1], normal(re.sub(r"\w+$", "", field)))
            for field in (line.strip() for line in body.split(";"))
            if field
        ]
        for struct, body in structs
    }


def test_the_header_was_read_whole() -> None:
    """A function that the expressions above overlook is still counted here."""
    text = HEADER.read_text("utf-8")
    assert len(declared_functions()) == len(re.findall(r"^DIYALOG_API\b", text, re.MULTILINE)) > 0
    assert len(declared_fields()) == len(re.findall(r"^typedef struct \w+ \{", text, re.MULTILINE))
    numbers = re.findall(r"^#define DIYALOG_\w+ +[^\s\"]*\d\S*$", text, re.MULTILINE)
    assert len(declared_constants()) == len(numbers) > 0


def test_every_function_is_declared_and_no_other() -> None:
    ours = {name: value for name, value in vars(native).items() if name.startswith("diyalog_")}
    functions = [name for name, value in ours.items() if not isinstance(value, type)]
    assert functions == list(declared_functions()), "the same functions in the same order"


@pytest.mark.parametrize("name", declared_functions())
def test_a_function_is_declared_as_in_the_header(name: str) -> None:
    returned, parameters = declared_functions()[name]
    function = getattr(native, name)
    assert function.__name__ == name
    assert function.restype is KINDS[returned]
    assert list(function.argtypes) == [KINDS[kind] for kind in parameters]


def test_the_callback_is_declared_as_in_the_header() -> None:
    callback: Any = native.diyalog_log_callback
    assert callback._restype_ is None
    assert list(callback._argtypes_) == [KINDS[kind] for kind in declared_callback()]


def test_every_constant_has_its_value() -> None:
    ours = {
        name: value
        for name, value in vars(native).items()
        if name.startswith("DIYALOG_") and isinstance(value, int)
    }
    assert list(ours.items()) == list(declared_constants().items())


@pytest.mark.parametrize("struct", declared_fields())
def test_a_struct_has_the_header_s_fields(struct: str) -> None:
    ours: Any = getattr(native, struct)
    expected = [(name, FIELD_KINDS[kind]) for name, kind in declared_fields()[struct]]
    assert [(field[0], field[1]) for field in ours._fields_] == expected


def test_the_opaque_types_have_no_fields() -> None:
    for name in re.findall(r"^typedef struct (\w+) \w+;", header(), re.MULTILINE):
        assert not hasattr(getattr(native, name), "_fields_")


def test_structs_lie_in_memory_as_a_c_compiler_puts_them(tmp_path: Path) -> None:
    lines = []
    for struct, fields in declared_fields().items():
        lines.append(f'printf("{struct} %zu\\n", sizeof({struct}));')
        for field, _ in fields:
            lines.append(
                f'printf("{struct}.{field} %zu %zu\\n", offsetof({struct}, {field}),'
                f" sizeof((({struct} *)0)->{field}));"
            )
    source = tmp_path / "layout.c"
    source.write_text(
        f'#include <stdio.h>\n#include "{HEADER.name}"\n'
        f"int main(void) {{\n{chr(10).join(lines)}\nreturn 0;\n}}\n"
    )
    program = tmp_path / "layout"
    subprocess.run(["cc", f"-I{HEADER.parent}", "-o", program, source], check=True)
    printed = subprocess.run([program], check=True, stdout=subprocess.PIPE, text=True).stdout

    expected = []
    for struct, fields in declared_fields().items():
        ours = getattr(native, struct)
        expected.append(f"{struct} {ctypes.sizeof(ours)}")
        for field, _ in fields:
            place = getattr(ours, field)
            expected.append(f"{struct}.{field} {place.offset} {place.size}")
    assert printed.splitlines() == expected
