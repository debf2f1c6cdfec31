"""Tests that the release check reports the version number for each kind of change:
packaging/griffe.sh tests/release_check.py"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "packaging"))
from release_check import changes, needed  # noqa: E402

RECORD = "tests/abi/interface.json"
CLIENT = "bindings/python/src/diyalog/_client.py"
CSHARP = "bindings/csharp/Diyalog/PublicAPI/PublicAPI.Shipped.txt"

# Which number, in which file, and a substitution.
CHANGES = [
    ("patch", RECORD, r'\["const diyalog_error \*", "error"\]', '["const diyalog_error *", "failure"]'),
    ("patch", CLIENT, r'"""', '"""Once more: '),
    ("minor", RECORD, r'"DIYALOG_OK": 0', r'\g<0>, "DIYALOG_ERROR_NEW": 91'),
    ("minor", RECORD, r'"staff_id": (\{.*?\})', r'\g<0>, "more": {"type": "char *", "offset": [32, 24], "size": [8, 4]}'),
    ("minor", RECORD, r'"diyalog_error_free":', r'"diyalog_error_more": {"returns": "void", "parameters": []}, \g<0>'),
    ("major", RECORD, r'"offset": \[24, 20\]', '"offset": [32, 24]'),
    ("major", RECORD, r'"DIYALOG_ERROR_TLS": 13', '"DIYALOG_ERROR_TLS": 16'),
    ("major", RECORD, r'"diyalog_error_code"', '"diyalog_error_number"'),
    ("major", RECORD, r'"const diyalog_error \*", "error"', '"diyalog_error *", "error"'),
    ("minor", "tests/abi/rust.txt", r"\Z", "HelpStatus::fn more(&self)\n"),
    ("major", "tests/abi/rust.txt", r"timeout: Duration", "timeout: u32"),
    ("minor", CSHARP, r"\Z", "Diyalog.HelpStatus.More { get; } : String\n"),
    ("major", CSHARP, r"(?m)^.*StaffId.*\n", ""),
    ("minor", CLIENT, r"    def close\(", r"    def more(self, wanted: int) -> None:\n        pass\n\n\g<0>"),
    ("minor", CLIENT, r"    def close\(self", r"\g<0>, *, wanted: int = 1"),
    ("major", CLIENT, r"    def close\(self", r"\g<0>, demanded: int"),
    ("major", CLIENT, r"    def close\(", "    def end("),
]
NUMBERS = {"patch": (1, 2, 4), "minor": (1, 3, 0), "major": (2, 0, 0)}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        new = Path(folder)
        for part in "bindings/python/src", "bindings/csharp", "tests/abi":
            shutil.copytree(ROOT / part, new / part, ignore=shutil.ignore_patterns("bin", "obj"))
        for kind, file, pattern, replacement in CHANGES:
            before = (new / file).read_text("utf-8-sig")
            after = re.sub(pattern, replacement, before, count=1)
            assert after != before, f"nothing changes in {file} by {pattern}"
            (new / file).write_text(after, "utf-8")
            broken, added = changes(ROOT, new)
            found = needed((1, 2, 3), broken, added)
            assert found == NUMBERS[kind], f"{found}, not {NUMBERS[kind]}: {file}, {pattern}\n{broken}\n{added}"
            (new / file).write_text(before, "utf-8")
    print(f"{len(CHANGES)} passed: kinds of changes")


main()
