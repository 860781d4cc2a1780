"""What a row says of before and after, as lines that can be compared. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import orjson

MOST_LINES: Final = 200
LONGEST_VALUE: Final = 1_000


class Difference(NamedTuple):
    """One place: texts are empty where there is nothing."""

    place: str
    before: str
    after: str

    @property
    def differs(self) -> bool:
        return self.before != self.after


def differences(before: Any, after: Any) -> list[Difference]:
    """Place by place, those that differ first; at most `MOST_LINES`."""
    old, new = dict(_leaves("", before)), dict(_leaves("", after))
    found = [
        Difference(place, old.get(place, ""), new.get(place, ""))
        for place in dict.fromkeys([*old, *new])
    ]
    return sorted(found, key=lambda one: not one.differs)[:MOST_LINES]


def _leaves(place: str, value: Any) -> list[tuple[str, str]]:
    """Objects are opened; lists stand as a whole, because their places mean nothing by number."""
    if isinstance(value, Mapping) and value:
        return [
            leaf
            for name, inner in value.items()
            for leaf in _leaves(f"{place}.{name}" if place else str(name), inner)
        ]
    return [] if value is None and not place else [(place, _text(value))]


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value[:LONGEST_VALUE]
    return orjson.dumps(value).decode()[:LONGEST_VALUE]
