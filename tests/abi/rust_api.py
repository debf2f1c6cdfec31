#!/usr/bin/env python3
"""The recorded Rust API: tests/abi/rust.txt, made from what rustdoc shows of the crate.

    rust_api.py          fails if the documentation that `cargo doc` wrote differs from the record
    rust_api.py --write  adds what is new; to change what no release has had, delete its line first

A line is a type, a field, a variant, a function or a trait that a type implements.
"""

from __future__ import annotations

import html
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

RECORD = Path(__file__).with_name("rust.txt")
# Of the automatic traits Send and Sync are promises; the others follow from what is inside.
UNPROMISED = re.compile(r" !?(Freeze|Unpin|UnsafeUnpin|UnwindSafe|RefUnwindSafe|StructuralPartialEq) for ")
DOCUMENTATION = Path(os.environ.get("CARGO_TARGET_DIR", "target"), "doc", "diyalog")
# A type's own declaration, its variants and methods, and the traits it implements.
HEADERS = re.compile(r'<pre class="rust item-decl"><code>(.*?)</code></pre>|<h[34] class="code-header">(.*?)</h[34]>', re.S)


def text_of(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", markup)).split())


def lines() -> Iterator[str]:
    index = (DOCUMENTATION / "all.html").read_text("utf-8")
    for page in re.findall(r'href="((?:struct|enum|trait|fn|constant|type)\.\w+\.html)"', index):
        kind, name, _ = page.split(".")
        # Every type has what follows: Send, Into and the like.
        own = (DOCUMENTATION / page).read_text("utf-8").split('id="blanket-implementations"')[0]
        for declaration, header in HEADERS.findall(own):
            text = text_of(declaration or header)
            if declaration and kind in ("struct", "enum"):
                start, body = text.split("{", 1)
                yield start.strip()
                fields = re.findall(r"pub (\w+: [^,]+),", body) if kind == "struct" else []
                yield from (f"{name}.{field}" for field in fields)
            elif declaration or (text.startswith("impl") and " for " in text and not UNPROMISED.search(text)):
                yield text
            elif not text.startswith(("impl", "fn ")):
                yield f"{name}::{text.removeprefix('pub ')}"


def main() -> None:
    recorded = set(RECORD.read_text("utf-8").splitlines())
    now = list(dict.fromkeys(lines()))
    gone, new = sorted(recorded - {*now}), sorted({*now} - recorded)
    if sys.argv[1:] == ["--write"] and not gone:
        RECORD.write_text("".join(f"{line}\n" for line in now), "utf-8")
        return
    if gone or new:
        print("\n".join([f"- {line}" for line in gone] + [f"+ {line}" for line in new]))
        sys.exit("FAILED: the Rust API differs from tests/abi/rust.txt; make header adds what is new")
    print(f"{len(now)} passed: lines of the Rust API")


main()
