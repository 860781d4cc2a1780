"""The rules that are asked at one kind of occasion, arranged so that most are ruled out together.

A set of rules is an integer with a bit for each. An event's values are read once each; every value
clears the bits of the rules it rules out; what is left is asked one condition at a time.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from datetime import datetime
from typing import Generic, TypeVar

from engine.rules import ir
from engine.rules.evaluate import Test, ValueOf
from engine.rules.index.bits import bits_of
from engine.rules.index.choices import Choices, Probe, Way
from engine.rules.index.limits import Measured, SetLimits
from engine.rules.index.normal_form import alternatives
from engine.rules.index.probes import Masks, SetProbe, ValueProbe
from engine.rules.index.rows import MOST_CHOICES, Condition, Row, Speaker, row_of
from engine.rules.index.sharing import Instants, SharingPredicates, is_cheap
from engine.rules.rule import Facts

Key = TypeVar("Key", bound=Hashable)
Ask = tuple[ValueOf, Masks, Probe]
Settled = set[Speaker | Condition]

# From so many rules on, ruling out all of them at once costs less than asking each.
_WORTH_A_PROBE = 3
_WORTH_A_WALK = 16
_WORTH_ASKING_FIRST = 8
# So few rules are asked what is left of them sooner than anything more is looked up.
_FEW_LEFT = 12
# Closures of rules that were taken out stay until there are more of them than of rules.
_FEW_TAKEN = 64


class Shelf(Generic[Key]):
    """Rules by key. A rule that is an "or" takes several places, and is found once."""

    def __init__(self) -> None:
        self._compiler = SharingPredicates()
        self._places_of: dict[Key, tuple[int, ...]] = {}
        self._keys: list[Key | None] = []
        self._rows: list[Row | None] = []
        self._free: list[int] = []
        self._occupied = 0
        self._full = (1 << 64) - 1
        self._split = 0
        self._taken = 0
        self._values: dict[Measured, ValueProbe] = {}
        self._sets: dict[ir.Field, SetProbe] = {}
        self._choices = [Choices(self._new_probe) for _ in range(MOST_CHOICES)]
        self._conditions: dict[ir.Predicate, Condition] = {}
        self._often: set[Condition] = set()
        self._instants: dict[str, Instants] = {}
        self._arranged = False
        # What `_arrange` makes of all that.
        self._probing: list[Ask] = []
        self._choosing: list[tuple[int, list[Ask]]] = []
        self._walking: list[Ask] = []
        self._asking: list[tuple[Test, int]] = []
        # Who has settled what, and which tests that leaves a row with, by how many rows were left.
        self._looked_at: Settled = set()
        self._settled: Settled = set()
        self._left_by_few: list[tuple[Test, ...] | None] = []
        self._left_by_many: list[tuple[Test, ...] | None] = []

    def __len__(self) -> int:
        return len(self._places_of)

    def __contains__(self, key: Key) -> bool:
        return key in self._places_of

    def add(self, key: Key, root: ir.Predicate) -> None:
        """Put a rule in; `key` is not there yet."""
        rows = [row_of(nodes, self._conditions) for nodes in alternatives(root)]
        self._places_of[key] = tuple([self._put(key, row) for row in rows])
        self._split += len(rows) > 1

    def remove(self, key: Key) -> None:
        places = self._places_of.pop(key)
        self._split -= len(places) > 1
        for place in places:
            self._take(place)
        self._taken += 1

    @property
    def is_worn_out(self) -> bool:
        """Whether so many rules were taken out that what they shared is mostly of no use."""
        return self._taken > max(_FEW_TAKEN, len(self._places_of))

    def bits(self, keys: Iterable[Key]) -> int:
        """The set of these rules, as far as they are here."""
        places = (place for key in keys for place in self._places_of.get(key, ()))
        found = 0
        for place in places:
            found |= 1 << place
        return found

    def matching(
        self, facts: Facts, now: datetime, zone: str, among: int | None = None
    ) -> list[Key]:
        """The keys of the rules that hold, each once; of the set `among` only when given."""
        if not self._arranged:
            self._arrange()
        instants = self._instants_of(now, zone)
        possible = self._looked_up(facts, instants, self._occupied if among is None else among)
        if not possible:
            return []
        left, settled = self._left_by_few, self._looked_at
        if possible.bit_count() > _FEW_LEFT:
            possible = self._ruled_out(facts, instants, possible)
            left, settled = self._left_by_many, self._settled
        found: list[Key] = []
        verdicts: dict[Test, bool] = {}
        for place in bits_of(possible):
            tests = left[place]
            if tests is None:
                tests = left[place] = self._still_to_ask(place, settled)
            for test in tests:
                verdict = verdicts.get(test)
                if verdict is None:
                    verdict = verdicts[test] = test(facts, instants)
                if not verdict:
                    break
            else:
                found.append(self._keys[place])  # type: ignore[arg-type]  # an occupied place
        return list(dict.fromkeys(found)) if self._split else found

    def _looked_up(self, facts: Facts, instants: Instants, possible: int) -> int:
        """What is left after the values that rules limit."""
        for read, masks, probe in self._probing:
            value = read(facts, instants)
            mask = masks.get(value)
            possible &= probe.mask_of(value) if mask is None else mask
            if not possible:
                return 0
        return possible

    def _ruled_out(self, facts: Facts, instants: Instants, possible: int) -> int:
        """What is left after what takes longer, and pays only while many are left."""
        for others, asks in self._choosing:
            suited = others
            for read, masks, probe in asks:
                value = read(facts, instants)
                mask = masks.get(value)
                suited |= probe.mask_of(value) if mask is None else mask
            possible &= suited
        for test, users in self._asking:
            concerned = possible & users
            if concerned and not test(facts, instants):
                possible ^= concerned
        for read, masks, probe in self._walking:
            if possible & probe.users:
                value = read(facts, instants)
                mask = masks.get(value)
                possible &= probe.mask_of(value) if mask is None else mask
        return possible

    def _instants_of(self, now: datetime, zone: str) -> Instants:
        instants = self._instants.get(zone)
        if instants is None or instants.now is not now:
            if instants is not None:
                self._instants.clear()
            instants = self._instants[zone] = Instants(self._compiler.resolvers, now, zone)
        else:
            instants.computed.clear()
        return instants

    def _put(self, key: Key, row: Row) -> int:
        place = self._free.pop() if self._free else len(self._rows)
        if place == len(self._rows):
            self._rows.append(None)
            self._keys.append(None)
            if not self._full >> place:
                self._grow()
        self._rows[place], self._keys[place] = row, key
        self._flip(1 << place, row)
        for condition, _ in row.conditions:
            condition.count += 1
            if condition.count == _WORTH_ASKING_FIRST:
                self._often.add(condition)
        return place

    def _take(self, place: int) -> None:
        row = self._rows[place]
        assert row is not None
        self._flip(1 << place, row)
        for condition, _ in row.conditions:
            condition.count -= 1
            if condition.count < _WORTH_ASKING_FIRST:
                self._often.discard(condition)
            if not condition.count:
                del self._conditions[condition.node]
        self._rows[place] = self._keys[place] = None
        self._free.append(place)

    def _flip(self, bit: int, row: Row) -> None:
        """Put a row into the probes of its values, or take it out."""
        self._occupied ^= bit
        for value, limits in row.limits.items():
            if value not in self._values:
                self._values[value] = ValueProbe(self._compiler.measured(value), self._full)
            self._values[value].flip(bit, limits)
            if not self._values[value].users:
                del self._values[value]
        for held, asked in row.set_limits.items():
            if held not in self._sets:
                self._sets[held] = SetProbe(self._compiler.value(held), self._full)
            self._sets[held].flip(bit, asked)
            if not self._sets[held].users:
                del self._sets[held]
        for number, ways in enumerate(row.choices):
            self._choices[number].flip(bit, ways)
        for condition, speaker in row.conditions:
            if speaker is None:
                condition.users ^= bit
        self._arranged = False

    def _new_probe(self, way: Way) -> Probe:
        value, limits = way
        read = self._compiler.measured(value)
        kind = SetProbe if isinstance(limits, SetLimits) else ValueProbe
        return kind(read, self._full)

    def _grow(self) -> None:
        self._full = (1 << 2 * self._full.bit_length()) - 1
        probes: list[Probe] = [*self._values.values(), *self._sets.values()]
        for probe in probes:
            probe.full = self._full
            probe.forget()

    def _arrange(self) -> None:
        """Decide what is read for every event, and in which order: what most rules ask comes first
        and what walks lists last.
        """
        probes: list[tuple[Measured, Probe]] = [*self._values.items(), *self._sets.items()]
        often = sorted(
            ((value, probe) for value, probe in probes if _is_worth_it(value, probe)),
            key=lambda one: -one[1].users.bit_count(),
        )
        self._probing = [_ask(probe) for value, probe in often if is_cheap(value)]
        self._walking = [_ask(probe) for value, probe in often if not is_cheap(value)]
        self._looked_at = {value for value, _ in often if is_cheap(value)}
        self._settled = {value for value, _ in often}
        self._choosing = []
        for number, choices in enumerate(self._choices):
            if choices.users and choices.are_worth_it:
                self._settled.add(number)
                others = self._full ^ choices.users
                self._choosing.append((others, list(map(_ask, choices.probes))))
        first = sorted((one for one in self._often if one.users), key=lambda one: -one.count)
        self._asking = [(self._test_of(one), one.users) for one in first]
        self._settled.update(first)
        self._left_by_few = [None] * len(self._rows)
        self._left_by_many = [None] * len(self._rows)
        self._arranged = True

    def _still_to_ask(self, place: int, settled: Settled) -> tuple[Test, ...]:
        """The conditions of a row that nothing has settled when it comes through."""
        row = self._rows[place]
        assert row is not None
        return tuple(
            self._test_of(condition)
            for condition, speaker in row.conditions
            if condition not in settled and (speaker is None or speaker not in settled)
        )

    def _test_of(self, condition: Condition) -> Test:
        if condition.test is None:
            condition.test = self._compiler.predicate(condition.node)
        return condition.test


def _ask(probe: Probe) -> Ask:
    return probe.reader(), probe.masks, probe


def _is_worth_it(value: Measured, probe: Probe) -> bool:
    return probe.users.bit_count() >= (_WORTH_A_PROBE if is_cheap(value) else _WORTH_A_WALK)
