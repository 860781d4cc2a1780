"""Asking the rules of subscriptions about events that were just written."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.webhook_deliveries import UncheckedRow, take_unchecked, write_checked
from engine.rules import Catalogue, Rule, RuleRefused, parse, union
from engine.services.entries import ZONE, zone_of
from engine.services.facts import event_record, load_facts
from engine.services.plans import current_catalogue

log = logging.getLogger(__name__)

# Rules of one process that are kept compiled.
_MOST_KEPT: Final = 500


@dataclass(frozen=True, slots=True)
class Checked:
    """`broken` are subscriptions whose rule cannot be read any more; what they wait for stays."""

    taken: int
    broken: frozenset[int] = frozenset()


@dataclass(slots=True)
class RuleDesk:
    """One per process; keeps compiled rules by what is written in them."""

    default_zone: str
    _rules: dict[bytes, Rule] = field(default_factory=dict)
    _catalogue: object = None

    async def check(self, session: AsyncSession, limit: int, now: datetime) -> Checked:
        """Up to `limit` deliveries: facts of all their contacts are read at once."""
        rows = await take_unchecked(session, limit)
        if not rows:
            return Checked(0)
        rules, broken = self._compiled(rows, await current_catalogue(session))
        asked = [row for row in rows if row.subscription_id in rules]
        reads = union([ZONE, *(rule.reads for rule in rules.values())])
        facts = await load_facts(session, {row.contact_id for row in asked}, reads, now)
        wanted: list[int] = []
        unwanted: list[int] = []
        for row in asked:
            known = facts.get(row.contact_id)
            holds = known is not None and rules[row.subscription_id].holds(
                {**known, "event": event_record(row)}, now, zone_of(known, self.default_zone)
            )
            (wanted if holds else unwanted).append(row.id)
        await write_checked(session, wanted, unwanted)
        return Checked(len(rows), broken)

    def _compiled(
        self, rows: Sequence[UncheckedRow], catalogue: Catalogue
    ) -> tuple[dict[int, Rule], frozenset[int]]:
        """Segments and fields may have changed meanwhile, and rules with them, so they are kept
        for as long as the catalogue says the same."""
        if catalogue != self._catalogue or len(self._rules) > _MOST_KEPT:
            self._rules, self._catalogue = {}, catalogue
        by_subscription: dict[int, object] = {row.subscription_id: row.rule for row in rows}
        found: dict[int, Rule] = {}
        broken: dict[int, None] = defaultdict(None)
        for id_, document in by_subscription.items():
            mark = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
            try:
                if mark not in self._rules:
                    self._rules[mark] = parse(document, catalogue, event_rule=True)
                found[id_] = self._rules[mark]
            except (RuleRefused, RecursionError) as refused:
                log.warning("the rule of webhook subscription %s cannot be read: %s", id_, refused)
                broken[id_] = None
        return found, frozenset(broken)
