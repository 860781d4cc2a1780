"""A checked rule: its document, what it reads, and its verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.rules import ir
from engine.rules.evaluate import Instants, Test
from engine.rules.explain import Explained, explain
from engine.rules.moments import Resolve
from engine.rules.reads import Reads

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """Made by `parse`. `document` is the JSON as it was given and `root` the checked form of it.

    Facts are plain: {"contact": {...}, "account": {...} or None, "deal", "ticket", "event"
    likewise, "orders": [...], "events": [...], "deals": [...], "tickets": [...]}. Whatever is
    missing is absent. Times are aware, dates are dates, money is {"minor": int, "currency": str}.
    """

    document: object
    root: ir.Predicate
    reads: Reads
    _test: Test = field(repr=False)
    _resolvers: tuple[Resolve, ...] = field(repr=False)

    def instants(self, now: datetime, zone: str = "UTC") -> Instants:
        """The moments the rule speaks of, worked out for this now and zone."""
        return tuple([resolve(now, zone) for resolve in self._resolvers])

    def holds(self, facts: Facts, now: datetime, zone: str = "UTC") -> bool:
        """Whether the rule is true of these facts; calendar units follow `zone`. Never raises on
        facts as described.
        """
        return self._test(facts, self.instants(now, zone) if self._resolvers else ())

    def at(self, now: datetime, zone: str = "UTC") -> Callable[[Facts], bool]:
        """The rule for one now and zone, to ask about many contacts: time is worked out once."""
        instants, test = self.instants(now, zone), self._test
        return lambda facts: test(facts, instants)

    def explain(self, facts: Facts, now: datetime, zone: str = "UTC") -> Explained:
        """Why the rule holds or not: the tree of its conditions with the values each one read."""
        return explain(self.root, facts, now, zone)
