"""Moves in the small world: carried out page by page, without Temporal."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from crm_store.flows import flow_named, latest_version, version_with_hash
from crm_store.models import Flow as FlowRecord
from crm_store.models import FlowState, FlowVersion
from engine.flows.migration import Answer, MovePlan, stored_answers
from engine.flows.model import Flow
from engine.services import version_moves
from engine.services.actor import SYSTEM
from engine.services.version_moves import Hands, MovedPage, MoveLine
from tests.driving.world import SIZES, World

PAGE = 3
COLUMNS = (
    "id, flow_version_id, node, visit, state, memo, due_at, listens, happening, outcome, moved_at,"
    " ended_at"
)


async def plan_for(world: World, name: str, old: int, new: int, **answers: Any) -> MovePlan:
    """The proposal, with answers as a plan file has them."""
    async with world.store.store.transaction() as session:
        proposed = await version_moves.propose_plan(session, SYSTEM, name, old, new)
    chosen: dict[str, Answer] = {p.node: p.answer for p in proposed.proposals}
    return MovePlan(name, old, new, chosen | stored_answers(answers))


async def begin(world: World, plan: MovePlan, percent: int = 100) -> int:
    async with world.store.store.transaction() as session:
        started = await version_moves.start(
            session, SYSTEM, plan, plans=world.parts.plans, now=world.now, percent=percent
        )
    return started.move_id


async def stored_version(world: World, flow: Flow) -> int:
    """Publish a flow without asking whether anybody would: its messages need not exist, say."""
    async with world.store.store.transaction() as session:
        record = await flow_named(session, flow.name)
        if record is None:
            record = FlowRecord(
                name=flow.name, label=flow.label, purpose=flow.purpose, draft_source=""
            )
            session.add(record)
            await session.flush()
        version = await version_with_hash(session, record.id, flow.hash())
        if version is None:
            last = await latest_version(session, record.id)
            version = FlowVersion(
                flow_id=record.id,
                number=last.number + 1 if last else 1,
                hash=flow.hash(),
                definition=flow.definition(),
                source="",
            )
            session.add(version)
            await session.flush()
        record.published_version_id, record.state = version.id, FlowState.ACTIVE
        return version.number


async def page(world: World, move_id: int, limit: int = PAGE) -> MovedPage:
    async with world.store.transaction() as session:
        return await version_moves.next_page(
            session,
            world.parts.plans,
            move_id,
            Hands(limit, world.now, "UTC", world.parts.announcer),
            advance_shards=SIZES.advance_shards,
        )


async def carry_out(world: World, move_id: int) -> None:
    """Until nobody can be moved just now."""
    while (await page(world, move_id)).again:
        pass


async def move(world: World, name: str, old: int, new: int, **answers: Any) -> int:
    move_id = await begin(world, await plan_for(world, name, old, new, **answers))
    await carry_out(world, move_id)
    return move_id


async def steer(world: World, verb: Any, move_id: int, *more: Any) -> None:
    async with world.store.store.transaction() as session:
        await verb(session, SYSTEM, move_id, *more, world.now)


async def undo(world: World, move_id: int) -> None:
    await steer(world, version_moves.undo, move_id)
    await carry_out(world, move_id)


async def look(world: World, name: str) -> list[MoveLine]:
    async with world.store.store.transaction() as session:
        return list(await version_moves.moves(session, SYSTEM, name))


async def standing(world: World) -> list[tuple[Any, ...]]:
    """Everything that says where runs stand, by run."""
    rows = await world.rows(f"SELECT {COLUMNS} FROM run ORDER BY id")
    return [tuple(row) for row in rows]


async def by_version(world: World) -> dict[tuple[int, str], int]:
    """Who is not through, by version number and node."""
    rows = await world.rows(
        "SELECT v.number, r.node, count(*) FROM run r"
        " JOIN flow_version v ON v.id = r.flow_version_id"
        " WHERE r.state <> 'ended' GROUP BY v.number, r.node"
    )
    return {(row[0], row[1]): row[2] for row in rows}


async def counted(world: World) -> dict[tuple[int, str], int]:
    """The same by the counters that the canvas shows."""
    rows = await world.rows(
        "SELECT v.number, c.node, sum(CASE WHEN c.exit = '' THEN c.count ELSE -c.count END)"
        " FROM node_count c JOIN flow_version v ON v.id = c.flow_version_id"
        " GROUP BY v.number, c.node"
    )
    return {(row[0], row[1]): int(row[2]) for row in rows if row[2]}


async def days(world: World, count: float, *flows: str) -> None:
    world.now += timedelta(days=count)
    await world.until_quiet(*flows)
