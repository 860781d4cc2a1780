"""Headers that every answer of the designer carries.

NiceGUI starts its pages with inline scripts and compiles Vue templates in the browser, hence
'unsafe-inline' and 'unsafe-eval' for scripts; nothing may come from another host.
"""

from __future__ import annotations

from typing import Final

_EVERYWHERE: Final = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; frame-src 'self'; frame-ancestors 'none'; "
    "object-src 'none'; base-uri 'self'; form-action 'self'"
)
PAGE_POLICY: Final = f"{_EVERYWHERE}; script-src 'self' 'unsafe-inline' 'unsafe-eval'"
PLAIN_POLICY: Final = f"{_EVERYWHERE}; script-src 'self'"
# A mail in its frame: no scripts, no forms, nothing fetched; pictures only when they came with it.
MAIL_POLICY: Final = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"

HEADERS: Final[dict[str, str]] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Content-Security-Policy": PAGE_POLICY,
}
