"""Values that are typed into one line: words as they are, everything else as JSON. Pure."""

from __future__ import annotations

import json
from typing import Any


def to_text(value: Any) -> str:
    """What a person sees; `from_text` reads it back to an equal value."""
    if isinstance(value, str) and from_text(value) == value:
        return value
    return json.dumps(value, ensure_ascii=False)


def from_text(text: str) -> Any:
    """ "5" is a number, "true" a yes, "[1]" a list, "hello" itself; words in quotes are words."""
    text = text.strip()
    if text.startswith(("{", "[", '"')) or text in ("true", "false", "null") or _is_number(text):
        try:
            return json.loads(text, parse_constant=_refused)
        except ValueError:
            return text
    return text


def _is_number(text: str) -> bool:
    return bool(text) and (text[0].isdigit() or text[0] == "-") and text.isascii()


def _refused(constant: str) -> Any:
    raise ValueError(constant)
