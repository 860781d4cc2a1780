"""All segments asked about one contact at once, which costs little more than asking a few."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from engine.rules import Facts, Rule
from engine.rules.index.shelf import Shelf

# Sets of segments that events name; batches name the same few again and again.
_REMEMBERED: Final = 256
# Rules that went stay in the index until there are more of them than of rules.
_FEW_GONE: Final = 64


@dataclass(slots=True)
class Together:
    """One index over the rules of all segments at one moment.

    The index is shared with the moments before: whoever is at work with one of those still finds
    its rules there. A rule's number in it is never given to another.
    """

    _index: Shelf[int] = field(default_factory=Shelf)
    _rules: dict[int, Rule] = field(default_factory=dict)
    _numbers: dict[int, int] = field(default_factory=dict)
    _segments: dict[int, int] = field(default_factory=dict)
    _bits: dict[frozenset[int], int] = field(default_factory=dict)

    def changed_to(self, rules: Mapping[int, Rule]) -> Together:
        """The same for these rules; this one stays as it is."""
        index = self._index
        numbers = {id_: self._numbers[id_] for id_ in rules if self._rules.get(id_) is rules[id_]}
        if len(index) - len(numbers) > max(_FEW_GONE, len(rules)):
            index, numbers = Shelf(), {}
        for id_, rule in rules.items():
            if id_ not in numbers:
                numbers[id_] = len(index)
                index.add(numbers[id_], rule.root)
        return Together(index, dict(rules), numbers, {at: id_ for id_, at in numbers.items()})

    def holding(
        self, among: AbstractSet[int], facts: Facts, now: datetime, zone: str
    ) -> frozenset[int]:
        """Those of `among` whose rule holds."""
        found = self._index.matching(facts, now, zone, self._set_of(frozenset(among)))
        return frozenset([self._segments[number] for number in found])

    def _set_of(self, among: frozenset[int]) -> int:
        bits = self._bits.get(among)
        if bits is None:
            if len(self._bits) >= _REMEMBERED:
                self._bits.clear()
            numbers = [self._numbers[id_] for id_ in among & self._numbers.keys()]
            bits = self._bits[among] = self._index.bits(numbers)
        return bits
