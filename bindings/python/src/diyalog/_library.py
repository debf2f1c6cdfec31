"""Finding the library, loading it, and saying why where that fails."""

from __future__ import annotations

import ctypes
import os
import platform
import sys
from pathlib import Path

from diyalog._version import __version__

_NAMES = {"darwin": "libdiyalog.dylib", "win32": "diyalog.dll"}
_HINT = (
    "`pip install ./bindings/python` in a checkout builds the package with its library; "
    "DIYALOG_LIBRARY names another one"
)


def path() -> Path:
    """Give the library's absolute path: where DIYALOG_LIBRARY says, or inside the package."""
    named = os.environ.get("DIYALOG_LIBRARY")
    if named:
        return Path(named).absolute()
    return Path(__file__).absolute().with_name(_NAMES.get(sys.platform, "libdiyalog.so"))


def load() -> ctypes.CDLL:
    """Load the library. ImportError says which file, what the system said, and what to do."""
    library = path()
    try:
        return ctypes.CDLL(str(library))
    except OSError as failure:
        raise ImportError(
            f"cannot load the diyalog library {library}: {failure}. {_likely_cause(library)}",
            name="diyalog",
            path=str(library),
        ) from failure


def check_version(version: str) -> None:
    """Refuse a library of another version: its functions may differ from those declared here."""
    if version != __version__:
        raise ImportError(
            f"the diyalog library {path()} has version {version}, but this package is version "
            f"{__version__}. {_HINT}",
            name="diyalog",
            path=str(path()),
        )


def missing_function(function: str) -> ImportError:
    """Say that a library has not the functions it should have."""
    return ImportError(
        f"{path()} has no function {function}: it is not the diyalog library of version "
        f"{__version__}. {_HINT}",
        name="diyalog",
        path=str(path()),
    )


def _likely_cause(library: Path) -> str:
    if not library.exists():
        return f"The file does not exist. {_HINT}"
    bits = 64 if sys.maxsize > 2**32 else 32
    return (
        "It may be built for another system or processor (this is a "
        f"{bits}-bit Python on {platform.system()} {platform.machine()}), or for a newer C library "
        f"than this system's. {_HINT}"
    )
