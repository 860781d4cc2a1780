"""Headers that every answer of the designer carries.

NiceGUI compiles Vue templates in the browser and runs what the server asks for there, hence
'unsafe-eval' for scripts; it writes style attributes, hence 'unsafe-inline' for styles. Its inline
scripts carry a number that changes with every answer (`designer.page_policy`). Nothing may come
from another host.
"""

from __future__ import annotations

from typing import Final

_EVERYWHERE: Final = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; frame-src 'self'; frame-ancestors 'none'; "
    "object-src 'none'; base-uri 'self'; form-action 'self'"
)
PLAIN_POLICY: Final = f"{_EVERYWHERE}; script-src 'self'"
# A mail in its frame: no scripts, no forms, nothing fetched; pictures only when they came with it.
MAIL_POLICY: Final = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"

HEADERS: Final[dict[str, str]] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": PLAIN_POLICY,
}
# Of a page with somebody's data: a shared computer's Back button shows nothing after sign-out.
PRIVATE: Final = "no-store"


def page_policy(number: str) -> str:
    """For a page whose inline scripts carry `number`."""
    return (
        f"{_EVERYWHERE}; script-src 'self' 'nonce-{number}' 'unsafe-eval'; script-src-attr 'none'"
    )
