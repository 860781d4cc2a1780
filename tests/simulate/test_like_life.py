"""What is simulated is what happens: the journal of the drivers and of the simulation are one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from crm_store.session import Store
from engine.rules import parse
from engine.services.plans import current_catalogue
from engine.services.simulating.people import people_of, who
from engine.simulate import Occurrence, simulate
from tests.driving.world import CrashingStore, RememberingChannel, World
from tests.simulate.simulating import WELCOME
from tests.simulate.test_simulation import AUDIENCE, DAILY

SEGMENT_DAILY = DAILY.replace(
    "{on: manual}", "{on: segment, when: {is_set: [{var: contact.email}]}}"
)
# Ids exist in the database alone.
_IDS = frozenset({"event_id", "enrolment_id", "message_id"})


@pytest.fixture
def world(store: Store) -> World:
    return World(CrashingStore(store), RememberingChannel())


def plain(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    def without_ids(why: Any) -> Any:
        return {key: value for key, value in why.items() if key not in _IDS}

    return [
        {key: without_ids(value) if key == "why" else value for key, value in entry.items()}
        for entry in entries
    ]


async def lived(world: World, flow: str) -> dict[int, list[dict[str, Any]]]:
    rows = await world.rows(
        "SELECT r.subject_id, j.entries FROM journal j JOIN run r ON r.id = j.run_id ORDER BY j.id"
    )
    found: dict[int, list[dict[str, Any]]] = {}
    for subject, entries in rows:
        found.setdefault(subject, []).extend(entries)
    return {subject: plain(entries) for subject, entries in found.items()}


async def live_through(
    world: World, flow: str, happenings: list[Occurrence], until: datetime
) -> None:
    """Stop the clock at every event and every due time, and let the drivers work there."""
    left = sorted(happenings)
    while True:
        await world.until_quiet(flow)
        [(due,)] = await world.rows("SELECT min(due_at) FROM run WHERE state = 'active'")
        moments = [moment for moment in (due, left[0].at if left else None) if moment is not None]
        if not moments or min(moments) >= until:
            return
        world.now = min(moments)
        await world.until_quiet(flow)
        while left and left[0].at == world.now:
            happening = left.pop(0)
            await world.event(happening.person_id, happening.name)


@pytest.mark.parametrize("source", [WELCOME, AUDIENCE, SEGMENT_DAILY])
async def test_a_simulation_is_what_the_drivers_do(world: World, source: str) -> None:
    people = await world.people(4, country="SG", time_zone="America/New_York")
    await world.rows(
        "UPDATE consent SET granted = false WHERE contact_id = :id RETURNING 1", id=people[3]
    )
    start, lasts = world.now, timedelta(days=12)
    happenings = [
        Occurrence(start + timedelta(hours=1), people[0], "Signed Up"),
        Occurrence(start + timedelta(hours=1), people[1], "Signed Up"),
        Occurrence(start + timedelta(hours=2), people[3], "Signed Up"),
        Occurrence(start + timedelta(hours=30), people[1], "Visited Pricing"),
        Occurrence(start + timedelta(days=9), people[0], "Visited Pricing"),
    ]
    published = await world.publish(source)
    plan = next(iter((await plans_of(world)).values()))
    async with world.store.store.transaction() as session:
        rule = parse(True, await current_catalogue(session), event_rule=False)
        ids = await who(session, rule, 100, start, "UTC")
        crowd = await people_of(session, ids, plan, start, "UTC")
    trace = simulate(plan, crowd, start_at=start, lasts=lasts, occurrences=happenings)
    if published.enrolment_id is not None:
        while not await world.enrol(published.enrolment_id):
            """The audience enters page by page."""
    await live_through(world, published.name, happenings, start + lasts)
    imagined = {
        journey.person_id: plain(journey.entries) for journey in trace.journeys if journey.entries
    }
    real = await lived(world, published.name)
    assert imagined.keys() == real.keys()
    for subject, entries in imagined.items():
        assert entries == real[subject]
    assert len(world.channel.delivered) == sum(len(journey.sent) for journey in trace.journeys)


async def plans_of(world: World) -> dict[int, Any]:
    async with world.store.store.transaction() as session:
        book = await world.parts.plans.book(session)
    return {id_: flow.plan for id_, flow in book.flows.items()}
