"""Saying no to a value, with what would be accepted."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_SHOWN = 60


class ValueRefused(ValueError):
    """`code` is stable; the message names the value and what to write instead."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def shown(value: object) -> str:
    """The value as a message quotes it: never longer than a line."""
    text = str(value)
    return f'"{text if len(text) <= _SHOWN else text[:_SHOWN] + "…"}"'


def nearest(name: str, known: Iterable[str]) -> str:
    """` Did you mean "x"?`, or nothing when no known name is close."""
    by_folded = {candidate.casefold(): candidate for candidate in known}
    close = get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.6)
    return f' Did you mean "{by_folded[close[0]]}"?' if close else ""
