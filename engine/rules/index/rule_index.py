"""All active rules by what they listen to; one question per event."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator
from datetime import datetime
from typing import Generic, TypeVar

from engine.rules import ir
from engine.rules.index.listening import Listens, meets
from engine.rules.index.shelf import Shelf
from engine.rules.rule import Facts, Rule

Key = TypeVar("Key", bound=Hashable)
Name = TypeVar("Name", bound=Hashable)
# An event by its name, every event, or a change of fields: each has a shelf of its own.
Occasion = tuple[str, str]

_EVERY_EVENT: Occasion = ("every event", "")
_CHANGE: Occasion = ("change", "")


class RuleIndex(Generic[Key]):
    """Answers what asking every rule would answer, for a small part of the time.

    What an occasion needs is arranged when it first comes up, and kept current from then on as
    rules come and go. For one thread at a time.
    """

    def __init__(self) -> None:
        self._rules: dict[Key, tuple[ir.Predicate, Listens]] = {}
        self._asked_at: dict[Occasion, dict[Key, None]] = {}
        self._reading: dict[ir.Path, dict[Key, None]] = {}
        self._shelves: dict[Occasion, Shelf[Key]] = {}
        # Shelves that a copy uses too; a change leaves them alone and has them built anew.
        self._lent: set[Occasion] = set()
        self._bits_reading: dict[ir.Path, int] = {}

    def __len__(self) -> int:
        return len(self._rules)

    def __contains__(self, key: Key) -> bool:
        return key in self._rules

    def __iter__(self) -> Iterator[Key]:
        return iter(self._rules)

    def put(self, key: Key, rule: Rule | None, listens: Listens) -> None:
        """Add a rule, or have it replace the one under this key; without a rule the key is found at
        every occasion it listens to. Putting the same again costs nothing.
        """
        root = ir.TRUE if rule is None else rule.root
        if key in self._rules:
            if self._rules[key] == (root, listens):
                return
            self.remove(key)
        self._rules[key] = root, listens
        for path in _paths(listens):
            self._reading.setdefault(path, {})[key] = None
        for occasion in _occasions(listens):
            self._asked_at.setdefault(occasion, {})[key] = None
            if (shelf := self._own_shelf(occasion)) is not None:
                shelf.add(key, root)

    def remove(self, key: Key) -> None:
        """Take a rule out; one that is not there is no mistake."""
        if key not in self._rules:
            return
        _, listens = self._rules.pop(key)
        for path in _paths(listens):
            _discard(self._reading, path, key)
        for occasion in _occasions(listens):
            _discard(self._asked_at, occasion, key)
            if (shelf := self._own_shelf(occasion)) is not None:
                shelf.remove(key)
                if shelf.is_worn_out:
                    del self._shelves[occasion]

    def copy(self) -> RuleIndex[Key]:
        """An index of the same rules that can change on its own. What was arranged is shared until
        one of the two changes it.
        """
        other: RuleIndex[Key] = RuleIndex()
        other._rules = dict(self._rules)
        other._asked_at = {occasion: dict(keys) for occasion, keys in self._asked_at.items()}
        other._reading = {path: dict(keys) for path, keys in self._reading.items()}
        other._shelves = dict(self._shelves)
        other._lent = set(self._shelves)
        self._lent = set(self._shelves)
        return other

    def candidates(self, event_name: str, changed_fields: Collection[ir.Path] = ()) -> list[Key]:
        """The rules that would be asked, whatever the facts: a rule outside of these cannot have
        become true or false by such an event.
        """
        found = dict(self._asked_at.get(("event", event_name), {}))
        found |= self._asked_at.get(_EVERY_EVENT, {})
        for path in changed_fields:
            found |= self._reading.get(path, {})
        return list(found)

    def matching(
        self,
        event_name: str,
        changed_fields: Collection[ir.Path],
        facts: Facts,
        now: datetime,
        zone: str = "UTC",
    ) -> list[Key]:
        """The candidates whose rule holds, each once, in no particular order.

        Raises what a rule would raise on facts that are not as `Rule` describes them; then ask the
        candidates one by one.
        """
        found: list[Key] = []
        for occasion in (("event", event_name), _EVERY_EVENT):
            if occasion in self._asked_at:
                found += self._shelf(occasion).matching(facts, now, zone)
        if changed_fields and _CHANGE in self._asked_at:
            shelf = self._shelf(_CHANGE)
            concerned = 0
            for path in changed_fields:
                concerned |= self._bits(path, shelf)
            if concerned:
                also = shelf.matching(facts, now, zone, concerned)
                found = list(dict.fromkeys(found + also)) if found else also
        return found

    def _shelf(self, occasion: Occasion) -> Shelf[Key]:
        shelf = self._shelves.get(occasion)
        if shelf is None:
            shelf = self._shelves[occasion] = Shelf()
            for key in self._asked_at[occasion]:
                shelf.add(key, self._rules[key][0])
            if occasion == _CHANGE:
                self._bits_reading.clear()
        return shelf

    def _own_shelf(self, occasion: Occasion) -> Shelf[Key] | None:
        """The shelf to change, when there is one and nobody else uses it."""
        if occasion == _CHANGE:
            self._bits_reading.clear()
        if occasion in self._lent:
            self._lent.remove(occasion)
            del self._shelves[occasion]
        return self._shelves.get(occasion)

    def _bits(self, path: ir.Path, shelf: Shelf[Key]) -> int:
        if path not in self._reading:
            return 0
        if path not in self._bits_reading:
            self._bits_reading[path] = shelf.bits(self._reading[path])
        return self._bits_reading[path]


def _occasions(listens: Listens) -> Iterator[Occasion]:
    if listens.to_all:
        yield _EVERY_EVENT
        return
    for name in listens.events:
        yield "event", name
    if listens.fields:
        yield _CHANGE


def _paths(listens: Listens) -> set[ir.Path]:
    return {path for field in listens.fields for path in meets(field)}


def _discard(sets: dict[Name, dict[Key, None]], name: Name, key: Key) -> None:
    del sets[name][key]
    if not sets[name]:
        del sets[name]
