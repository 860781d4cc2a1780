"""Secrets and people's data taken out of log lines, wherever in a line they stand.

Names say what a value is; where they do not, its shape does: addresses, telephone numbers, keys of
ours and of others, tokens in links, values that PostgreSQL quotes in its errors. Every pattern is
linear in the length of the text, which is cut first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping
from typing import Any, Final

# Names under which a secret might be logged by mistake.
SECRET_NAMES: Final = (
    *("password", "secret", "token", "authorization", "api_key", "write_key", "cookie"),
    *("database_url", "passwd", "credential", "otp", "recovery_code", "private_key"),
)
# Names under which people's data might be.
PERSONAL_NAMES: Final = ("email", "phone", "birthday", "first_name", "last_name", "full_name")
HIDDEN: Final = "(hidden)"
# A traceback of a deep call is about this long; of anything longer the two ends tell most.
LONGEST_TEXT: Final = 16_000
DEEPEST: Final = 4
MOST_ENTRIES: Final = 100

_SHAPES: Final = (
    # scheme://user:password@host
    (re.compile(r"://[^\s/@:]{0,256}:[^\s/@]{0,256}@"), "://(hidden)@"),
    # DETAIL lines of PostgreSQL: the values of a row or of a key
    (re.compile(r"Key \([^)\n]{0,500}\)=\([^\n]{0,2000}\)"), "Key (hidden)"),
    (re.compile(r"Failing row contains \([^\n]{0,8000}"), "Failing row (hidden)"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,2000}"), r"\1 (hidden)"),
    (re.compile(r"\b(?:cad_|cwk_|whsec_|SG\.|sk_|pk_)[A-Za-z0-9_.=+/-]{8,500}"), HIDDEN),
    # the public pages' tokens
    (re.compile(r"/([upocaivdfs])/[A-Za-z0-9_.~=-]{16,1000}"), r"/\1/(hidden)"),
    (
        re.compile(
            r"(?i)([?&](?:token|key|secret|password|code|state|sig|signature|api_key|access_token)"
            r"=)[^&\s\"']{1,2000}"
        ),
        r"\1(hidden)",
    ),
    (
        re.compile(r"[^\s@<>\"'(),:;=/\\\[\]]{1,64}(?:@|%40)[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"),
        "(address)",
    ),
    (re.compile(r"(?<![\w.+])\+\d[\d ().-]{6,18}\d(?![\w:])"), "(phone)"),
)
_CONTROLS: Final = {
    code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\t"
}


def scrub(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor; comes last before the line is drawn."""
    del logger, method
    for name in list(event):
        if name == "exception":
            event[name] = scrubbed_text(str(event[name]))
        elif name not in ("timestamp", "level", "logger"):
            event[name] = _scrubbed(name, event[name], DEEPEST)
    return event


def scrubbed_text(text: str) -> str:
    """`text` without what no log may hold; line breaks are kept."""
    if len(text) > LONGEST_TEXT:
        half = LONGEST_TEXT // 2
        text = f"{text[:half]} … {len(text) - LONGEST_TEXT} characters left out … {text[-half:]}"
    for shape, instead in _SHAPES:
        text = shape.sub(instead, text)
    return text


def _scrubbed(name: str, value: Any, deep: int) -> Any:
    lowered = name.lower()
    if any(secret in lowered for secret in SECRET_NAMES) and not isinstance(value, bool):
        return HIDDEN
    if lowered in PERSONAL_NAMES:
        return HIDDEN
    if isinstance(value, str):
        # one event is one line: what came from outside must not write lines of its own
        return scrubbed_text(value).translate(_CONTROLS)
    if value is None or isinstance(value, bool | int | float):
        return value
    if deep == 0:
        return "…"
    if isinstance(value, Mapping):
        entries = list(value.items())[:MOST_ENTRIES]
        return {
            _scrubbed("", str(key), 1): _scrubbed(str(key), one, deep - 1) for key, one in entries
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [_scrubbed("", one, deep - 1) for one in list(value)[:MOST_ENTRIES]]
    return _scrubbed(name, str(value), deep - 1)
