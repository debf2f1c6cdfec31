#!/usr/bin/env python3
"""The recorded C interface: tests/abi/interface.json, made from include/diyalog.h by the compiler.

    record.py LIBRARY    fails if the header or the library's exports differ from the record
    record.py --write    adds what is new in the header, as of the version in Cargo.toml

--write does not record what breaks programs: to change something that no release has had, delete its
line from the record first.

This is the one place that reads the header. Every type it reads is checked by the compiler, and
sizes, offsets and values are what the compiler says for 64 and for 32 bits. The record has:

    functions   with the minor version they came with, their return type and parameters
    callbacks   the same for function pointers
    opaque      the names of types without fields
    constants   with their values
    structs     size, alignment and fields; [64 bits, 32 bits] in each place
"""

from __future__ import annotations

import difflib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
RECORD = Path(__file__).with_name("interface.json")
BITS = ("-m64", "-m32")
# Freestanding: gcc's own stdint.h serves for 32 bits too, where no C library is installed.
GCC = ["gcc", "-std=c11", "-ffreestanding", f"-I{ROOT}/include", "-xc", "-"]
INCLUDE = "#include <diyalog.h>\n"
# Its values change with every version.
VERSION = "DIYALOG_VERSION"


def gcc(source: str, *options: str) -> str:
    done = subprocess.run([*GCC, *options], input=source, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit("FAILED: the compiler rejects the header, or what was read from it")
    return done.stdout


def own_part() -> tuple[dict[str, str], list[str]]:
    """The header's macros, and its declarations without macros and comments."""
    macros, text, is_own = {}, "", False
    for line in gcc(INCLUDE, "-E", "-dD").splitlines():
        if marker := re.match(r'# \d+ "([^"]*)"', line):
            is_own = marker[1].endswith("/diyalog.h")
        elif is_own and (macro := re.match(r"#define (\w+) ?(.*)", line)):
            macros[macro[1]] = macro[2]
        elif is_own and not line.startswith("#"):
            text += line + " "
    # A semicolon inside braces ends a field, not a declaration.
    parts = re.findall(r"((?:[^;{}]|\{[^{}]*\})+);", text)
    return macros, [" ".join(part.split()) for part in parts]


def typed(text: str) -> list[str]:
    """Type and name of a field or parameter, the type spelled in one way."""
    kind, name = re.fullmatch(r"(.*?)(\w+)", text.strip()).groups()
    return [re.sub(r" ?(\*+) ?", r" \1", kind.replace("struct ", "")).strip(), name]


def parameters(text: str) -> list[list[str]]:
    return [] if text.strip() == "void" else [typed(one) for one in text.split(",")]


def read_header() -> dict[str, Any]:
    macros, declarations = own_part()
    functions, callbacks, opaque, structs = {}, {}, [], {}
    for declaration in declarations:
        if found := re.fullmatch(r"typedef struct (\w+) \1", declaration):
            opaque.append(found[1])
        elif found := re.fullmatch(r"typedef struct (\w+) \{(.*)\} \1", declaration):
            structs[found[1]] = [typed(field) for field in found[2].split(";") if field.strip()]
        elif found := re.fullmatch(r"typedef (.+?) ?\( ?\*(\w+)\) ?\((.*)\)", declaration):
            callbacks[found[2]] = {"returns": typed(f"{found[1]} x")[0], "parameters": parameters(found[3])}
        elif found := re.fullmatch(r"([^()]+?[ *])(\w+) ?\(([^()]*)\)", declaration):
            functions[found[2]] = {"returns": typed(f"{found[1]} x")[0], "parameters": parameters(found[3])}
        else:
            sys.exit(f"FAILED: {__file__} cannot read this declaration of the header:\n{declaration}")
    # The others are empty, texts, initializers and attributes.
    constants = [
        name
        for name, value in macros.items()
        if name.startswith("DIYALOG_") and not name.startswith(VERSION) and value[:1] not in ("", '"', "{", "_")
    ]
    return {"functions": functions, "callbacks": callbacks, "opaque": opaque, "constants": constants, "structs": structs}


def signature(function: dict[str, Any], name: str = "") -> str:
    kinds = ", ".join(kind for kind, _ in function["parameters"]) or "void"
    return f"{function['returns']} {name}({kinds})"


def check_types(header: dict[str, Any]) -> None:
    """Let the compiler check the parsed types."""
    pairs = [(f"__typeof__({name})", signature(it)) for name, it in header["functions"].items()]
    pairs += [(name, signature(it, "(*)")) for name, it in header["callbacks"].items()]
    for struct, fields in header["structs"].items():
        pairs += [(f"__typeof__((({struct} *)0)->{name})", kind) for kind, name in fields]
    same = "".join(f'_Static_assert(__builtin_types_compatible_p({a}, {b}), "{a}");\n' for a, b in pairs)
    gcc(INCLUDE + same, "-fsyntax-only")


def ask_compiler(expressions: dict[str, str], bits: str) -> dict[str, int]:
    """Their values. Compiled, not run: the assembler would be the first to need the machine."""
    asm = '__asm__ volatile("\\n@ {} %0" : : "i"((long long)({})));\n'
    body = "".join(asm.format(name, expression) for name, expression in expressions.items())
    said = re.findall(r"^@ (\S+) \$?(-?\d+)$", gcc(f"{INCLUDE}void questions(void) {{\n{body}}}\n", bits, "-S", "-o-"), re.M)
    return {name: int(value) for name, value in said}


def measure(header: dict[str, Any]) -> None:
    """Replace names by values and fields by their places."""
    values = ask_compiler({name: name for name in header["constants"]}, BITS[0])
    header["constants"] = {name: values[name] for name in header["constants"]}
    questions = {}
    for struct, fields in header["structs"].items():
        questions[struct] = f"sizeof({struct})"
        questions[f"{struct}.alignment"] = f"__alignof__({struct})"
        for _, field in fields:
            questions[f"{struct}.{field}.offset"] = f"__builtin_offsetof({struct}, {field})"
            questions[f"{struct}.{field}.size"] = f"sizeof((({struct} *)0)->{field})"
    both = [ask_compiler(questions, bits) for bits in BITS]

    def places(question: str) -> list[int]:
        return [answers[question] for answers in both]

    for struct, fields in header["structs"].items():
        header["structs"][struct] = {
            "size": places(struct),
            "alignment": places(f"{struct}.alignment"),
            "fields": {
                name: {"type": kind, "offset": places(f"{struct}.{name}.offset"), "size": places(f"{struct}.{name}.size")}
                for kind, name in fields
            },
        }


def current_version() -> str:
    return re.search(r'^version = "(\d+\.\d+)', (ROOT / "Cargo.toml").read_text("utf-8"), re.M)[1]


def today(recorded: dict[str, Any]) -> dict[str, Any]:
    """The header as a record. Functions keep the version that is recorded."""
    header = read_header()
    check_types(header)
    measure(header)
    for name, function in header["functions"].items():
        since = recorded["functions"].get(name, {}).get("since", current_version())
        header["functions"][name] = {"since": since, **function}
    return header


def facts(record: dict[str, Any]) -> set[str]:
    """What programs depend on, so that removing any of it breaks them. Parameter names are not part of it."""
    found = {f"type {name}" for name in record["opaque"]}
    for kind in "functions", "callbacks":
        found.update(signature(it, name) for name, it in record[kind].items())
    found.update(f"{name} {value}" for name, value in record["constants"].items())
    for struct, it in record["structs"].items():
        found.add(f"{struct} alignment {it['alignment']}")
        found.update(f"{struct}.{name} {field}" for name, field in it["fields"].items())
    return found


def as_text(value: Any, depth: int = 0) -> str:
    """JSON with a line for each function, constant and field, so that differences are lines."""
    if not isinstance(value, dict) or depth > 1 and not any(isinstance(it, dict) for it in value.values()):
        return json.dumps(value)
    indent = "  " * (depth + 1)
    lines = ",\n".join(f"{indent}{json.dumps(name)}: {as_text(it, depth + 1)}" for name, it in value.items())
    return f"{{\n{lines}\n{indent[2:]}}}" + ("" if depth else "\n")


def node(since: str) -> str:
    """The version node of a symbol; the first version's is named by the major number."""
    return "DIYALOG_0" if since == "0.1" else f"DIYALOG_{since}"


def check_exports(library: Path, record: dict[str, Any]) -> None:
    said = subprocess.check_output(["nm", "-D", "--defined-only", library / "libdiyalog.so"], text=True)
    exported = {line.split()[2].replace("@@", "@") for line in said.splitlines() if line.split()[1] != "A"}
    promised = {f"{name}@{node(it['since'])}" for name, it in record["functions"].items()}
    if exported != promised:
        sys.exit(f"FAILED: only exported: {sorted(exported - promised)}; only recorded: {sorted(promised - exported)}")


def write(recorded: dict[str, Any], now: dict[str, Any]) -> None:
    if broken := facts(recorded) - facts(now):
        print("\n".join(sorted(broken)))
        sys.exit("FAILED: programs rely on these, which the header does not have any more")
    RECORD.write_text(as_text(now), "utf-8")


def main() -> None:
    recorded = json.loads(RECORD.read_text("utf-8"))
    now = today(recorded)
    if sys.argv[1:] == ["--write"]:
        write(recorded, now)
        return
    if now != recorded:
        sys.stdout.writelines(difflib.unified_diff(
            as_text(recorded).splitlines(True), as_text(now).splitlines(True), "the record", "the header", n=0
        ))
        sys.exit("FAILED: the header differs from tests/abi/interface.json; make header adds what is new")
    check_exports(Path(sys.argv[1]), recorded)
    print(f"{len(now['functions'])} passed: functions, signatures and exports")
    print(f"{len(now['constants'])} passed: constants")
    print(f"{len(now['structs'])} passed: struct layouts for 64 and 32 bits")


if __name__ == "__main__":
    main()
