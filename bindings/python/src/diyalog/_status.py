"""The answer."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from diyalog import _native as native

_NO_SUCH_CUSTOMER = 400


class HelpType(enum.Enum):
    """The kind of an online help session."""

    INBOUND = native.DIYALOG_HELP_TYPE_INBOUND
    """The customer called."""

    OUTBOUND = native.DIYALOG_HELP_TYPE_OUTBOUND
    """The staff called."""

    OTHER = native.DIYALOG_HELP_TYPE_OTHER
    """A kind that the API's documentation does not list; ``help_type_text`` has it."""


@dataclass(frozen=True)
class HelpStatus:
    """Whether a customer is in an online help session, and with whom."""

    is_in_help: bool
    """Whether the customer is in an active session right now."""

    help_type: HelpType | None = None
    """Which kind of session; None where the answer names none."""

    help_type_text: str | None = None
    """The kind as answered, such as ``"inbound"``; None where the answer names none."""

    staff_id: str | None = None
    """User id of the member of staff who serves the customer; None where the answer names none."""

    error_code: int | None = None
    """``errorCode`` of the answer; None where there is none."""

    @property
    def customer_found(self) -> bool:
        """Whether the system knows the customer: False where ``error_code`` is 400."""
        return self.error_code != _NO_SUCH_CUSTOMER


# A look at this costs 0.08 us, calling the enum ten times that.
_HELP_TYPES = {kind.value: kind for kind in HelpType}


def from_native(status: native.diyalog_help_status) -> HelpStatus:
    """Copy an answer; the native one is to be cleared after it."""
    return HelpStatus(
        status.is_in_help == 1,
        _HELP_TYPES.get(status.help_type),
        _text(status.help_type_text),
        _text(status.staff_id),
        status.error_code or None,
    )


def _text(copied: bytes | None) -> str | None:
    return None if copied is None else copied.decode()
