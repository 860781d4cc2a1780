"""Keeping scores right: the models that events may have changed are asked again, in batch."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.dispatch import PendingEvent
from crm_store.events import add_events
from crm_store.scores import (
    NewScore,
    Pair,
    hold_scores,
    put_off,
    write_default_scores,
    write_scores,
)
from engine.rules import Facts, Reads, union
from engine.rules.scoring import THRESHOLD_REACHED, Score, crossings
from engine.services.changes.announcing import Announcer
from engine.services.changes.causes import NO_CHAINS, Chain, Chains, said_of
from engine.services.scoring.shelf import KeptModel, ScoreBook

SOURCE: Final = "cadenza"
KIND: Final = "score"
# Points fade by days; counting them oftener would tell nobody anything.
FADES_EVERY: Final = timedelta(days=1)

log = logging.getLogger(__name__)

# Models to ask about a contact, by contact.
Concerned = Mapping[int, frozenset[int]]
# The line that a contact's events wait in.
Line = Callable[[int], int]


@dataclass(frozen=True, slots=True)
class Moment:
    """When is counted, and by whose calendar: the workspace's for everybody."""

    now: datetime
    zone: str


@dataclass(slots=True)
class ScoreKeeping:
    """One batch of events. `concerning` comes before facts are loaded, `write` after."""

    book: ScoreBook
    concerned: Concerned = field(default_factory=dict)

    @classmethod
    def concerning(cls, book: ScoreBook, events: Sequence[PendingEvent]) -> ScoreKeeping:
        """Find whose scores the events may change."""
        found: dict[int, frozenset[int]] = {}
        for event in events if book.kept else ():
            if ids := book.reach.of(event):
                found[event.contact_id] = found.get(event.contact_id, ids) | ids
        return cls(book, found)

    @property
    def reads(self) -> Reads:
        """What must be loaded."""
        ids = set().union(*self.concerned.values())
        return union([self.book.kept[id_].compiled.reads for id_ in sorted(ids)])

    async def write(
        self,
        session: AsyncSession,
        facts: Mapping[int, Facts],
        moment: Moment,
        *,
        announcer: Announcer | None,
        line: Line,
        chains: Chains = NO_CHAINS,
    ) -> int:
        """Write the scores of those concerned, because of what has these chains behind it; how many
        events came of it.
        """
        concerned = {one: ids for one, ids in self.concerned.items() if one in facts}
        if not concerned:
            return 0
        models = frozenset().union(*concerned.values())
        held = await hold_scores(session, sorted(models), sorted(concerned))
        pairs = {pair: total for pair, total in held.items() if pair[0] in concerned[pair[1]]}
        told = await keep_scores(
            session,
            self.book,
            pairs,
            facts,
            moment,
            announcer=announcer,
            line=line,
            chains=chains,
        )
        return len(told)


async def keep_scores(
    session: AsyncSession,
    book: ScoreBook,
    held: Mapping[Pair, int | None],
    facts: Mapping[int, Facts],
    moment: Moment,
    *,
    announcer: Announcer | None,
    line: Line,
    chains: Chains = NO_CHAINS,
) -> frozenset[int]:
    """Count these scores, whose rows are held with the totals of before, and write what came of it:
    totals, `contact.score` of the default model, and an event for each border that was passed.
    Returns the partitions that have new events.
    """
    scores: list[NewScore] = []
    totals: dict[int, int] = {}
    events: list[dict[str, Any]] = []
    given_up: list[Pair] = []
    for (model_id, contact_id), before in held.items():
        kept = book.kept.get(model_id)
        score = None if kept is None else _score(kept, contact_id, facts, moment)
        if kept is None or score is None:
            given_up.append((model_id, contact_id))
            continue
        due_at = moment.now + FADES_EVERY if score.fading else None
        scores.append(NewScore(model_id, contact_id, score.total, score.band, due_at))
        if kept.saved.is_default:
            totals[contact_id] = score.total
        if kept.saved.is_counted:
            found = _events(kept, contact_id, before, score.total, moment.now, line(contact_id))
            events += [_caused(event, chains.get(contact_id)) for event in found]
    if given_up:
        await put_off(session, given_up, moment.now + FADES_EVERY)
    await write_scores(session, scores, moment.now)
    changed = await write_default_scores(session, totals, moment.now)
    if events:
        await add_events(session, sorted(events, key=_contact), moment.now)
    partitions = frozenset(event["partition"] for event in events)
    if changed and announcer is not None:
        partitions |= await announcer.announce(session, moment.now, chains=chains)
    return partitions


def _score(
    kept: KeptModel, contact_id: int, facts: Mapping[int, Facts], moment: Moment
) -> Score | None:
    known = facts.get(contact_id)
    if known is None:
        return None
    try:
        return kept.compiled.score(known, moment.now, moment.zone)
    except Exception:  # one poisoned contact must not stop the thousand beside it
        log.exception("model %s could not score contact %s", kept.saved.name, contact_id)
        return None


def _events(
    kept: KeptModel, contact_id: int, before: int | None, after: int, now: datetime, line: int
) -> list[dict[str, Any]]:
    return [
        {
            "source": SOURCE,
            "message_id": f"score:{uuid.uuid4()}",
            "kind": KIND,
            "name": THRESHOLD_REACHED,
            "contact_id": contact_id,
            "properties": crossing.properties(),
            "occurred_at": now,
            "partition": line,
        }
        for crossing in crossings(kept.compiled.model, before, after)
    ]


def _caused(event: dict[str, Any], chain: Chain | None) -> dict[str, Any]:
    return event | {"properties": event["properties"] | said_of(chain)}


def _contact(event: Mapping[str, Any]) -> int:
    contact_id: int = event["contact_id"]
    return contact_id


def contacts_of(pairs: Collection[Pair]) -> list[int]:
    return sorted({contact_id for _, contact_id in pairs})
