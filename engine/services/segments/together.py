"""All segments asked about one contact at once, which costs little more than asking a few."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime

from engine.rules import Facts, Rule
from engine.rules.index.shelf import Shelf

# Sets of segments that events name; batches name the same few again and again.
_REMEMBERED = 256


@dataclass(slots=True)
class Together:
    """One index over the rules of all segments, kept current as they come and go."""

    _index: Shelf[int] = field(default_factory=Shelf)
    _rules: dict[int, Rule] = field(default_factory=dict)
    _bits: dict[frozenset[int], int] = field(default_factory=dict)

    def become(self, rules: Mapping[int, Rule]) -> None:
        """Hold these rules and no others."""
        for id_ in [id_ for id_, rule in self._rules.items() if rules.get(id_) is not rule]:
            self._index.remove(id_)
            del self._rules[id_]
        if self._index.is_worn_out:
            self._index, self._rules = Shelf(), {}
        for id_, rule in rules.items():
            if id_ not in self._rules:
                self._index.add(id_, rule.root)
                self._rules[id_] = rule
        self._bits.clear()

    def holding(
        self, among: AbstractSet[int], facts: Facts, now: datetime, zone: str
    ) -> frozenset[int]:
        """Those of `among` whose rule holds."""
        return frozenset(self._index.matching(facts, now, zone, self._set_of(frozenset(among))))

    def _set_of(self, among: frozenset[int]) -> int:
        bits = self._bits.get(among)
        if bits is None:
            if len(self._bits) >= _REMEMBERED:
                self._bits.clear()
            bits = self._bits[among] = self._index.bits(among)
        return bits
