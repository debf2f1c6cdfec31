"""Builds the wheel with the native library inside, and an sdist with the library's sources.

The library is built by cargo from the checkout, or from ``core/`` in an sdist. If DIYALOG_SHIPPED
names a folder, the library there goes into the wheel instead.

Setuptools alone: maturin packs extension modules, programs and cffi modules, which need cffi at run
time, but no library for ctypes. setuptools-rust builds one, and leaves what this file is about: the
wheel's tag, sources outside the package's folder in the sdist, and a library that is there already.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
IS_CHECKOUT = (ROOT / "include/diyalog.h").is_file()
CORE = ROOT if IS_CHECKOUT else HERE / "core"
LIBRARY_NAMES = ("libdiyalog.so", "libdiyalog.dylib", "diyalog.dll")
THIRD_PARTY = HERE / "LICENSE-THIRD-PARTY.txt"


def version() -> str:
    """Return the version, which Cargo.toml alone has."""
    manifest = CORE / "Cargo.toml"
    if not manifest.is_file():
        sys.exit(
            f"diyalog: {manifest} does not exist; build the package in a checkout of its "
            "repository (pip install ./bindings/python) or from its sdist"
        )
    found = re.search(r'^version = "(.+)"$', manifest.read_text("utf-8"), re.MULTILINE)
    assert found
    return found[1]


def run(*command: str) -> str:
    """Run a command in the library's sources and return what it prints."""
    try:
        return subprocess.run(
            command, check=True, stdout=subprocess.PIPE, encoding="utf-8", cwd=CORE
        ).stdout
    except FileNotFoundError:
        sys.exit(f"diyalog: {command[0]} is not installed; install Rust (https://rustup.rs)")
    except subprocess.CalledProcessError as failure:
        sys.exit(f"diyalog: {' '.join(command)} failed (exit status {failure.returncode})")


def library() -> Path:
    """Return the path of the library, built if it has to be."""
    shipped = os.environ.get("DIYALOG_SHIPPED")
    if shipped:
        found = [Path(shipped, name).resolve() for name in LIBRARY_NAMES]
    else:
        # Only cargo knows its target folder: a setting or a variable may have moved it.
        command = ("cargo", "build", "--release", "--lib", "--locked")
        messages = run(*command, "--message-format", "json-render-diagnostics").splitlines()
        made = [Path(file) for line in messages for file in json.loads(line).get("filenames", [])]
        found = [file for file in made if file.name in LIBRARY_NAMES]
    for file in found:
        if file.is_file():
            return file
    sys.exit(f"diyalog: {shipped or 'cargo build'} has none of {', '.join(LIBRARY_NAMES)}")


def collect_licences() -> None:
    """Put the licences of the library and of what is inside it where setuptools looks for them."""
    if not IS_CHECKOUT:
        return
    for name in ("LICENSE-MIT", "LICENSE-APACHE"):
        shutil.copyfile(ROOT / name, HERE / name)
    lock = ROOT / "Cargo.lock"
    if THIRD_PARTY.is_file() and THIRD_PARTY.stat().st_mtime > lock.stat().st_mtime:
        # Those of the system that packaging/dist.sh builds for, or still up to date.
        return
    host = re.search("^host: (.+)$", run("rustc", "-vV"), re.MULTILINE)
    assert host
    texts = Path(run("rustc", "--print", "sysroot").strip(), "share/doc/rust")
    script = str(ROOT / "packaging/licences.py")
    THIRD_PARTY.write_text(run(sys.executable, script, host[1], str(texts)), "utf-8")


class SourcesWithCore(sdist):
    """An sdist that holds the library's sources, as cargo packages them."""

    def make_release_tree(self, base_dir: str, files: list[str]) -> None:
        """Unpack the crate into core/."""
        super().make_release_tree(base_dir, files)
        if not IS_CHECKOUT:
            shutil.copytree(CORE, Path(base_dir, "core"))
            return
        run("cargo", "package", "--quiet", "--no-verify", "--allow-dirty")
        metadata = json.loads(run("cargo", "metadata", "--format-version", "1", "--no-deps"))
        crate = f"diyalog-{version()}"
        with tarfile.open(
            Path(metadata["target_directory"], "package", f"{crate}.crate")
        ) as packed:
            for member in packed.getmembers():
                member.name = member.name.replace(crate, "core", 1)
                packed.extract(member, base_dir)


class BuildWithLibrary(build_py):
    """Adds the library and its version to the modules."""

    def run(self) -> None:
        """Build into an empty folder: leftovers of an earlier build would go into the wheel."""
        if self.editable_mode:
            package = Path(self.get_package_dir("diyalog"))
        else:
            shutil.rmtree(self.build_lib, ignore_errors=True)
            package = Path(self.build_lib, "diyalog")
        super().run()
        built = library()
        shutil.copy2(built, package / re.sub(r"\.so\..*", ".so", built.name))
        (package / "_version.py").write_text(
            f'"""Written by setup.py."""\n\n__version__ = "{version()}"\n',
            "utf-8",
        )


class PlatformWheel(bdist_wheel):
    """A wheel for any Python 3, and for one platform."""

    def get_tag(self) -> tuple[str, str, str]:
        """Tag by the library inside, which does not depend on Python or its ABI."""
        _, _, tag = super().get_tag()
        if sys.platform == "darwin":
            # Python itself may be built for older systems and for both processors.
            tag = f"macosx_11_0_{platform.machine()}"
        return "py3", "none", tag


class PlatformDistribution(Distribution):
    """A distribution with machine code in the package."""

    def has_ext_modules(self) -> bool:
        """Return True for the library, of which setuptools does not know."""
        return True


collect_licences()
setup(
    version=version(),
    distclass=PlatformDistribution,
    cmdclass={
        "build_py": BuildWithLibrary,
        "bdist_wheel": PlatformWheel,
        "sdist": SourcesWithCore,
    },
)
