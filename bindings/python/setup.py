"""Builds the wheel: the package, with the library that cargo makes of this checkout inside."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parents[2]
CARGO_MANIFEST = ROOT / "Cargo.toml"
LIBRARY_NAMES = ("libdiyalog.so", "libdiyalog.dylib", "diyalog.dll")


def version() -> str:
    """Give the version that library and package have in common."""
    if not CARGO_MANIFEST.is_file():
        sys.exit(
            f"diyalog: {CARGO_MANIFEST} is not there. The package is built inside a checkout of "
            "its repository, whose library it takes along: pip install ./bindings/python"
        )
    found = re.search(r'^version = "(.+)"$', CARGO_MANIFEST.read_text("utf-8"), re.MULTILINE)
    if not found:
        sys.exit(f"diyalog: {CARGO_MANIFEST} names no version")
    return found[1]


def build_library() -> Path:
    """Let cargo build the library, and give its path; or that in the folder DIYALOG_SHIPPED."""
    if shipped := os.environ.get("DIYALOG_SHIPPED"):
        return next(path for name in LIBRARY_NAMES if (path := Path(shipped, name)).exists())
    command = ["cargo", "build", "--release", "--lib", "--locked"]
    command += ["--manifest-path", str(CARGO_MANIFEST)]
    # Cargo knows best where its target directory is: a setting or a variable may have moved it.
    command += ["--message-format", "json-render-diagnostics"]
    try:
        messages = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    except FileNotFoundError:
        sys.exit("diyalog: cargo is not installed; it builds the library (https://rustup.rs)")
    except subprocess.CalledProcessError as failure:
        sys.exit(f"diyalog: cargo could not build the library (exit status {failure.returncode})")
    for line in messages.splitlines():
        for made in json.loads(line).get("filenames", []):
            if Path(made).name in LIBRARY_NAMES:
                return Path(made)
    sys.exit(f"diyalog: cargo built none of {', '.join(LIBRARY_NAMES)}")


class BuildWithLibrary(build_py):
    """Adds the library and its version to the modules."""

    def run(self) -> None:
        """Build into an empty folder: what an earlier build left would go into the wheel."""
        if self.editable_mode:
            package = Path(self.get_package_dir("diyalog"))
        else:
            shutil.rmtree(self.build_lib, ignore_errors=True)
            package = Path(self.build_lib, "diyalog")
        super().run()
        built = build_library()
        shutil.copy2(built, package / built.name)
        (package / "_version.py").write_text(
            f'"""Written by setup.py."""\n\n__version__ = "{version()}"\n',
            "utf-8",
        )


class PlatformWheel(bdist_wheel):
    """A wheel for any Python 3, and for one platform."""

    def get_tag(self) -> tuple[str, str, str]:
        """Tag by the library inside: Python code and ABI do not matter to it."""
        _, _, tag = super().get_tag()
        if sys.platform == "darwin":
            # Python itself may be built for older systems and for both processors.
            tag = f"macosx_11_0_{platform.machine()}"
        return "py3", "none", tag


class PlatformDistribution(Distribution):
    """Says that there is machine code in the package."""

    def has_ext_modules(self) -> bool:
        """Answer for the library, which setuptools does not know of."""
        return True


setup(
    version=version(),
    distclass=PlatformDistribution,
    cmdclass={"build_py": BuildWithLibrary, "bdist_wheel": PlatformWheel},
)
