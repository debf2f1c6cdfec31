"""What changed in the public interface between two trees, and which version number that takes.

    python3 release_check.py OLD-TREE NEW-TREE

C and Rust are compared by the recorded interface, C# by the list of its public API, Python by griffe. A fact that
disappears breaks programs; one that appears is an addition.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import griffe

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "abi"))
from record import facts  # noqa: E402

Version = tuple[int, int, int]


def of_c(tree: Path) -> set[str]:
    return facts(json.loads((tree / "tests/abi/interface.json").read_text("utf-8")))


def of_rust(tree: Path) -> set[str]:
    return set((tree / "tests/abi/rust.txt").read_text("utf-8").splitlines())


def of_csharp(tree: Path) -> set[str]:
    """The lists that the C# build compares with the assembly."""
    lists = (path for path in (tree / "bindings/csharp").rglob("*.txt") if path.name.lower().startswith("publicapi"))
    lines = {line for path in lists for line in path.read_text("utf-8-sig").splitlines()}
    return lines - {"", "#nullable enable"}


def of_python(tree: Path) -> griffe.Object:
    return griffe.load("diyalog", search_paths=[tree / "bindings/python/src"])


def names(of: griffe.Object, path: str) -> Iterator[str]:
    """Every public name, and every parameter of it."""
    for name, member in of.members.items():
        if not member.is_public or name == "__version__":
            continue
        member = member.final_target if member.is_alias else member
        if member.is_function:
            yield from (f"{path}.{name}({parameter.name})" for parameter in member.parameters)
        yield f"{path}.{name}"
        if member.is_class:
            yield from names(member, f"{path}.{name}")


def changes(old: Path, new: Path) -> tuple[list[str], list[str]]:
    """What breaks programs, and what is new."""
    old_python, new_python = of_python(old), of_python(new)
    broken = [f"Python {breakage.explain(griffe.ExplanationStyle.ONE_LINE)}"
              for breakage in griffe.find_breaking_changes(old_python, new_python)]
    added = {*names(new_python, "Python diyalog")} - {*names(old_python, "Python diyalog")}
    for language, of in ("C", of_c), ("Rust", of_rust), ("C#", of_csharp):
        before, after = of(old), of(new)
        broken += sorted(f"{language} {fact}" for fact in before - after)
        added |= {f"{language} {fact}" for fact in after - before}
    return broken, sorted(added)


def version_of(tree: Path) -> Version:
    """The version in Cargo.toml, as numbers."""
    found = re.search(r'^version = "(\d+)\.(\d+)\.(\d+)', (tree / "Cargo.toml").read_text("utf-8"), re.MULTILINE)
    if not found:
        sys.exit(f"{tree}/Cargo.toml names no version")
    return int(found[1]), int(found[2]), int(found[3])


def needed(version: Version, broken: list[str], added: list[str]) -> Version:
    major, minor, patch = version
    if broken:
        return major + 1, 0, 0
    return (major, minor + 1, 0) if added else (major, minor, patch + 1)


def main() -> None:
    old, new = Path(sys.argv[1]), Path(sys.argv[2])
    broken, added = changes(old, new)
    for sign, lines in ("-", broken), ("+", added):
        for line in lines:
            print(sign, line)
    least, found = needed(version_of(old), broken, added), version_of(new)
    kind = "breaks programs" if broken else "adds to the interface" if added else "leaves the interface as it is"
    print(f"This {kind}: it takes version {'.'.join(map(str, least))} or later.")
    print(f"Cargo.toml has {'.'.join(map(str, found))}{'' if found >= least else ', which is too low'}.")
    sys.exit(found < least)


if __name__ == "__main__":
    main()
