"""Plans of published versions, built once per process and kept."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.flows import FlowRow, custom_fields, definitions, flow_rows
from crm_store.models import FlowState
from crm_store.segments import saved_segments
from engine.flows.model import from_definition
from engine.machines.plan import Plan, compile_plan
from engine.rules import Catalogue, Reads, union
from engine.rules.index import Listens, RuleIndex
from engine.services.calendars.shelf import CalendarShelf
from engine.services.custom_fields import catalogue_with
from engine.services.goals.shelf import GoalShelf
from engine.services.goals.standing_winners import Winners, with_winners
from engine.services.people_shelf import PeopleShelf
from engine.services.read_once import ReadOnce
from engine.services.scoring.shelf import ScoreShelf
from engine.services.segments.mentions import names_segments
from engine.services.segments.shelf import SegmentBook, SegmentShelf, documents_of
from engine.steps.adjust_score import AdjustScore

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
    `paused` are whole flows, `paused_nodes` single nodes by flow, in all its versions; `adjusting`
    are the names of events that start flows which change scores.
    """

    flows: Mapping[int, ActiveFlow]
    names: Mapping[int, str]
    paused: frozenset[int]
    started_by: Mapping[str, tuple[ActiveFlow, ...]]
    triggers: RuleIndex[int] = field(default_factory=RuleIndex)
    reads: Mapping[str, Reads] = field(default_factory=dict)
    paused_nodes: Mapping[int, frozenset[str]] = field(default_factory=dict)
    adjusting: frozenset[str] = frozenset()

    def holds(self, flow_id: int, node: str) -> bool:
        """Whether nobody may move who stands on the node."""
        return flow_id in self.paused or node in self.paused_nodes.get(flow_id, ())

    def id_of(self, name: str) -> int | None:
        """The published flow of that name; names are unique and never change."""
        return next((id_ for id_, known in self.names.items() if known == name), None)


@dataclass(slots=True)
class Plans:
    """Published versions never change, so their plans are kept for the life of the process.

    `book` costs two small queries; it is rebuilt only when a flow was published, paused or retired
    in between, or while a published version cannot be read. `known` costs nothing after it in the
    same transaction, and `latest` never. Versions whose rules name a saved segment are planned anew
    after segments were edited.
    """

    segments: SegmentShelf = field(default_factory=SegmentShelf)
    scores: ScoreShelf = field(default_factory=ScoreShelf)
    calendars: CalendarShelf = field(default_factory=CalendarShelf)
    goals: GoalShelf = field(default_factory=GoalShelf)
    people: PeopleShelf = field(default_factory=PeopleShelf)
    _plans: dict[int, Plan] = field(default_factory=dict)
    _broken: dict[int, str] = field(default_factory=dict)
    _book: tuple[tuple[FlowRow, ...], FlowBook] | None = None
    _triggers: RuleIndex[int] = field(default_factory=RuleIndex)
    _by_segments: set[int] = field(default_factory=set)
    # Versions with steps that count working time.
    _by_calendars: set[int] = field(default_factory=set)
    # By flow, the arms that have won.
    _winners: dict[str, Winners] = field(default_factory=dict)
    _segments_seen: SegmentBook | None = None
    _priorities: Mapping[int, int] = field(default_factory=dict)
    _met: ReadOnce[FlowBook] = field(default_factory=ReadOnce)
    # The last book that was read, whole or not.
    latest: FlowBook | None = None

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
            await self._follow_calendars(session)
        return {id_: self._plans[id_] for id_ in version_ids if id_ in self._plans}

    def why_broken(self, version_id: int) -> str:
        """What stood in the way of a plan when it was last tried, in words for people."""
        return self._broken.get(version_id, "its published version is not there any more")

    def priorities(self) -> Mapping[int, int]:
        """What the messages of published flows are worth, by flow, as the last book says."""
        return self._priorities

    async def known(self, session: AsyncSession) -> FlowBook:
        """The book as this transaction has read it already, else as it is."""
        return self._met.in_transaction(session) or await self.book(session)

    async def book(self, session: AsyncSession) -> FlowBook:
        """All flows as they are now; what is paused can change until `share_pauses`."""
        self.latest = await self._current(session)
        return self._met.keep(session, self.latest)

    async def _current(self, session: AsyncSession) -> FlowBook:
        await self._follow_segments(session)
        await self._follow_calendars(session)
        rows = tuple(await flow_rows(session))
        if self._book is not None and self._book[0] == rows:
            return self._book[1]
        self._follow_winners(rows)
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
        self._plans[version_id] = with_winners(plan, self._winners.get(plan.flow.name, ()))
        self._broken.pop(version_id, None)
        if names_segments(stored):
            self._by_segments.add(version_id)
        if plan.calendar_names:
            self._by_calendars.add(version_id)

    def _follow_winners(self, rows: Collection[FlowRow]) -> None:
        """Let everybody who comes to a split go by the arm that has won since."""
        self._winners = {row.name: row.winners for row in rows if row.winners}
        for version_id, plan in self._plans.items():
            self._plans[version_id] = with_winners(plan, self._winners.get(plan.flow.name, ()))

    async def _follow_calendars(self, session: AsyncSession) -> None:
        """Let steps count with the calendars as they are now; a small query, where any step does.

        Whoever waits already keeps the moment that was worked out."""
        counting = self._by_calendars & self._plans.keys()
        if not counting:
            return
        calendars = await self.calendars.book(session)
        for version_id in counting:
            plan = self._plans[version_id]
            if plan.calendars is not calendars:
                self._plans[version_id] = replace(plan, calendars=calendars)

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
        self._priorities = {id_: one.plan.flow.priority for id_, one in flows.items()}
        return FlowBook(
            flows,
            {row.id: row.name for row in published.values()},
            frozenset(row.id for row in rows if row.state == FlowState.PAUSED),
            {name: tuple(found) for name, found in started_by.items()},
            self._triggers_of(started_by),
            {name: _reads_of(found) for name, found in started_by.items()},
            {row.id: frozenset(row.paused_nodes) for row in rows if row.paused_nodes},
            _adjusting(started_by),
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


def adjusts_scores(plan: Plan) -> bool:
    """Whether a run of it may change the contact's score."""
    return any(isinstance(planned.step, AdjustScore) for planned in plan.nodes.values())


def _adjusting(started_by: Mapping[str, Collection[ActiveFlow]]) -> frozenset[str]:
    return frozenset(
        name for name, found in started_by.items() if any(adjusts_scores(one.plan) for one in found)
    )


def _reads_of(flows: Collection[ActiveFlow]) -> Reads:
    plans = [flow.plan for flow in flows]
    rules = [plan.entry_rule for plan in plans if plan.entry_rule is not None]
    return union([*(plan.reads for plan in plans), *(rule.reads for rule in rules)])


async def current_catalogue(session: AsyncSession) -> Catalogue:
    """The standard facts with the fields people defined for themselves, and the saved segments."""
    segments = documents_of(await saved_segments(session))
    return catalogue_with(await custom_fields(session)).with_segments(segments)
