"""Versions of a flow, found by number and read."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.flows import definitions, flow_named
from crm_store.models import Flow as FlowRecord
from crm_store.models import FlowVersion, VersionMove
from crm_store.version_people import version_numbered
from crm_store.version_share import Share
from engine.errors import Conflict, NotFound
from engine.flows.migration import Pair, stored_answers
from engine.flows.model import Flow, from_definition
from engine.machines.relocation import Way
from engine.services.plans import Plans


@dataclass(frozen=True, slots=True)
class TwoVersions:
    """Two published versions of a flow, as rows and as values."""

    record: FlowRecord
    old: FlowVersion
    new: FlowVersion
    pair: Pair

    def share(self, percent: int) -> Share:
        return Share(self.record.name, self.old.number, self.new.number, percent)


async def two_versions(
    session: AsyncSession, name: str, from_number: int, to_number: int
) -> TwoVersions:
    """Raises NotFound for a flow or version that is not there."""
    record = await flow_record(session, name)
    old = await numbered(session, name, from_number)
    new = await numbered(session, name, to_number)
    pair = Pair(flow_of(old), flow_of(new))
    return TwoVersions(record, old, new, pair)


async def flow_record(session: AsyncSession, name: str) -> FlowRecord:
    record = await flow_named(session, name)
    if record is None:
        raise NotFound(f'There is no flow "{name}". `cadenza flow list` shows all names.')
    return record


async def numbered(session: AsyncSession, name: str, number: int) -> FlowVersion:
    version = await version_numbered(session, name, number)
    if version is None:
        raise NotFound(
            f'Flow "{name}" has no version {number}. `cadenza flow versions {name}` lists them.'
        )
    return version


def flow_of(version: FlowVersion) -> Flow:
    """The version as a value. It was checked before it was stored; raises Conflict when this
    Cadenza cannot read it any more (a trigger kind that is gone).
    """
    try:
        return from_definition(version.definition)
    except (ValueError, KeyError, TypeError) as error:
        raise Conflict(
            f"Version {version.number} cannot be read by this Cadenza: {error}. Choose another one."
        ) from error


async def way_of(session: AsyncSession, plans: Plans, move: VersionMove) -> Way | None:
    """What a move has to do; None while its new version cannot be followed."""
    plan = (await plans.plans(session, {move.to_version_id})).get(move.to_version_id)
    if plan is None:
        return None
    stored = await definitions(session, {move.from_version_id})
    numbers = await version_numbers(session, move)
    pair = Pair(from_definition(stored[move.from_version_id]), plan.flow)
    return Way(pair, plan, stored_answers(move.answers), *numbers)


async def version_numbers(session: AsyncSession, move: VersionMove) -> tuple[int, int]:
    """The numbers of the old and of the new version."""
    old = await session.get_one(FlowVersion, move.from_version_id)
    new = await session.get_one(FlowVersion, move.to_version_id)
    return old.number, new.number
