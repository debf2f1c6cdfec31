"""Where the library is looked for, what the error says if it cannot be loaded, and the wheel."""

from __future__ import annotations

import ctypes.util
import os
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import diyalog
import pytest
from diyalog import _library


def load(library: Path | str, folder: Path) -> str:
    """Create a client with another library; return the last line of what that prints."""
    program = (
        "import diyalog\n"
        "diyalog.Client('https://api.bank.example', access_key_id='id', access_key_secret='s')\n"
        "print('loaded')"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "DIYALOG_LIBRARY": str(library)},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.stdout + ended.stderr.strip().rpartition("\n")[2]


def test_the_versions_are_one() -> None:
    assert diyalog.__version__ == metadata.version("diyalog")
    header = Path(__file__).parents[3] / "include" / "diyalog.h"
    assert f'#define DIYALOG_VERSION "{diyalog.__version__}"\n' in header.read_text("utf-8")


def test_the_wheel_is_for_any_python_3_on_one_platform() -> None:
    wheel = (metadata.distribution("diyalog").read_text("WHEEL") or "").splitlines()
    assert "Root-Is-Purelib: false" in wheel
    [tag] = [line for line in wheel if line.startswith("Tag: ")]
    assert tag.startswith("Tag: py3-none-")
    assert not tag.endswith("-any")


def test_the_wheel_carries_the_licences_and_the_command() -> None:
    files = {file.name: file for file in metadata.files("diyalog") or ()}
    for name in ("LICENSE-MIT", "LICENSE-APACHE"):
        assert "licenses" in files[name].parts
    third_party = files["LICENSE-THIRD-PARTY.txt"].read_text("utf-8")
    for inside in ("rustls", "serde_json", "The Rust standard library"):
        assert inside in third_party
    assert Path(sys.executable).with_name("diyalog").exists()


def test_the_library_is_the_one_in_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    for nothing in ("", None):
        if nothing is None:
            monkeypatch.delenv("DIYALOG_LIBRARY", raising=False)
        else:
            monkeypatch.setenv("DIYALOG_LIBRARY", nothing)
        assert _library.path().parent == Path(diyalog.__file__).parent
        assert _library.path().is_absolute()
        assert _library.path().is_file()


def test_the_library_that_the_environment_names(tmp_path: Path) -> None:
    copy = shutil.copy(_library.path(), tmp_path / "kopya şube.so")
    assert load(copy, tmp_path) == "loaded\n"
    assert load("kopya şube.so", tmp_path) == "loaded\n", "relative to the current folder"


def test_a_library_that_is_not_there(tmp_path: Path) -> None:
    error = load(tmp_path / "gone.so", tmp_path)
    assert error.startswith(f"ImportError: cannot load the diyalog library {tmp_path}/gone.so (")
    assert "The file does not exist" in error
    assert "pip install ./bindings/python" in error
    assert "DIYALOG_LIBRARY" in error


def test_a_file_that_is_no_library(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.so"
    wrong.write_text("no machine code")
    error = load(wrong, tmp_path)
    assert str(wrong) in error
    assert (
        "invalid ELF header" in error or "slice is not valid" in error or "file too short" in error
    )
    assert "another system or processor" in error


def test_a_library_of_something_else(tmp_path: Path) -> None:
    other = ctypes.util.find_library("c")
    if not other:
        pytest.skip("the C library has no name here")
    # A bare name would be looked for in the current folder: the loader's own path is needed.
    ended = subprocess.run(["ldd", sys.executable], capture_output=True, text=True, check=False)
    paths = [word for word in ended.stdout.split() if word.startswith("/") and "libc.so" in word]
    if not paths:
        pytest.skip("the C library's path is not known here")
    assert "has no function diyalog_version" in load(paths[0], tmp_path)


def test_a_library_of_another_version(tmp_path: Path) -> None:
    content = _library.path().read_bytes()
    version = diyalog.__version__.encode() + b"\0"
    assert version in content
    other = tmp_path / "other.so"
    other.write_bytes(content.replace(version, b"9.9.9\0"))
    error = load(other, tmp_path)
    assert str(other) in error
    assert "has version 9.9.9, but this package is version" in error
