"""The results of lookups. They import without the native library, as the errors do.

Annotations are not postponed here, for the reason that ``_errors`` has.
"""

import enum
from dataclasses import dataclass
from typing import Any, Optional

from diyalog._errors import Error

_NO_SUCH_CUSTOMER = 400


class HelpType(str, enum.Enum):
    """The kind of an online help session. A str: ``HelpType.INBOUND == "inbound"``."""

    INBOUND = "inbound"
    """The customer called."""

    OUTBOUND = "outbound"
    """The staff member called."""

    OTHER = "other"
    """A kind that the API does not document; ``help_type_text`` has the text as received."""

    # Python 3.11 and older would print "HelpType.INBOUND".
    def __str__(self) -> str:
        return self.value

    def __format__(self, spec: str) -> str:
        return format(self.value, spec)


@dataclass(frozen=True)
class HelpStatus:
    """Whether a customer is in an online help session, and with whom. True if in one."""

    is_in_help: bool
    """Whether the customer is in an active session right now."""

    help_type: Optional[HelpType] = None
    """Kind of the session. None if not set."""

    help_type_text: Optional[str] = None
    """Kind of the session as received. None if not set."""

    staff_id: Optional[str] = None
    """User id of the staff member in the session. None if not set."""

    error_code: Optional[int] = None
    """``errorCode`` of the response. None if not set."""

    @property
    def customer_found(self) -> bool:
        """Whether the system knows the customer: False if ``error_code`` is 400."""
        return self.error_code != _NO_SUCH_CUSTOMER

    def __bool__(self) -> bool:
        return self.is_in_help

    def to_dict(self) -> dict[str, Any]:
        """Return the fields and ``customer_found`` as a dict that ``json.dumps`` accepts."""
        return {
            "is_in_help": self.is_in_help,
            "help_type": self.help_type and self.help_type.value,
            "help_type_text": self.help_type_text,
            "staff_id": self.staff_id,
            "error_code": self.error_code,
            "customer_found": self.customer_found,
        }


@dataclass(frozen=True)
class Lookup:
    """The result of one lookup among many: a status or an error, never both."""

    customer_id: str
    """The customer id, as it was passed in."""

    status: Optional[HelpStatus] = None
    """The status, which is false if the customer is not in help. None if the lookup failed."""

    error: Optional[Error] = None
    """Why the lookup failed. None if it succeeded."""

    def unwrap(self) -> HelpStatus:
        """Return the status, or raise the error."""
        if self.error is not None:
            raise self.error
        assert self.status is not None
        return self.status
