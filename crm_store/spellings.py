"""Looking for what somebody is called in texts and bytes: the spellings it may have there."""

from __future__ import annotations

import json
from collections.abc import Sequence
from urllib.parse import quote, quote_plus


def in_bytes(texts: Sequence[str]) -> str | None:
    """One regular expression for these texts in bytes that were written out by
    `encode(…, 'escape')`: as UTF-8, as JSON escapes letters, and as addresses and forms do. None
    where there is nothing to look for."""
    found = [spelled for words in texts for spelled in _in_bytes(words)]
    return f"(?i)({'|'.join(found)})" if found else None


def _in_bytes(words: str) -> list[str]:
    # a backslash that came is written out as two, a byte beyond ASCII as one and three digits
    utf8 = words.replace("\\", "\\\\").encode()
    forms = {"".join(chr(byte) if byte < 0x80 else f"\\{byte:03o}" for byte in utf8)}
    for escaped in (json.dumps(words)[1:-1], quote(words, safe=""), quote_plus(words)):
        forms.add(escaped.replace("\\", "\\\\"))
    if not words.isascii():
        return sorted(_literally(one) for one in forms)
    before = r"(^|[^[:alnum:]]|%[0-9a-f][0-9a-f]|\\\\[bfnrt])"
    return sorted(f"{before}{_literally(one)}($|[^[:alnum:]])" for one in forms)


def whole_words(words: str) -> str:
    """A regular expression of PostgreSQL for these words, whatever their case: whole words, so that
    "An" is not found in "manager". Scripts without spaces have no word's end to look for."""
    spelled = _literally(words)
    whole = rf"(^|[^[:alnum:]]){spelled}($|[^[:alnum:]])" if words.isascii() else spelled
    return f"(?i){whole}"


def _literally(words: str) -> str:
    return "".join(c if c.isalnum() else f"\\{c}" if c.isascii() else c for c in words)
