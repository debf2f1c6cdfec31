"""Finds and loads the library, and says why if that fails."""

from __future__ import annotations

import ctypes
import functools
import os
import platform
import sys
from pathlib import Path

from diyalog._version import __version__

_NAMES = {"darwin": "libdiyalog.dylib", "win32": "diyalog.dll"}
_HINT = (
    "install the package with its library by `pip install ./bindings/python` in a checkout, or set "
    "DIYALOG_LIBRARY to the path of another one"
)


def path() -> Path:
    """Return the library's absolute path: that of DIYALOG_LIBRARY, or the one in the package."""
    named = os.environ.get("DIYALOG_LIBRARY")
    if named:
        return Path(named).absolute()
    return Path(__file__).absolute().with_name(_NAMES.get(sys.platform, "libdiyalog.so"))


@functools.cache
def loaded() -> ctypes.CDLL:
    """Load the library, which must be of this package's version.

    The ImportError names the file, what the system reported, and what to do.
    """
    library = _load(path())
    try:
        get_version = library.diyalog_version
    except AttributeError:
        raise missing_function("diyalog_version") from None
    get_version.restype = ctypes.c_char_p
    version = get_version().decode()
    if version != __version__:
        raise _error(
            f"the diyalog library {path()} has version {version}, but this package is version "
            f"{__version__}; {_HINT}"
        )
    return library


def missing_function(function: str) -> ImportError:
    """Return the error for a library without a function that it should have."""
    return _error(
        f"{path()} has no function {function}, so it is not the diyalog library of version "
        f"{__version__}; {_HINT}"
    )


def _load(library: Path) -> ctypes.CDLL:
    try:
        return ctypes.CDLL(str(library))
    except OSError as failure:
        raise _error(
            f"cannot load the diyalog library {library} ({failure}). {_likely_cause(library)}"
        ) from failure


def _error(message: str) -> ImportError:
    return ImportError(message, name="diyalog", path=str(path()))


def _likely_cause(library: Path) -> str:
    if not library.exists():
        return f"The file does not exist; {_HINT}"
    bits = 64 if sys.maxsize > 2**32 else 32
    return (
        "It may be built for another system or processor (this is a "
        f"{bits}-bit Python on {platform.system()} {platform.machine()}), or for a newer C library "
        f"than this system's; {_HINT}"
    )
