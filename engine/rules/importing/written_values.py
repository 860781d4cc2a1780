"""Values written out beside a fact: what a builder's text stands for there."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time

from engine.local_time import local, local_instant
from engine.rules.fact import Fact
from engine.rules.types import Type

_NUMBER = re.compile(r"-?\d{1,16}(\.\d{1,16})?", re.ASCII)
_MIDNIGHT = time()


def number(text: str) -> object:
    """The number that the text spells, or the text."""
    if not _NUMBER.fullmatch(text):
        return text
    return float(text) if "." in text else int(text)


def moment(text: str, fact: Fact, zone: str) -> str:
    """A date or instant as the fact wants it, where the text leaves no doubt; else the text.

    An instant beside a date is the local day that begins with it; a time without an offset beside
    an instant is local.
    """
    if len(text) <= 10:
        return text
    try:
        return _meant(datetime.fromisoformat(text.replace(" ", "T", 1)), fact, zone) or text
    except (ValueError, OverflowError):
        # the checker refuses what is no time, and what lies beyond the calendar once it is moved
        return text


def _meant(instant: datetime, fact: Fact, zone: str) -> str | None:
    if fact.type is Type.DATE and instant.tzinfo is not None:
        there = local(instant.astimezone(UTC), zone)
        return there.date().isoformat() if there.time() == _MIDNIGHT else None
    if fact.type is Type.DATETIME and instant.tzinfo is None:
        return local_instant(instant.date(), instant.time(), zone).isoformat()
    return None
