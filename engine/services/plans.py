"""Plans of published versions, built once per process and kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.flows import FlowRow, custom_fields, definitions, flow_rows
from crm_store.models import FlowState
from engine.flows.model import from_definition
from engine.machines.plan import Plan, compile_plan
from engine.rules import Catalogue
from engine.services.custom_fields import catalogue_with


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
    """All published flows at one moment, and which of them an event may start."""

    flows: Mapping[int, ActiveFlow]
    paused: frozenset[int]
    started_by: Mapping[str, tuple[ActiveFlow, ...]]

    def id_of(self, name: str) -> int | None:
        """The published flow of that name; names are unique and never change."""
        return next((flow.id for flow in self.flows.values() if flow.name == name), None)


@dataclass(slots=True)
class Plans:
    """Published versions never change, so their plans are kept for the life of the process.

    `book` costs one small query a batch; it is rebuilt only when a flow was published, paused or
    retired in between.
    """

    _plans: dict[int, Plan] = field(default_factory=dict)
    _book: tuple[tuple[FlowRow, ...], FlowBook] | None = None

    async def plans(self, session: AsyncSession, version_ids: Collection[int]) -> dict[int, Plan]:
        missing = set(version_ids) - self._plans.keys()
        if missing:
            catalogue = await current_catalogue(session)
            for version_id, stored in (await definitions(session, missing)).items():
                self._plans[version_id] = compile_plan(from_definition(stored), catalogue)
        return {version_id: self._plans[version_id] for version_id in version_ids}

    async def book(self, session: AsyncSession) -> FlowBook:
        rows = tuple(await flow_rows(session))
        if self._book is None or self._book[0] != rows:
            self._book = (rows, await self._new_book(session, rows))
        return self._book[1]

    async def _new_book(self, session: AsyncSession, rows: tuple[FlowRow, ...]) -> FlowBook:
        published = [row for row in rows if row.published_version_id is not None]
        plans = await self.plans(session, {row.published_version_id or 0 for row in published})
        flows: dict[int, ActiveFlow] = {}
        started_by: dict[str, list[ActiveFlow]] = defaultdict(list)
        for row in published:
            version_id = row.published_version_id or 0
            enterable = row.state in (FlowState.ACTIVE, FlowState.PAUSED)
            active = ActiveFlow(row.id, row.name, version_id, plans[version_id], enterable)
            flows[row.id] = active
            trigger = active.plan.flow.trigger
            if enterable and trigger.on == "event" and trigger.event is not None:
                started_by[trigger.event].append(active)
        paused = frozenset(row.id for row in rows if row.state == FlowState.PAUSED)
        return FlowBook(flows, paused, {name: tuple(found) for name, found in started_by.items()})


async def current_catalogue(session: AsyncSession) -> Catalogue:
    """The standard facts with the fields people defined for themselves."""
    return catalogue_with(await custom_fields(session))
