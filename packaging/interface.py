"""The public interface as lines of text, read from the sources.

    python3 interface.py TREE              prints it
    python3 interface.py OLD-TREE TREE     says what changed, and which version number that takes

A line is a fact that programs rely on. One that disappears breaks programs; one that appears is an
addition, unless it begins with "!", which is a new demand and breaks them too.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path


def of_c(header: str) -> Iterator[str]:
    """Functions with their types, fields with their place, constants with their numbers."""
    text = re.sub(r"/\*.*?\*/|//[^\n]*", "", header, flags=re.DOTALL)
    text = re.sub(r"^#.*$", "", text, flags=re.MULTILINE)
    for declaration in re.findall(r"DIYALOG_API\s+([^;{]*DIYALOG_CALL[^;]*);", text):
        yield f"C {unnamed(declaration)}"
    for declaration in re.findall(r"typedef (\w+\(DIYALOG_CALL[^;]*);", text):
        yield f"C typedef {unnamed(declaration)}"
    for name, body in re.findall(r"typedef struct (\w+) \{(.*?)\}", text, re.DOTALL):
        for place, field in enumerate(filter(None, map(spaced, body.split(";")))):
            yield f"C struct {name}, field {place}: {field}"
    for name, number in re.findall(r"^#define (DIYALOG_\w+) (-?\d+)$", header, re.MULTILINE):
        yield f"C {name} {number}"


def spaced(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def unnamed(declaration: str) -> str:
    """A function's declaration without the names of its parameters, which bind nobody."""
    start, parameters = spaced(declaration).rsplit("(", 1)
    types = [re.sub(r"(?<=[ *])\w+$", "", one.strip()).strip() for one in parameters.rstrip(") ").split(",")]
    return f"{start}({', '.join(t or 'void' for t in types)})"


def of_python(package: Path) -> Iterator[str]:
    """What __all__ names: classes with their bases, methods, fields and members."""
    start = ast.parse((package / "__init__.py").read_text("utf-8"))
    exported = next(
        ast.literal_eval(node.value)
        for node in start.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    )
    classes = {
        node.name: node
        for file in sorted(package.glob("*.py"))
        for node in ast.parse(file.read_text("utf-8")).body
        if isinstance(node, ast.ClassDef)
    }
    for name in exported:
        yield f"Python diyalog.{name}"
        if name in classes:
            yield from of_python_class(classes[name])


def of_python_class(node: ast.ClassDef) -> Iterator[str]:
    name = f"Python diyalog.{node.name}"
    for base in node.bases:
        yield f"{name} is a {ast.unparse(base)}"
    for part in node.body:
        if isinstance(part, ast.FunctionDef) and is_public(part.name):
            yield from of_python_method(f"{name}.{part.name}", part)
        elif isinstance(part, ast.AnnAssign) and is_public(ast.unparse(part.target)):
            yield f"{name}.{ast.unparse(part.target)}: {ast.unparse(part.annotation)}"
        elif isinstance(part, ast.Assign) and is_public(ast.unparse(part.targets[0])):
            yield f"{name}.{ast.unparse(part.targets[0])} = {ast.unparse(part.value)}"


def is_public(name: str) -> bool:
    return not name.startswith("_") or name in ("__init__", "__enter__", "__exit__")


def of_python_method(name: str, method: ast.FunctionDef) -> Iterator[str]:
    decorators = [ast.unparse(decorator) for decorator in method.decorator_list]
    if any("overload" in decorator for decorator in decorators):
        return
    for decorator in decorators:
        yield f"{name} @{decorator}"
    if method.returns:
        yield f"{name} -> {ast.unparse(method.returns)}"
    arguments = method.args
    positional = arguments.posonlyargs + arguments.args
    optional = len(positional) - len(arguments.defaults)
    for place, argument in enumerate(positional):
        if place > 0 or argument.arg not in ("self", "cls"):
            yield f"{name} takes {argument.arg} as argument {place}"
            if place < optional:
                yield f"!{name} demands {argument.arg}"
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults):
        yield f"{name} takes {argument.arg}="
        if default is None:
            yield f"!{name} demands {argument.arg}="


def of_csharp(listed: str) -> Iterator[str]:
    """The list that the C# tests compare with the assembly."""
    return (f"C# {line}" for line in listed.splitlines() if line)


def of_tree(tree: Path) -> set[str]:
    """All of it, for the sources in this folder."""
    lines = set(of_c((tree / "include/diyalog.h").read_text("utf-8")))
    lines.update(of_python(tree / "bindings/python/src/diyalog"))
    lines.update(of_csharp((tree / "bindings/csharp/PublicApi.txt").read_text("utf-8-sig")))
    return lines


def version_of(tree: Path) -> tuple[int, int, int]:
    """The version in Cargo.toml, as numbers."""
    found = re.search(r'^version = "(\d+)\.(\d+)\.(\d+)', (tree / "Cargo.toml").read_text("utf-8"), re.MULTILINE)
    if not found:
        sys.exit(f"{tree}/Cargo.toml names no version")
    return int(found[1]), int(found[2]), int(found[3])


def compare(old_tree: Path, new_tree: Path) -> bool:
    """Say what changed and which number it takes; true where Cargo.toml has such a number."""
    old, new = of_tree(old_tree), of_tree(new_tree)
    gone = sorted(line for line in old - new if not line.startswith("!"))
    demands = sorted(line for line in new - old if line.startswith("!") and is_of_old(line, old))
    added = sorted(line for line in new - old if not line.startswith("!"))
    for sign, lines in ("-", gone), ("!", demands), ("+", added):
        for line in lines:
            print(f"{sign} {line.lstrip('!')}")

    major, minor, patch = version_of(old_tree)
    if gone or demands:
        kind, needed = "breaks programs: a new major number", (major + 1, 0, 0)
    elif added:
        kind, needed = "adds to the interface: a new minor number", (major, minor + 1, 0)
    else:
        kind, needed = "leaves the interface as it is: a new patch number", (major, minor, patch + 1)
    says = version_of(new_tree)
    print(f"Since {dotted((major, minor, patch))} this {kind}, {dotted(needed)} or later.")
    print(f"Cargo.toml says {dotted(says)}{'' if says >= needed else ', which is too low'}.")
    return says >= needed


def is_of_old(demand: str, old: set[str]) -> bool:
    """Tell whether the method was there before; a new one may demand what it likes."""
    method = demand.lstrip("!").split(" demands ")[0]
    return any(line.startswith(f"{method} ") for line in old)


def dotted(version: tuple[int, int, int]) -> str:
    return ".".join(map(str, version))


if __name__ == "__main__":
    if len(sys.argv) == 2:
        print("\n".join(sorted(of_tree(Path(sys.argv[1])))))
    else:
        sys.exit(not compare(Path(sys.argv[1]), Path(sys.argv[2])))
