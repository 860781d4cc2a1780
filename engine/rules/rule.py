"""A checked rule: its document, what it reads, and its verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.rules import ir
from engine.rules.evaluate import Instants, Test
from engine.rules.explain import Explained, Explainer, explainer
from engine.rules.moments import Resolve
from engine.rules.reads import Reads

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
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
    _zoned: bool = field(repr=False)
    # The instants of the last question: batches ask about many contacts at one now.
    _last: list[tuple[datetime | None, str, Instants]] = field(
        default_factory=lambda: [(None, "", ())], repr=False, compare=False
    )
    # Most rules are never asked why, so their explainer is compiled at the first question.
    _explainer: list[Explainer] = field(default_factory=list, repr=False, compare=False)

    def instants(self, now: datetime, zone: str = "UTC") -> Instants:
        """The moments the rule speaks of, worked out for this now and zone."""
        return tuple([resolve(now, zone) for resolve in self._resolvers])

    def holds(self, facts: Facts, now: datetime, zone: str = "UTC") -> bool:
        """Whether the rule is true of these facts; calendar units follow `zone`. Never raises on
        facts as described.
        """
        if not self._resolvers:
            return self._test(facts, ())
        last_now, last_zone, instants = self._last[0]
        if last_now is not now or (self._zoned and last_zone != zone):
            instants = self.instants(now, zone)
            # replaced as a whole, so another thread sees the old entry or the new one
            self._last[0] = (now, zone, instants)
        return self._test(facts, instants)

    def at(self, now: datetime, zone: str = "UTC") -> Callable[[Facts], bool]:
        """The rule for one now and zone, to ask about many contacts: time is worked out once."""
        instants, test = self.instants(now, zone), self._test
        return lambda facts: test(facts, instants)

    def explain(self, facts: Facts, now: datetime, zone: str = "UTC") -> Explained:
        """Why the rule holds or not: the tree of its conditions with the values each one read."""
        if not self._explainer:
            self._explainer.append(explainer(self.root))
        return self._explainer[0](facts, now, zone)
