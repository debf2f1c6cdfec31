"""The settings of a client, and the native settings made of them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypedDict, Union

from diyalog import _arguments as arguments
from diyalog import _native as native
from diyalog._errors import check

_Path = Union[str, "os.PathLike[str]"]


class Settings(TypedDict, total=False):
    """The keyword arguments of ``Client``, told there."""

    endpoint: str | None
    access_key_id: str | None
    access_key_secret: str | bytes | None
    requester_user_id: str | None
    timeout: float | None
    max_retries: int | None
    ca_file: _Path | None
    system_trust: bool | None
    client_certificate_file: _Path | None
    client_key_file: _Path | None
    proxy: str | None
    allow_plain_http: bool | None
    clock_correction: bool | None
    date_zone: Literal["GMT", "+0000"] | None
    max_idle_connections: int | None
    user_agent_suffix: str | None


# How each setting but the credentials is checked, and which function takes it.
_SETTERS: dict[str, tuple[Any, Any]] = {
    "endpoint": (arguments.text, native.diyalog_config_set_endpoint),
    "requester_user_id": (arguments.text, native.diyalog_config_set_requester_user_id),
    "timeout": (arguments.milliseconds, native.diyalog_config_set_timeout_ms),
    "max_retries": (arguments.count, native.diyalog_config_set_max_retries),
    "ca_file": (arguments.path, native.diyalog_config_set_ca_file),
    "system_trust": (arguments.flag, native.diyalog_config_set_system_trust),
    "client_certificate_file": (
        arguments.path,
        native.diyalog_config_set_client_certificate_file,
    ),
    "client_key_file": (arguments.path, native.diyalog_config_set_client_key_file),
    "proxy": (arguments.text, native.diyalog_config_set_proxy),
    "allow_plain_http": (arguments.flag, native.diyalog_config_set_allow_plain_http),
    "clock_correction": (arguments.flag, native.diyalog_config_set_clock_correction),
    "date_zone": (arguments.date_zone, native.diyalog_config_set_date_zone),
    "max_idle_connections": (arguments.count, native.diyalog_config_set_max_idle_connections),
    "user_agent_suffix": (arguments.text, native.diyalog_config_set_user_agent_suffix),
}


@contextlib.contextmanager
def native_config(settings: Mapping[str, Any], *, with_environment: bool) -> Iterator[Any]:
    """Make native settings of these, over those of the environment where they are wanted."""
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
            converted, setter = _SETTERS[name]
            check(setter, config, converted(name, value))
        yield config
    finally:
        native.diyalog_config_free(config)


def _set_credentials(
    config: Any, key_id: str | None, secret: str | bytes | None, with_environment: bool
) -> None:
    if key_id is None and secret is None:
        return
    # The library takes both at once: the half that is not given is the environment's, or empty,
    # which the library refuses by name.
    others = os.environ if with_environment else {}
    if key_id is None:
        key_id_bytes = others.get("DIYALOG_ACCESS_KEY_ID", "").encode()
    else:
        key_id_bytes = arguments.text("access_key_id", key_id)
    if secret is None:
        secret_bytes = others.get("DIYALOG_ACCESS_KEY_SECRET", "").encode()
    else:
        secret_bytes = arguments.secret("access_key_secret", secret)
    check(
        native.diyalog_config_set_credentials_bytes,
        config,
        key_id_bytes,
        secret_bytes,
        len(secret_bytes),
    )
