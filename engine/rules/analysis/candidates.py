"""Example values for a piece of a value's range, the most ordinary first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from engine.rules import ir
from engine.rules.analysis.cuts import Cut
from engine.rules.analysis.variable import Piece
from engine.rules.moments import resolver
from engine.rules.types import Type

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Clock:
    """The now and zone an example is made for."""

    now: datetime
    zone: str

    def value(self, cut: Cut) -> Any:
        """The value at a cut, with moments worked out."""
        at = cut.at
        return resolver(at)(self.now, self.zone) if isinstance(at, ir.Moment) else at


def holds(piece: Piece, value: Any, clock: Clock) -> bool:
    """Whether the value lies in the piece at this now."""
    if piece.low is not None:
        low = clock.value(piece.low)
        if value < low or (piece.low.after and value == low):
            return False
    if piece.high is not None:
        high = clock.value(piece.high)
        if value > high or (not piece.high.after and value == high):
            return False
    return True


def candidates(piece: Piece, kind: Type, clock: Clock) -> Iterator[Any]:
    """A few values of the type in the piece; none where it is empty at this now."""
    low = None if piece.low is None else clock.value(piece.low)
    high = None if piece.high is None else clock.value(piece.high)
    for value in _ideas(kind, low, high, clock):
        if holds(piece, value, clock):
            yield value


def _ideas(kind: Type, low: Any, high: Any, clock: Clock) -> Iterator[Any]:
    match kind:
        case Type.NUMBER:
            yield from _numbers(low, high)
        case Type.TEXT:
            yield from _texts(low, high)
        case Type.DATE:
            yield from _times(low, high, clock.now.date(), _DAY)
        case Type.DATETIME:
            yield from _times(low, high, clock.now, _SECOND)


def _numbers(low: float | None, high: float | None) -> Iterator[float]:
    if low is not None:
        yield from (low, int(low) + 1, low + 1)
    if high is not None:
        yield from (int(high), int(high) - 1, high)
    if low is not None and high is not None:
        yield low + (high - low) / 2
    yield 0


def _texts(low: str | None, high: str | None) -> Iterator[str]:
    yield from ("a", "A")
    if low is not None:
        yield from (low, low + "a", low + " ", low + "\x01")
    if high is not None:
        yield from (high, high[:-1], high[:-1] + "!", "")


def _times(low: Any, high: Any, now: Any, step: timedelta) -> Iterator[date | datetime]:
    yield now
    try:
        if low is not None:
            yield from (low + _DAY, low, low + step)
        if high is not None:
            yield from (high - _DAY, high, high - step)
        if low is not None and high is not None:
            yield low + (high - low) / 2
    except OverflowError:
        # the end of the calendar
        return
