"""One value, and for each thing it may be the rules that stay possible.

A set of rules is an integer, one bit a rule. Sets are worked out when a value is first met and kept
until a rule changes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.rules.evaluate import ValueOf
from engine.rules.index.limits import Limits, SetLimits
from engine.rules.index.thresholds import Thresholds

# Values seen that are remembered one by one; beyond, they are looked up by their place.
_REMEMBERED = 1_024
_FEW_IN_KIND = frozenset({str, int, bool})

Masks = dict[Any, int]


class ValueProbe:
    """The rules that limit one value. `full` is the set of all rules there can be, and must be
    given anew when that grows.
    """

    __slots__ = (
        "_by_place",
        "_hits",
        "_misses",
        "_not_absent",
        "_read",
        "_thresholds",
        "_wanting",
        "full",
        "masks",
        "users",
    )

    def __init__(self, read: ValueOf, full: int) -> None:
        self._read = read
        self.full = full
        self.users = 0
        self.masks: Masks = {}
        self._by_place: dict[int, int] = {}
        # Rules that list the values they want, and those lists turned round.
        self._wanting = 0
        self._hits: Masks = {}
        self._misses: Masks = {}
        self._not_absent = 0
        self._thresholds = Thresholds()

    def flip(self, bit: int, limits: Limits) -> None:
        """Add a rule, or take it out when it is there with these limits, which are settled."""
        self.users ^= bit
        if not limits.absent:
            self._not_absent ^= bit
        if limits.among is not None:
            self._wanting ^= bit
            for value in limits.among:
                _flip(self._hits, value, bit)
        for value in limits.outside:
            _flip(self._misses, value, bit)
        self._thresholds.flip(bit, limits.low, limits.high)
        self.forget()

    def forget(self) -> None:
        self.masks.clear()
        self._by_place.clear()

    def reader(self) -> ValueOf:
        return self._read

    def mask_of(self, value: Any) -> int:
        """The rules that stay possible with this value; to be asked when `masks` has no answer."""
        if value is None:
            mask = self.full ^ self._not_absent
            self.masks[None] = mask
            return mask
        named = value in self._hits or value in self._misses
        mask = self._mask_of_named(value) if named else self._mask_at(self._thresholds.place(value))
        if named or (value.__class__ in _FEW_IN_KIND and len(self.masks) < _REMEMBERED):
            self.masks[value] = mask
        return mask

    def _mask_of_named(self, value: Any) -> int:
        out = self._wanting ^ self._hits.get(value, 0)
        out |= self._misses.get(value, 0)
        out |= self._thresholds.ruled_out(self._thresholds.place(value))
        return self.full ^ out

    def _mask_at(self, place: int) -> int:
        mask = self._by_place.get(place)
        if mask is None:
            mask = self.full ^ (self._wanting | self._thresholds.ruled_out(place))
            if len(self._by_place) >= _REMEMBERED:
                self._by_place.clear()
            self._by_place[place] = mask
        return mask


class SetProbe:
    """The rules that ask what a set of texts holds."""

    __slots__ = ("_needs", "_read", "_refuses", "_wanting", "_wants", "full", "masks", "users")

    def __init__(self, read: ValueOf, full: int) -> None:
        self._read = read
        self.full = full
        self.users = 0
        self.masks: Masks = {}
        self._needs: dict[str, int] = {}
        self._refuses: dict[str, int] = {}
        self._wants: dict[str, int] = {}
        self._wanting = 0

    def flip(self, bit: int, limits: SetLimits) -> None:
        """Add a rule, or take it out when it is there; it asks for "any of" at most once."""
        self.users ^= bit
        for text in limits.all_of:
            _flip(self._needs, text, bit)
        for text in limits.none_of:
            _flip(self._refuses, text, bit)
        for options in limits.any_of:
            self._wanting ^= bit
            for text in options:
                _flip(self._wants, text, bit)
        self.forget()

    def forget(self) -> None:
        self.masks.clear()

    def reader(self) -> ValueOf:
        """Reads which of the texts that rules speak of the set holds; good until a rule changes."""
        named, read = frozenset((*self._needs, *self._refuses, *self._wants)), self._read
        held_of: Callable[[Any], frozenset[str]] = named.intersection

        def held(record: Any, instants: Any) -> frozenset[str]:
            texts = read(record, instants) or ()
            try:
                return held_of(texts)
            except TypeError:  # JSON from outside: lists in lists cannot be hashed
                return held_of(text for text in texts if isinstance(text, str))

        return held

    def mask_of(self, held: frozenset[str]) -> int:
        out = self._wanting
        for text in held:
            out &= ~self._wants.get(text, 0)
        for text in held:
            out |= self._refuses.get(text, 0)
        for text, rules in self._needs.items():
            if text not in held:
                out |= rules
        if len(self.masks) >= _REMEMBERED:
            self.masks.clear()
        mask = self.masks[held] = self.full ^ out
        return mask


def _flip(sets: dict[Any, int], key: Any, bit: int) -> None:
    left = sets.get(key, 0) ^ bit
    if left:
        sets[key] = left
    else:
        del sets[key]
