"""Answers acted on in this very process, as a host's activity would, for tests without Temporal."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime

from crm_store.clocks import ClockRow
from crm_store.session import Store
from engine.services.hosts import Hosting, keep_answer
from engine.services.pokes import NoPokes
from engine.services.tending import Answer, Answered, ClockKind
from engine.services.work import Shared


@dataclass
class AskedHere(NoPokes):
    """Remembers which hosts were told."""

    store: Store
    shared: Shared
    now: Callable[[], datetime]
    told: list[ClockRow] = field(default_factory=list)

    def hosts(self, clocks: Collection[ClockRow]) -> None:
        self.told += clocks

    async def ask(self, kind: ClockKind, entity_id: int, answer: Answer) -> Answered:
        known = await keep_answer(self.store, kind, entity_id, answer, self.now())
        if known is not None:
            return known
        acted = await Hosting(self.store, self.shared, self).act(answer.answer_id, self.now())
        return acted.answered
