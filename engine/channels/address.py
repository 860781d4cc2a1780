"""E-mail addresses as they may travel.

Only the plain form is taken (no quoted local parts, no [1.2.3.4]): what people have, and what
cannot carry a second command or header. Forms and imports check more than this.
"""

from __future__ import annotations

import re

_ADDRESS = re.compile(
    r"[^\s\x00-\x20\x7f\"(),:;<>@\[\\\]]{1,64}@[^\s\x00-\x20\x7f\"(),:;<>@\[\\\]]{1,253}"
)
# RFC 5321 4.5.3.1.3 allows 256 with the brackets around it.
LONGEST_BYTES = 254


def is_address(address: str) -> bool:
    """Whether the text can stand between < and > in a header and in an SMTP command."""
    return _ADDRESS.fullmatch(address) is not None and len(address.encode()) <= LONGEST_BYTES


def on_the_wire(address: str) -> str:
    """The address with its domain in ASCII, as every mail server knows it; the name before the @
    stays. Raises ValueError when there is no such domain."""
    name, _, domain = address.rpartition("@")
    return address if domain.isascii() else f"{name}@{domain.encode('idna').decode()}"
