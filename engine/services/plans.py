"""Plans of published versions, built once per process and kept."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.flows import FlowRow, custom_fields, definitions, flow_rows
from crm_store.models import FlowState
from crm_store.segments import saved_segments
from engine.flows.model import from_definition
from engine.machines.plan import Plan, compile_plan
from engine.rules import Catalogue, Reads, union
from engine.rules.index import Listens, RuleIndex
from engine.services.custom_fields import catalogue_with
from engine.services.scoring.shelf import ScoreShelf
from engine.services.segments.mentions import names_segments
from engine.services.segments.shelf import SegmentBook, SegmentShelf, documents_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ActiveFlow:
    """A flow people may be in; `enterable` says whether new ones may come."""

    id: int
    name: str
    version_id: int
    plan: Plan
    enterable: bool


@dataclass(frozen=True, slots=True)
class FlowBook:
    """All published flows at one moment, and which of them an event may start.

    `names` holds every published flow; one whose version cannot be read any more is missing in
    `flows`: nobody enters it, and its runs are held when their time comes. `triggers` finds the
    flows an event may start by their rules, `reads` is what those of an event's name need to know.
    """

    flows: Mapping[int, ActiveFlow]
    names: Mapping[int, str]
    paused: frozenset[int]
    started_by: Mapping[str, tuple[ActiveFlow, ...]]
    triggers: RuleIndex[int] = field(default_factory=RuleIndex)
    reads: Mapping[str, Reads] = field(default_factory=dict)

    def id_of(self, name: str) -> int | None:
        """The published flow of that name; names are unique and never change."""
        return next((id_ for id_, known in self.names.items() if known == name), None)


@dataclass(slots=True)
class Plans:
    """Published versions never change, so their plans are kept for the life of the process.

    `book` costs two small queries a batch; it is rebuilt only when a flow was published, paused or
    retired in between, or while a published version cannot be read. Versions whose rules name a
    saved segment are planned anew after segments were edited.
    """

    segments: SegmentShelf = field(default_factory=SegmentShelf)
    scores: ScoreShelf = field(default_factory=ScoreShelf)
    _plans: dict[int, Plan] = field(default_factory=dict)
    _broken: dict[int, str] = field(default_factory=dict)
    _book: tuple[tuple[FlowRow, ...], FlowBook] | None = None
    _triggers: RuleIndex[int] = field(default_factory=RuleIndex)
    _by_segments: set[int] = field(default_factory=set)
    _segments_seen: SegmentBook | None = None

    async def plans(self, session: AsyncSession, version_ids: Collection[int]) -> dict[int, Plan]:
        """Plans by version. One that cannot be made any more is left out, and `why_broken` says
        why: a custom field its rules read was removed, or a step kind is gone.

        It is tried again each time, so that mending the cause is enough.
        """
        missing = set(version_ids) - self._plans.keys()
        if missing:
            catalogue = await current_catalogue(session)
            for version_id, stored in (await definitions(session, missing)).items():
                self._compile(version_id, stored, catalogue)
        return {id_: self._plans[id_] for id_ in version_ids if id_ in self._plans}

    def why_broken(self, version_id: int) -> str:
        """What stood in the way of a plan when it was last tried, in words for people."""
        return self._broken.get(version_id, "its published version is not there any more")

    async def book(self, session: AsyncSession) -> FlowBook:
        await self._follow_segments(session)
        rows = tuple(await flow_rows(session))
        if self._book is not None and self._book[0] == rows:
            return self._book[1]
        book = await self._new_book(session, rows)
        # Kept only when whole: a plan that failed may be well the next time.
        self._book = (rows, book) if len(book.flows) == len(book.names) else None
        return book

    def _compile(self, version_id: int, stored: Mapping[str, Any], catalogue: Catalogue) -> None:
        try:
            plan = compile_plan(from_definition(stored), catalogue)
        # a refused rule is a ValueError
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            if version_id not in self._broken:
                log.exception("version %s of flow %s cannot be run", version_id, stored.get("flow"))
            self._broken[version_id] = f"{error}" or type(error).__name__
            return
        self._plans[version_id] = plan
        self._broken.pop(version_id, None)
        if names_segments(stored):
            self._by_segments.add(version_id)

    async def _follow_segments(self, session: AsyncSession) -> None:
        """Forget the plans in which the rule of a segment is written out, once one was edited."""
        book, seen = await self.segments.book(session), self._segments_seen
        self._segments_seen = book
        if seen is None or seen.mark.is_same_shelf(book.mark) or not self._by_segments:
            return
        for version_id in self._by_segments:
            self._plans.pop(version_id, None)
        self._by_segments.clear()
        self._book = None

    async def _new_book(self, session: AsyncSession, rows: tuple[FlowRow, ...]) -> FlowBook:
        published = {row.published_version_id: row for row in rows if row.published_version_id}
        plans = await self.plans(session, published.keys())
        flows: dict[int, ActiveFlow] = {}
        started_by: dict[str, list[ActiveFlow]] = defaultdict(list)
        for version_id, plan in plans.items():
            row = published[version_id]
            enterable = row.state in (FlowState.ACTIVE, FlowState.PAUSED)
            active = flows[row.id] = ActiveFlow(row.id, row.name, version_id, plan, enterable)
            event = plan.flow.trigger.starts_on
            if enterable and event is not None:
                started_by[event].append(active)
        return FlowBook(
            flows,
            {row.id: row.name for row in published.values()},
            frozenset(row.id for row in rows if row.state == FlowState.PAUSED),
            {name: tuple(found) for name, found in started_by.items()},
            self._triggers_of(started_by),
            {name: _reads_of(found) for name, found in started_by.items()},
        )

    def _triggers_of(self, started_by: Mapping[str, list[ActiveFlow]]) -> RuleIndex[int]:
        """The last index with what changed since. Whoever is at work with the last book keeps the
        index of it.
        """
        index = self._triggers.copy()
        flows = {flow.id: (name, flow) for name, found in started_by.items() for flow in found}
        for id_ in [id_ for id_ in index if id_ not in flows]:
            index.remove(id_)
        for id_, (name, flow) in flows.items():
            index.put(id_, flow.plan.entry_rule, Listens(frozenset({name})))
        self._triggers = index
        return index


def _reads_of(flows: Collection[ActiveFlow]) -> Reads:
    plans = [flow.plan for flow in flows]
    rules = [plan.entry_rule for plan in plans if plan.entry_rule is not None]
    return union([*(plan.reads for plan in plans), *(rule.reads for rule in rules)])


async def current_catalogue(session: AsyncSession) -> Catalogue:
    """The standard facts with the fields people defined for themselves, and the saved segments."""
    segments = documents_of(await saved_segments(session))
    return catalogue_with(await custom_fields(session)).with_segments(segments)
