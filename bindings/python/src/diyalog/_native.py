"""The C interface: the constants, types and functions of include/diyalog.h.

Nothing else in the package declares any of it. A test compares this module with the header.

The library is loaded when its first function is used: ``diyalog.testing``, the errors and the
results work without it.
"""

from __future__ import annotations

from ctypes import (
    CFUNCTYPE,
    POINTER,
    Structure,
    c_char_p,
    c_int32,
    c_size_t,
    c_ssize_t,
    c_uint32,
    c_void_p,
)
from typing import Any

from diyalog import _library

DIYALOG_DATE_ZONE_GMT = 0
DIYALOG_DATE_ZONE_NUMERIC = 1

DIYALOG_LOG_ERROR = 1
DIYALOG_LOG_WARN = 2
DIYALOG_LOG_INFO = 3
DIYALOG_LOG_DEBUG = 4

DIYALOG_HELP_TYPE_NONE = 0
DIYALOG_HELP_TYPE_INBOUND = 1
DIYALOG_HELP_TYPE_OUTBOUND = 2
DIYALOG_HELP_TYPE_OTHER = 3

DIYALOG_OK = 0
DIYALOG_ERROR_INVALID_ARGUMENT = 1
DIYALOG_ERROR_INVALID_CONFIG = 2
DIYALOG_ERROR_CANCELLED = 3
DIYALOG_ERROR_TIMEOUT = 10
DIYALOG_ERROR_RESOLVE = 11
DIYALOG_ERROR_CONNECT = 12
DIYALOG_ERROR_TLS = 13
DIYALOG_ERROR_PROXY = 14
DIYALOG_ERROR_CONNECTION_LOST = 15
DIYALOG_ERROR_HEADERS_MISSING = 20
DIYALOG_ERROR_AUTHORIZATION_FORMAT = 21
DIYALOG_ERROR_DATE_FORMAT = 22
DIYALOG_ERROR_UNAUTHORIZED = 23
DIYALOG_ERROR_CLOCK_SKEW = 24
DIYALOG_ERROR_SERVER = 25
DIYALOG_ERROR_HTTP_STATUS = 26
DIYALOG_ERROR_INVALID_RESPONSE = 30
DIYALOG_ERROR_INTERNAL = 90

# Of diyalog_queue_next: wait as long as something is pending.
DIYALOG_WAIT_FOREVER = 2**32 - 1

diyalog_log_callback = CFUNCTYPE(None, c_int32, c_char_p, c_void_p)
diyalog_interrupt_callback = CFUNCTYPE(c_int32, c_void_p)
diyalog_wake_callback = CFUNCTYPE(None, c_void_p)


class diyalog_cancellation(Structure):
    """Opaque."""


class diyalog_client(Structure):
    """Opaque."""


class diyalog_completion(Structure):
    """Opaque."""


class diyalog_config(Structure):
    """Opaque."""


class diyalog_error(Structure):
    """Opaque."""


class diyalog_queue(Structure):
    """Opaque."""


class diyalog_call_options(Structure):
    """Per-call overrides of the client's settings."""

    _fields_ = (
        ("struct_size", c_uint32),
        ("timeout_ms", c_uint32),
        ("requester_user_id", c_char_p),
        ("cancellation", POINTER(diyalog_cancellation)),
        ("interrupt", diyalog_interrupt_callback),
        ("interrupt_data", c_void_p),
        ("repeatable", c_int32),
        ("log_level", c_int32),
    )


class diyalog_help_status(Structure):
    """A status, which owns its texts: free them with diyalog_help_status_clear.

    Reading a c_char_p field copies the text and leaves the address in place. (A c_char_p that a
    function returns loses the address, so the text could not be freed.)
    """

    _fields_ = (
        ("struct_size", c_uint32),
        ("is_in_help", c_int32),
        ("help_type", c_int32),
        ("error_code", c_int32),
        ("help_type_text", c_char_p),
        ("staff_id", c_char_p),
    )


class diyalog_response(Structure):
    """A response, which owns its body: free it with diyalog_response_clear."""

    _fields_ = (
        ("struct_size", c_uint32),
        ("http_status", c_int32),
        ("body_length", c_size_t),
        # JSON, which holds no NUL.
        ("body", c_char_p),
    )


class diyalog_signed_headers(Structure):
    """Headers, which own their texts: free them with diyalog_signed_headers_clear."""

    _fields_ = (
        ("struct_size", c_uint32),
        ("reserved", c_int32),
        ("date", c_char_p),
        ("requester_user_id", c_char_p),
        ("authorization", c_char_p),
    )


_cancellation = POINTER(diyalog_cancellation)
_client = POINTER(diyalog_client)
_completion = POINTER(diyalog_completion)
_config = POINTER(diyalog_config)
_error = POINTER(diyalog_error)
_error_out = POINTER(_error)
_help_status = POINTER(diyalog_help_status)
_options = POINTER(diyalog_call_options)
_queue = POINTER(diyalog_queue)
_response = POINTER(diyalog_response)
_signed_headers = POINTER(diyalog_signed_headers)

# For each function its result and its parameters.
FUNCTIONS: dict[str, tuple[Any, ...]] = {
    "diyalog_version": (c_char_p,),
    "diyalog_version_number": (c_int32,),
    "diyalog_config_new": (_config,),
    "diyalog_config_free": (None, _config),
    "diyalog_config_set_endpoint": (c_int32, _config, c_char_p, _error_out),
    "diyalog_config_set_credentials": (c_int32, _config, c_char_p, c_char_p, _error_out),
    # The secret is uint8_t * in the header. c_char_p passes the address of a bytes object, NULs
    # and all; an array of c_uint8 would be one more copy of the secret that nobody wipes.
    "diyalog_config_set_credentials_bytes": (
        c_int32,
        _config,
        c_char_p,
        c_char_p,
        c_size_t,
        _error_out,
    ),
    "diyalog_config_set_requester_user_id": (c_int32, _config, c_char_p, _error_out),
    "diyalog_config_set_timeout_ms": (c_int32, _config, c_uint32, _error_out),
    "diyalog_config_set_attempt_timeout_ms": (c_int32, _config, c_uint32, _error_out),
    "diyalog_config_set_max_retries": (c_int32, _config, c_uint32, _error_out),
    "diyalog_config_set_ca_file": (c_int32, _config, c_char_p, _error_out),
    "diyalog_config_set_system_trust": (c_int32, _config, c_int32, _error_out),
    "diyalog_config_set_client_certificate_file": (c_int32, _config, c_char_p, _error_out),
    "diyalog_config_set_client_key_file": (c_int32, _config, c_char_p, _error_out),
    "diyalog_config_set_proxy": (c_int32, _config, c_char_p, _error_out),
    "diyalog_config_set_allow_plain_http": (c_int32, _config, c_int32, _error_out),
    "diyalog_config_set_clock_correction": (c_int32, _config, c_int32, _error_out),
    "diyalog_config_set_date_zone": (c_int32, _config, c_int32, _error_out),
    "diyalog_config_set_max_idle_connections": (c_int32, _config, c_uint32, _error_out),
    "diyalog_config_set_user_agent_suffix": (c_int32, _config, c_char_p, _error_out),
    "diyalog_config_load_env": (c_int32, _config, _error_out),
    "diyalog_config_variable": (c_char_p, c_char_p),
    "diyalog_config_set_log_callback": (
        c_int32,
        _config,
        diyalog_log_callback,
        c_void_p,
        c_int32,
        _error_out,
    ),
    "diyalog_client_new": (c_int32, _config, POINTER(_client), _error_out),
    "diyalog_client_free": (None, _client),
    "diyalog_client_is_customer_in_online_help": (
        c_int32,
        _client,
        c_char_p,
        _options,
        _help_status,
        _error_out,
    ),
    "diyalog_client_post": (
        c_int32,
        _client,
        c_char_p,
        c_char_p,
        _options,
        _response,
        _error_out,
    ),
    "diyalog_response_clear": (None, _response),
    "diyalog_client_sign": (
        c_int32,
        _client,
        c_char_p,
        c_char_p,
        c_char_p,
        c_size_t,
        _options,
        _signed_headers,
        _error_out,
    ),
    "diyalog_signed_headers_clear": (None, _signed_headers),
    "diyalog_help_status_clear": (None, _help_status),
    "diyalog_error_code": (c_int32, _error),
    "diyalog_error_message": (c_char_p, _error),
    "diyalog_error_http_status": (c_int32, _error),
    "diyalog_error_is_retryable": (c_int32, _error),
    "diyalog_error_argument": (c_char_p, _error),
    "diyalog_error_retry_after_ms": (c_uint32, _error),
    "diyalog_error_code_name": (c_char_p, c_int32),
    "diyalog_error_free": (None, _error),
    "diyalog_cancellation_new": (_cancellation,),
    "diyalog_cancellation_cancel": (None, _cancellation),
    "diyalog_cancellation_free": (None, _cancellation),
    "diyalog_queue_new": (c_int32, _client, c_uint32, POINTER(_queue), _error_out),
    "diyalog_queue_set_wake_callback": (
        c_int32,
        _queue,
        diyalog_wake_callback,
        c_void_p,
        _error_out,
    ),
    "diyalog_queue_set_wake_fd": (c_int32, _queue, c_ssize_t, _error_out),
    "diyalog_queue_submit": (c_int32, _queue, c_char_p, _options, c_void_p, _error_out),
    "diyalog_queue_submit_post": (
        c_int32,
        _queue,
        c_char_p,
        c_char_p,
        _options,
        c_void_p,
        _error_out,
    ),
    "diyalog_queue_next": (_completion, _queue, c_uint32),
    "diyalog_queue_pending": (c_size_t, _queue),
    "diyalog_queue_cancel": (None, _queue),
    "diyalog_queue_free": (None, _queue),
    "diyalog_completion_tag": (c_void_p, _completion),
    "diyalog_completion_code": (c_int32, _completion),
    "diyalog_completion_status": (_help_status, _completion),
    "diyalog_completion_response": (_response, _completion),
    "diyalog_completion_error": (_error, _completion),
    "diyalog_completion_free": (None, _completion),
}


def __getattr__(name: str) -> Any:
    """Look a function up when it is first used. From then on it is a name of this module."""
    if name not in FUNCTIONS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        function = getattr(_library.loaded(), name)
    except AttributeError:
        raise _library.missing_function(name) from None
    function.restype, *function.argtypes = FUNCTIONS[name]
    globals()[name] = function
    return function
