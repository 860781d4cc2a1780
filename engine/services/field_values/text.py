"""Words as people type them."""

from __future__ import annotations

import re

from engine.services.field_values.refusal import ValueRefused, shown

SHORT = 500
LONG = 50_000
# Tab and line ends may stand in long text. PostgreSQL cannot store NUL at all.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


def short_text(value: object) -> str:
    """One line: outer space goes, inner line ends become spaces."""
    return _checked(" ".join(_text(value).split()), SHORT)


def long_text(value: object) -> str:
    return _checked(_text(value).strip(), LONG)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueRefused("not_text", f"{shown(value)} is not text.")
    return str(value)


def _checked(text: str, longest: int) -> str:
    if len(text) > longest:
        raise ValueRefused(
            "too_long", f"{shown(text)} has {len(text):,} characters; at most {longest:,} fit."
        )
    if _CONTROL.search(text):
        raise ValueRefused("control_character", "holds control characters, which are not text.")
    return text
