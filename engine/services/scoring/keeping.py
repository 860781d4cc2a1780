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
    scored_otherwise,
    write_default_scores,
    write_scores,
)
from engine.rules import Facts, Reads, union
from engine.rules.scoring import SCORE_KIND, THRESHOLD_REACHED, Score, crossings
from engine.services.changes.announcing import Announcer
from engine.services.changes.causes import NO_CHAINS, Chain, Chains, said_of
from engine.services.scoring.shelf import KeptModel, ScoreBook

SOURCE: Final = "cadenza"
KIND: Final = SCORE_KIND
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
    """One batch of events. `concerning` and `hold` come before facts are loaded, `count` after."""

    book: ScoreBook
    concerned: Concerned = field(default_factory=dict)
    held: Mapping[Pair, int | None] = field(default_factory=dict)

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

    async def hold(self, session: AsyncSession, adjusted: Collection[int] = ()) -> None:
        """Keep the scores of those concerned from others, so that a border that is passed is told
        once; and those in the default model that flows may adjust, so that nobody holds scores
        twice, in two orders.
        """
        pairs = {(model, contact) for contact, ids in self.concerned.items() for model in ids}
        default = self._default
        beside = set() if default is None else {(default, contact) for contact in adjusted}
        held = await hold_scores(session, sorted(pairs | beside, key=_by_contact))
        self.held = {pair: held[pair] for pair in pairs if pair in held}

    @property
    def _default(self) -> int | None:
        return next((id_ for id_, one in self.book.kept.items() if one.saved.is_default), None)

    def count(
        self, facts: Mapping[int, Facts], moment: Moment, *, line: Line, chains: Chains = NO_CHAINS
    ) -> Counted:
        """Count the scores of those concerned, because of what has these chains behind it."""
        held = {pair: total for pair, total in self.held.items() if pair[1] in facts}
        return count_scores(self.book, held, facts, moment, line=line, chains=chains)


@dataclass(slots=True)
class Counted:
    """Scores that were counted and are still to be written. `totals` are those of the default
    model, by contact; `events` tell of borders that were passed."""

    moment: Moment
    chains: Chains
    scores: list[NewScore] = field(default_factory=list)
    totals: dict[int, int] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    given_up: list[Pair] = field(default_factory=list)

    async def contacts(self, session: AsyncSession) -> frozenset[int]:
        """The contacts that `write` will change. Whoever calls it holds them first, together with
        all others that the transaction changes."""
        return await scored_otherwise(session, self.totals)

    async def write(
        self, session: AsyncSession, contacts: Collection[int], announcer: Announcer | None
    ) -> frozenset[int]:
        """Write the scores, `contact.score` of these contacts, and the events; the partitions that
        have new events."""
        now = self.moment.now
        if self.given_up:
            await put_off(session, self.given_up, now + FADES_EVERY)
        await write_scores(session, self.scores, now)
        totals = {id_: total for id_, total in self.totals.items() if id_ in contacts}
        changed = await write_default_scores(session, totals, now)
        if self.events:
            await add_events(session, sorted(self.events, key=_contact), now)
        partitions = frozenset(event["partition"] for event in self.events)
        if changed and announcer is not None:
            partitions |= await announcer.announce(session, now, chains=self.chains)
        return partitions


def count_scores(
    book: ScoreBook,
    held: Mapping[Pair, int | None],
    facts: Mapping[int, Facts],
    moment: Moment,
    *,
    line: Line,
    chains: Chains = NO_CHAINS,
) -> Counted:
    """Count these scores, whose rows are held with the totals of before."""
    counted = Counted(moment, chains)
    for (model_id, contact_id), before in held.items():
        kept = book.kept.get(model_id)
        score = None if kept is None else _score(kept, contact_id, facts, moment)
        if kept is None or score is None:
            counted.given_up.append((model_id, contact_id))
            continue
        due_at = moment.now + FADES_EVERY if score.fading else None
        counted.scores.append(NewScore(model_id, contact_id, score.total, score.band, due_at))
        if kept.saved.is_default:
            counted.totals[contact_id] = score.total
        if kept.saved.is_counted:
            found = _events(kept, contact_id, before, score.total, moment.now, line(contact_id))
            counted.events += [_caused(event, chains.get(contact_id)) for event in found]
    return counted


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


def _by_contact(pair: Pair) -> tuple[int, int]:
    return pair[1], pair[0]


def contacts_of(pairs: Collection[Pair]) -> list[int]:
    return sorted({contact_id for _, contact_id in pairs})
