"""The licences of everything that is inside the library and the sandbox: licences.py RUST-TARGET RUST-SOURCES

Crates are those that cargo links for this target, with every licence file anywhere in their packages:
code from elsewhere has its own beside it. RUST-SOURCES has the standard library's, as COPYRIGHT in its
sources or as COPYRIGHT-library.html in a toolchain's share/doc/rust.
"""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

TEXTS = ("license", "licence", "copying", "copyright", "notice", "unlicense")
TOOLCHAIN = """\
The Rust standard library: MIT OR Apache-2.0, with parts under other permissive licences
https://www.rust-lang.org; its COPYRIGHT file follows.
"""
LINKED = {
    "linux": """\
LLVM libunwind, which unwinds the stack: Apache-2.0 WITH LLVM-exception
https://llvm.org
""",
    "windows": """\
libgcc: GPL-3.0-or-later WITH GCC-exception-3.1, which lets every program have it inside
https://gcc.gnu.org
The mingw-w64 runtime: public domain and ZPL-2.1
https://www.mingw-w64.org
""",
}


def packages(target: str) -> Iterator[dict]:
    """The crates that the library and the sandbox are linked with, by name."""
    tree = ["cargo", "tree", "--locked", "--package", "diyalog", "--package", "diyalog-sandbox", "--target", target]
    tree += ["--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}"]
    lines = subprocess.check_output(tree, text=True).splitlines()
    linked = {tuple(line.split(" ")[:2]) for line in lines if not line.startswith("diyalog")}
    metadata = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", target]
    for package in json.loads(subprocess.check_output(metadata))["packages"]:
        if (package["name"], f"v{package['version']}") in linked:
            yield package


def texts(folder: Path) -> list[Path]:
    found = (path for path in folder.rglob("*") if path.name.lower().startswith(TEXTS))
    return sorted(path for path in found if path.is_file() and path.suffix != ".rs")


def of_standard_library(folder: Path) -> str:
    if (folder / "COPYRIGHT").exists():
        return (folder / "COPYRIGHT").read_text("utf-8")
    page = (folder / "COPYRIGHT-library.html").read_text("utf-8")
    return html.unescape(re.sub(r"<style.*?</style>|<[^>]*>", "", page, flags=re.DOTALL))


def main() -> None:
    target, rust_sources = sys.argv[1], Path(sys.argv[2])
    sys.stdout.reconfigure(encoding="utf-8")
    print("What is inside the diyalog library and diyalog-sandbox, and under which licences.\n")
    same: dict[str, str] = {}
    for package in sorted(packages(target), key=lambda package: (package["name"], package["version"])):
        name = f"{package['name']} {package['version']}"
        licence = package["license"] or sys.exit(f"{name} names no licence")
        print(f"{'=' * 78}\n{name}: {licence}\n{package['repository'] or ''}\n")
        folder = Path(package["manifest_path"]).parent
        files = texts(folder)
        if not files:
            print("(the package brings no text; its licence is a well-known one)\n")
        for path in files:
            text, inside = path.read_text("utf-8", "replace").strip(), path.relative_to(folder)
            if text in same:
                print(f"--- {inside}: the same as {same[text]}\n")
            else:
                same[text] = f"{inside} of {name}"
                print(f"--- {inside}:\n\n{text}\n")
    print("=" * 78)
    print(LINKED["windows" if "windows" in target else "linux"])
    print(TOOLCHAIN)
    print(of_standard_library(rust_sources))


if __name__ == "__main__":
    main()
