"""What is simulated is what happens: the journal of the drivers and of the simulation are one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from crm_store.session import Store
from engine.effects import ESCALATE, Outcome, Receipt
from engine.rules import parse
from engine.services.plans import current_catalogue
from engine.services.simulating.people import people_of, who
from engine.services.simulating.question import Question
from engine.simulate import Occurrence, Trace, simulate
from engine.simulate.surroundings import Reply, Surroundings
from engine.steps.escalate import EXHAUSTED
from tests.driving.world import CrashingStore, RememberingChannel, World
from tests.simulate.simulating import WELCOME
from tests.simulate.test_simulation import AUDIENCE, DAILY
from tests.workflows.crm_people import People, every
from tests.workflows.moved_clock import FAR_AHEAD, LEFT, MovedClock, with_moved_clock
from tests.workflows.test_ready_flows import SOURCES, never_held_out

SEGMENT_DAILY = DAILY.replace(
    "{on: manual}", "{on: segment, when: {is_set: [{var: contact.email}]}}"
)
# Ids exist in the database alone.
# "among" is how many items were loaded beside those that count.
_LEFT_OUT = frozenset(
    {"event_id", "enrolment_id", "message_id", "record_id", "told", "among", "case"}
)


@pytest.fixture
def world(store: Store) -> World:
    return World(CrashingStore(store), RememberingChannel())


def plain(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [_without(entry) for entry in entries]


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without(inner) for key, inner in value.items() if key not in _LEFT_OUT}
    return [_without(inner) for inner in value] if isinstance(value, list) else value


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
        ids = await who(session, rule, Question(start), 100)
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


# The ready flows are published on the last of March; dates and schedules come a day later.
LAST_OF_MARCH = datetime(2037, 3, 31, 10, 30, tzinfo=UTC)
UNDER_WAY = "SELECT 'perform', '', shard FROM effect WHERE state = 'handing_over'"
LOOKED_UNTIL = datetime(2037, 4, 2, tzinfo=UTC)
OVER = LOOKED_UNTIL + timedelta(days=62)


def only_ben(ask: Mapping[str, Any]) -> Reply:
    """Contacts have an owner, who has nobody above; and nobody acknowledges: the second level is
    empty after a day, the third at once, and then two days are waited."""
    del ask
    over = Receipt(Outcome.DONE, EXHAUSTED, details={"level": 1})
    return Reply(decision=over, after=timedelta(days=3))


class PatientClock(MovedClock):
    """Waits for whatever is being handed over, instead of going on to the end of its lease."""

    async def _left(self) -> list[tuple[str, str, int]]:
        rows = await self.world.rows(f"{LEFT} UNION {UNDER_WAY}", now=self.world.now)
        return [(row[0], row[1], row[2]) for row in rows]


@pytest.fixture
async def clock(store: Store, temporal_address: str) -> AsyncIterator[MovedClock]:
    async with with_moved_clock(store, temporal_address) as moved:
        yield PatientClock(moved.at_work)


async def crowd(clock: MovedClock) -> People:
    """People of whom each has a reason to be in one of the ready flows."""
    people = People(clock)
    wanted: dict[str, dict[str, Any]] = {
        "Ada": {"country": "SG", "time_zone": "Asia/Singapore"},
        "Bea": {},
        "Cleo": {"time_zone": "America/New_York"},
        "Dan": {},
        "Eve": {},
        "Gus": {},
        "Hal": {"lifecycle_stage": "customer"},
        "Ida": {"lifecycle_stage": "customer"},
        "Jan": {"lifecycle_stage": "customer", "birthday": date(1990, 4, 1)},
        "Kim": {},
        "Lea": {},
    }
    number = 0
    for name, values in wanted.items():
        number += 1
        while not never_held_out(number):
            await people.add(f"Nobody{number}")
            number += 1
        await people.add(name, **values)
    year_ago = datetime(2036, 4, 1, 12, tzinfo=UTC)
    await people.ordered("Eve", LAST_OF_MARCH - timedelta(days=120))
    await people.ordered("Hal", year_ago, LAST_OF_MARCH - timedelta(days=30))
    await people.won_a_deal("Gus", datetime(2036, 5, 1, 12, tzinfo=UTC))
    await people.looked_around("Ida", *every(1, FAR_AHEAD, LAST_OF_MARCH - timedelta(days=8)))
    await people.asked_for_messages("Lea", LAST_OF_MARCH)
    return people


def what_happens(people: People) -> list[Occurrence]:
    def does(name: str, event: str, hours: float, **properties: Any) -> Occurrence:
        at = LAST_OF_MARCH + timedelta(hours=hours)
        return Occurrence(at, people.ids[name], event, properties)

    return [
        does("Ada", "Signed Up", 2),
        does("Bea", "Demo Requested", 3, team_size=12),
        does("Cleo", "Checkout Started", 4),
        does("Dan", "Order Completed", 5, category="coffee machines"),
        does("Kim", "Checkout Started", 4.5),
        does("Lea", "Subscription Requested", 6, request_id=1),
        does("Kim", "Order Completed", 11),
        does("Ada", "Page Viewed", 20),
    ]


async def imagined_of(world: World, plan: Any, happenings: list[Occurrence]) -> Trace:
    async with world.store.store.transaction() as session:
        everybody = parse(True, await current_catalogue(session), event_rule=False)
        ids = await who(session, everybody, Question(world.now), 1_000)
        crowd = await people_of(session, ids, plan, world.now, "UTC")
    around = Surroundings(replies={ESCALATE.name: only_ben})
    lasts = OVER - world.now
    return simulate(
        plan, crowd, start_at=world.now, lasts=lasts, occurrences=happenings, around=around
    )


async def journal_of(world: World, flow: str) -> dict[int, list[dict[str, Any]]]:
    """By person, what the runs of a flow wrote that were entered while dates were looked at."""
    rows = await world.rows(
        """
        SELECT r.subject_id, j.entries FROM journal j JOIN run r ON r.id = j.run_id
        JOIN flow f ON f.id = r.flow_id
        WHERE f.name = :flow AND r.entered_at < :until ORDER BY j.id
        """,
        flow=flow,
        until=LOOKED_UNTIL,
    )
    found: dict[int, list[dict[str, Any]]] = {}
    for subject, entries in rows:
        found.setdefault(subject, []).extend(entries)
    return {subject: plain(entries) for subject, entries in found.items()}


async def test_every_ready_flow_is_simulated_as_it_is_lived(clock: MovedClock) -> None:
    """On a real Temporal: whoever enters in these days goes the same way, entry for entry."""
    people = await crowd(clock)
    world = clock.world
    await clock.go_to(LAST_OF_MARCH)
    for source in SOURCES.values():
        await world.publish(source)
    happenings = what_happens(people)
    traces = {
        plan.flow.name: await imagined_of(world, plan, happenings)
        for plan in (await plans_of(world)).values()
    }
    assert traces.keys() == SOURCES.keys()
    await clock.settle()
    for happening in happenings:
        await clock.look_around(until=happening.at)
        await clock.go_to(happening.at)
        await world.event(happening.person_id, happening.name, **happening.properties)
        await clock.settle()
    await clock.look_around(until=LOOKED_UNTIL)
    await clock.go_to(OVER)
    travelled = set()
    for name, trace in traces.items():
        imagined = {
            journey.person_id: plain(journey.entries)
            for journey in trace.journeys
            if journey.entries and journey.entered_at < LOOKED_UNTIL
        }
        assert imagined == await journal_of(world, name), name
        travelled |= {name for entries in imagined.values() if entries}
    # who ignored mail of other flows is known to those alone, and nobody closes a ticket here
    assert travelled == SOURCES.keys() - {"re_engagement", "ticket_survey"}
