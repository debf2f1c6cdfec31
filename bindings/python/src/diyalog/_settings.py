"""The settings of a client, and the native settings made from them."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, Optional, TypedDict, Union

from diyalog import _arguments as arguments
from diyalog import _native as native
from diyalog._results import check

if TYPE_CHECKING:
    from typing_extensions import Unpack as Unpack
elif sys.version_info >= (3, 11):
    from typing import Unpack
else:
    # For typing.get_type_hints: what older Pythons make of the annotation.
    Unpack = Optional

Path = Union[str, os.PathLike[str]]
DateZone = Literal["GMT", "+0000"]


# The library's default of max_idle_connections.
IDLE_CONNECTIONS = 64


class Settings(TypedDict, total=False):
    """The keyword arguments of ``Client``, documented there."""

    endpoint: Optional[str]
    access_key_id: Optional[str]
    access_key_secret: Union[str, bytes, None]
    requester_user_id: Optional[str]
    timeout: Optional[float]
    attempt_timeout: Optional[float]
    max_retries: Optional[int]
    ca_file: Optional[Path]
    system_trust: Optional[bool]
    client_certificate_file: Optional[Path]
    client_key_file: Optional[Path]
    proxy: Optional[str]
    allow_plain_http: Optional[bool]
    clock_correction: Optional[bool]
    date_zone: Optional[DateZone]
    max_idle_connections: Optional[int]
    user_agent_suffix: Optional[str]


# For each setting but the credentials its check and the suffix of its native setter.
_CHECKS: dict[str, tuple[Any, str]] = {
    "endpoint": (arguments.text, "endpoint"),
    "requester_user_id": (arguments.text, "requester_user_id"),
    "timeout": (arguments.milliseconds, "timeout_ms"),
    "attempt_timeout": (arguments.milliseconds, "attempt_timeout_ms"),
    "max_retries": (arguments.count, "max_retries"),
    "ca_file": (arguments.path, "ca_file"),
    "system_trust": (arguments.flag, "system_trust"),
    "client_certificate_file": (arguments.path, "client_certificate_file"),
    "client_key_file": (arguments.path, "client_key_file"),
    "proxy": (arguments.text, "proxy"),
    "allow_plain_http": (arguments.flag, "allow_plain_http"),
    "clock_correction": (arguments.flag, "clock_correction"),
    "date_zone": (arguments.date_zone, "date_zone"),
    "max_idle_connections": (arguments.count, "max_idle_connections"),
    "user_agent_suffix": (arguments.text, "user_agent_suffix"),
}


def reject_unknown(owner: str, names: Mapping[str, Any]) -> None:
    """Raise for a setting that does not exist, as Python does for an unknown keyword."""
    unknown = sorted(names.keys() - Settings.__annotations__.keys())
    if unknown:
        raise TypeError(f"{owner} has no setting {', '.join(unknown)}")


def variable(setting: str) -> Optional[str]:
    """Return the name of a setting's environment variable. None if it has none."""
    _, native_name = _CHECKS.get(setting, (None, setting))
    name = native.diyalog_config_variable(native_name.encode())
    return None if name is None else name.decode()


def variables() -> list[str]:
    """Return the names of all environment variables, in the order of the settings."""
    return [name for setting in Settings.__annotations__ if (name := variable(setting))]


def from_environment(setting: str) -> str:
    """Return what the environment says of a setting. Empty if it says nothing."""
    name = variable(setting)
    return os.environ.get(name, "") if name else ""


@contextlib.contextmanager
def native_config(settings: Mapping[str, Any], *, with_environment: bool) -> Iterator[Any]:
    """Make native settings from these, on top of the environment's if wanted."""
    given = {name: value for name, value in settings.items() if value is not None}
    config = native.diyalog_config_new()
    try:
        if with_environment:
            check(native.diyalog_config_load_env, config)
        _set_credentials(
            config,
            given.pop("access_key_id", None),
            given.pop("access_key_secret", None),
            with_environment,
        )
        for name, value in given.items():
            converted, setter = _CHECKS[name]
            check(getattr(native, f"diyalog_config_set_{setter}"), config, converted(name, value))
        yield config
    finally:
        native.diyalog_config_free(config)


def _set_credentials(
    config: Any, key_id: Optional[str], secret: Union[str, bytes, None], with_environment: bool
) -> None:
    if key_id is None and secret is None:
        return

    def other_half(setting: str) -> bytes:
        return from_environment(setting).encode() if with_environment else b""

    # The library accepts both at once: the half that is not set is the environment's, or empty,
    # which the library reports by name.
    if key_id is None:
        key_id_bytes = other_half("access_key_id")
    else:
        key_id_bytes = arguments.text("access_key_id", key_id)
    if secret is None:
        secret_bytes = other_half("access_key_secret")
    else:
        secret_bytes = arguments.secret("access_key_secret", secret)
    check(
        native.diyalog_config_set_credentials_bytes,
        config,
        key_id_bytes,
        secret_bytes,
        len(secret_bytes),
    )
