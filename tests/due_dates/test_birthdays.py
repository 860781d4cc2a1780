"""Who enters because a date has come: exactly once, whatever happens in between."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from crm_store.models import Contact, Deal, Pipeline, Stage
from engine.dates.lunar import LunarDay, from_lunar
from engine.rules import Type
from engine.services.actor import SYSTEM
from engine.services.custom_fields import DefinedField, define_custom_field
from engine.services.due_dates.watching import flows_that_watch, next_due
from tests.driving.world import Crash, World
from tests.due_dates.looks import (
    BIRTHDAY,
    at,
    begin,
    date_flow,
    edit,
    entries,
    fire,
    look,
    sweep,
)

TENTH = date(1990, 3, 10)


async def start(world: World, source: str = BIRTHDAY, when: str = "2026-03-09T12:00") -> None:
    await begin(world, source, at(when))


async def test_a_birthday_is_kept_in_the_local_morning_and_once_a_year(world: World) -> None:
    [ada] = await world.people(1, birthday=TENTH, time_zone="Asia/Singapore")
    await start(world)
    for hour in ("2026-03-10T00:45", "2026-03-10T01:00", "2026-03-10T01:15", "2026-03-11T09:00"):
        world.now = at(hour)
        assert await look(world) == (1 if hour.endswith("T01:00") else 0), hour
    world.now = at("2027-03-10T01:00")
    assert await look(world) == 1
    assert await entries(world) == [
        (ada, "always:date:birthday:2026"),
        (ada, "always:date:birthday:2027"),
    ]


async def test_everybody_has_their_own_zone_calendar_and_day(world: World) -> None:
    moon = from_lunar(LunarDay(1984, 1, 22))
    assert moon is not None
    people = {
        "Sydney": await world.people(1, birthday=TENTH, time_zone="Australia/Sydney"),
    }
    async with world.store.store.transaction() as session:
        others: dict[str, dict[str, Any]] = {
            "Honolulu": {"birthday": TENTH, "time_zone": "Pacific/Honolulu"},
            "nowhere": {"birthday": TENTH},
            "Mars": {"birthday": TENTH, "time_zone": "Mars/Olympus"},
            "moon": {
                "birthday": moon,
                "birthday_calendar": "lunar",
                "time_zone": "Asia/Shanghai",
            },
            # born on that date, and keeps another day by the moon
            "another": {"birthday": TENTH, "birthday_calendar": "lunar"},
            "later": {"birthday": date(1990, 3, 11)},
        }
        for name, values in others.items():
            address = f"{name}@example.com"
            one = Contact(email=address, email_key=address, **values)
            session.add(one)
            await session.flush()
            people[name] = [one.id]
    await start(world)
    came: dict[str, str] = {}
    names = {ids[0]: name for name, ids in people.items()}
    for hour in ("09T21", "09T22", "10T00", "10T01", "10T02", "10T09", "10T10", "10T19", "10T23"):
        world.now = at(f"2026-03-{hour}:00")
        before = len(await entries(world))
        await look(world)
        for contact, _ in (await entries(world))[before:]:
            came[names[contact]] = f"{world.now:%dT%H}"
    assert came == {
        "Sydney": "09T22",
        "moon": "10T01",
        "nowhere": "10T09",
        "Mars": "10T09",
        "Honolulu": "10T19",
    }


async def test_an_edit_before_the_hour_moves_the_day(world: World) -> None:
    [ada] = await world.people(1, birthday=TENTH)
    await start(world)
    world.now = at("2026-03-10T08:00")
    await edit(world, ada, birthday=date(1990, 3, 12))
    world.now = at("2026-03-10T09:00")
    assert await look(world) == 0
    world.now = at("2026-03-12T09:00")
    assert await look(world) == 1


async def test_an_edit_after_it_was_kept_does_not_keep_it_again_this_year(world: World) -> None:
    [ada] = await world.people(1, birthday=TENTH)
    await start(world)
    world.now = at("2026-03-10T09:00")
    assert await look(world) == 1
    await edit(world, ada, birthday=date(1990, 3, 12))
    for day in ("2026-03-10T09:15", "2026-03-12T09:00", "2027-03-10T09:00"):
        world.now = at(day)
        assert await look(world) == 0, day
    world.now = at("2027-03-12T09:00")
    assert await look(world) == 1


async def test_a_birthday_corrected_over_new_year_is_not_kept_twice_in_a_week(
    world: World,
) -> None:
    [ada] = await world.people(1, birthday=date(1990, 12, 30))
    await start(world, when="2026-12-29T12:00")
    world.now = at("2026-12-30T09:00")
    assert await look(world) == 1
    await edit(world, ada, birthday=date(1990, 1, 3))
    world.now = at("2027-01-03T09:00")
    assert await look(world) == 0
    world.now = at("2028-01-03T09:00")
    assert await look(world) == 1


async def test_a_birthday_that_becomes_known_on_its_day_is_kept_that_day(world: World) -> None:
    [ada, ben] = await world.people(2, time_zone="Europe/Berlin")
    await start(world)
    world.now = at("2026-03-10T09:00")
    assert await look(world) == 0
    await edit(world, ada, birthday=TENTH)
    world.now = at("2026-03-10T09:15")
    assert await look(world) == 1
    # in the evening it is too late
    world.now = at("2026-03-10T20:00")
    await look(world)
    await edit(world, ben, birthday=TENTH)
    world.now = at("2026-03-10T20:15")
    assert await look(world) == 0
    assert [contact for contact, _ in await entries(world)] == [ada]


async def test_somebody_who_moves_east_over_the_hour_is_kept_once(world: World) -> None:
    [ada] = await world.people(1, birthday=TENTH, time_zone="America/New_York")
    await start(world)
    world.now = at("2026-03-10T04:00")
    await look(world)
    await edit(world, ada, time_zone="Asia/Singapore")
    for hour in ("2026-03-10T04:15", "2026-03-10T13:00", "2026-03-11T01:00"):
        world.now = at(hour)
        await look(world)
    assert await entries(world) == [(ada, "always:date:birthday:2026")]


async def test_after_an_outage_a_birthday_is_kept_late_and_by_day(world: World) -> None:
    await world.people(1, birthday=TENTH, time_zone="UTC")
    await start(world)
    world.now = at("2026-03-11T03:00")
    assert await look(world) == 1
    [[due]] = await world.rows("SELECT due_at FROM run")
    assert due == at("2026-03-11T09:00")
    assert await world.advance_all("birthday") == 0
    world.now = at("2026-03-11T09:00")
    await world.until_quiet("birthday")
    assert await world.outcomes() == [("ended", "done", "done")]
    assert await look(world) == 0


async def test_what_is_longer_ago_than_the_catch_up_is_left_out_this_year(world: World) -> None:
    await world.people(1, birthday=TENTH, time_zone="UTC")
    await start(world)
    world.now = at("2026-03-12T10:00")
    assert await look(world) == 0
    world.now = at("2027-03-10T09:00")
    assert await look(world) == 1


async def test_a_pause_is_made_up_for_like_an_outage(world: World) -> None:
    await world.people(1, birthday=TENTH, time_zone="UTC")
    await start(world)
    await look(world)
    await world.pause("birthday")
    world.now = at("2026-03-10T10:00")
    assert await look(world) == 0
    world.now = at("2026-03-10T15:00")
    await world.resume("birthday")
    assert await look(world) == 1
    assert (await world.rows("SELECT due_at FROM run"))[0][0] == world.now


@pytest.mark.parametrize(
    ("later", "entered", "starts"),
    [("2026-03-11T03:00", 2, "2026-03-11T09:00"), ("2026-03-14T03:00", 0, None)],
)
async def test_a_look_that_was_left_open_lets_nobody_in_at_night_or_days_late(
    world: World, later: str, entered: int, starts: str | None
) -> None:
    await world.people(5, birthday=TENTH, time_zone="UTC")
    await start(world)
    world.now = at("2026-03-10T09:00:30")
    assert (await sweep(world)).entered == 3
    world.now = at(later)
    assert await look(world) == entered
    late = await world.rows("SELECT due_at FROM run ORDER BY id OFFSET 3")
    assert [row[0] for row in late] == [at(starts)] * entered if starts else late == []


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_crash_between_pages_loses_nobody_and_doubles_nobody(
    world: World, when: str
) -> None:
    people = await world.people(10, birthday=TENTH, time_zone="UTC")
    await start(world)
    world.now = at("2026-03-10T09:00")
    crashes = 0
    for attempt in range(18):
        # every other page
        world.store.dies = lambda: when if attempt % 2 == 0 else None  # noqa: B023
        try:
            await sweep(world)
        except Crash:
            crashes += 1
            world.parts = world.new_worker(f"worker {crashes}")
        world.now += timedelta(seconds=1)
    world.store.dies = lambda: None
    assert crashes == 9
    assert sorted(contact for contact, _ in await entries(world)) == people


async def test_two_workers_at_once_let_everybody_in_once(world: World) -> None:
    people = await world.people(20, birthday=TENTH, time_zone="UTC")
    await start(world)
    world.now = at("2026-03-10T09:00")
    workers = [world.new_worker(name) for name in ("one", "two", "three")]
    entered = await asyncio.gather(*(look(world, parts=one) for one in workers))
    assert sum(entered) == 20
    assert sorted(contact for contact, _ in await entries(world)) == people


async def test_the_rule_the_entry_policy_and_the_holdout_decide(world: World) -> None:
    rule = 'yearly: true, field: birthday, when: {"==": [{var: contact.country}, SG]}'
    source = date_flow(rule).replace("steps:", "entry: once\nholdout: 30\nsteps:")
    await world.people(40, birthday=TENTH, time_zone="UTC", country="SG")
    await edit(world, (await world.rows("SELECT max(id) FROM contact"))[0][0], country="MY")
    await start(world, source)
    world.now = at("2026-03-10T09:00")
    assert await look(world) == 39
    [[held_out]] = await world.rows("SELECT count(*) FROM run WHERE outcome = 'holdout'")
    assert 3 <= held_out <= 24
    world.now = at("2027-03-10T09:00")
    assert await look(world) == 0


async def test_a_custom_date_that_comes_once_fires_again_when_it_is_moved(world: World) -> None:
    field = DefinedField("contact", "renewal_on", Type.DATE, "renewal")
    async with world.store.store.transaction() as session:
        await define_custom_field(session, SYSTEM, field)
    [ada, ben] = await world.people(2, time_zone="UTC", custom={"renewal_on": "2026-04-10"})
    await edit(world, ben, custom='{"renewal_on": "soon"}')
    await start(world, date_flow("field: custom.renewal_on, offset: -P1M"))
    world.now = at("2026-03-10T09:00")
    assert await look(world) == 1
    await edit(world, ada, custom='{"renewal_on": "2027-04-10"}')
    world.now = at("2027-03-10T09:00")
    assert await look(world) == 1
    assert [key for _, key in await entries(world)] == [
        "always:date:custom.renewal_on:2026-04-10",
        "always:date:custom.renewal_on:2027-04-10",
    ]


async def test_a_day_off_moves_the_day_by_the_country_of_the_contact(world: World) -> None:
    """1 May 2026 is a Friday; off in Singapore and in China, which works again on the 6th."""
    [sg, cn, us] = await world.people(3, birthday=date(1990, 5, 1), time_zone="UTC")
    for contact, country in ((sg, "SG"), (cn, "CN"), (us, "US")):
        await edit(world, contact, country=country)
    await start(world, date_flow("field: birthday, yearly: true, shift: after"), "2026-04-28T12:00")
    came = {}
    for day in range(29, 40):
        world.now = at("2026-04-01T09:00") + timedelta(days=day - 1)
        before = len(await entries(world))
        await look(world)
        for contact, _ in (await entries(world))[before:]:
            came[contact] = world.now.date()
    assert came == {sg: date(2026, 5, 4), cn: date(2026, 5, 6), us: date(2026, 5, 1)}


async def with_deals(world: World, contact: int, *kinds: str) -> None:
    """A deal for each of these kinds of stages, all expected to close on one day."""
    async with world.store.store.transaction() as session:
        pipeline = Pipeline(key="sales", label="Sales")
        session.add(pipeline)
        await session.flush()
        for number, kind in enumerate(kinds):
            stage = Stage(
                pipeline_id=pipeline.id,
                key=f"stage{number}",
                label="A stage",
                kind=kind,
                position=number,
                probability_percent=10,
                forecast_category="pipeline",
            )
            session.add(stage)
            await session.flush()
            session.add(
                Deal(
                    name=f"Deal {number}",
                    contact_id=contact,
                    pipeline_id=pipeline.id,
                    stage_id=stage.id,
                    stage_entered_at=world.now,
                    opened_at=world.now,
                    forecast_category="pipeline",
                    expected_close_on=date(2026, 3, 17),
                    created_at=at("2026-01-01T00:00"),
                    updated_at=at("2026-01-01T00:00"),
                )
            )


@pytest.mark.parametrize(("only", "entered"), [("won", 1), ("lost", 1), ("open", 0)])
async def test_only_deals_of_the_wanted_stage_bring_their_contact(
    world: World, only: str, entered: int
) -> None:
    """Whose other deal is in that stage does not enter for this one."""
    [ada] = await world.people(1, time_zone="UTC")
    await with_deals(world, ada, "won", "lost")
    await start(
        world, date_flow(f"field: deal.expected_close_on, offset: -P7D, deal_stage: {only}")
    )
    world.now = at("2026-03-10T09:00")
    assert await look(world) == entered


async def test_a_date_of_a_deal_brings_its_contact_once_for_each_deal(world: World) -> None:
    [ada] = await world.people(1, time_zone="UTC")
    await with_deals(world, ada, "open", "open")
    await start(world, date_flow("field: deal.expected_close_on, offset: -P7D"))
    world.now = at("2026-03-10T09:00")
    assert await look(world) == 2
    keys = [key for _, key in await entries(world)]
    assert len(set(keys)) == 2
    assert all(key.startswith("always:date:deal.expected_close_on:") for key in keys)


WEEKLY = """
flow: weekly
purpose: service
trigger: {on: schedule, cron: "0 9 * * mon", zone: UTC, when: {"==": [{var: contact.country}, SG]}}
steps:
  done: {do: exit}
"""


async def test_each_firing_of_a_schedule_lets_its_audience_in_once(world: World) -> None:
    await world.people(5, country="SG")
    await start(world, WEEKLY, "2026-03-08T12:00")
    for moment in ("2026-03-09T08:45", "2026-03-09T09:00", "2026-03-09T09:15", "2026-03-16T09:00"):
        world.now = at(moment)
        workers = [world.new_worker(name) for name in ("one", "two")]
        made = await asyncio.gather(*(fire(world, parts=one) for one in workers))
        for one in made:
            for enrolment in one.enrolments:
                while not await world.enrol(enrolment):
                    pass
    assert len(await world.rows("SELECT 1 FROM schedule_firing")) == 2
    found = await world.rows("SELECT subject_id, count(*) FROM run GROUP BY 1")
    assert [row[1] for row in found] == [2] * 5


@pytest.mark.parametrize(("missed", "fired"), [("latest", 1), ("none", 0), ("all", 3)])
async def test_firings_that_an_outage_missed(world: World, missed: str, fired: int) -> None:
    source = WEEKLY.replace("0 9 * * mon", "0 9-11 * * *").replace(
        "zone: UTC", f"zone: UTC, missed: {missed}, catch_up: PT6H"
    )
    await start(world, source, "2026-03-08T12:00")
    world.now = at("2026-03-09T14:30")
    assert len((await fire(world)).enrolments) == fired
    assert (await fire(world)).enrolments == ()


async def test_what_was_due_before_a_flow_was_published_is_not_made_up_for(world: World) -> None:
    await world.people(1, birthday=TENTH, time_zone="UTC")
    await start(world, when="2026-03-10T09:01")
    world.now = at("2026-03-10T09:15")
    assert await look(world) == 0


async def test_a_flow_that_watched_another_day_begins_anew(world: World) -> None:
    await world.people(1, birthday=TENTH, time_zone="UTC")
    await start(world)
    await look(world)
    manual = BIRTHDAY.replace(
        '{on: date, field: birthday, yearly: true, at: "09:00"}', "{on: manual}"
    )
    await start(world, manual, "2026-03-10T08:00")
    async with world.store.store.transaction() as session:
        assert await flows_that_watch(session, world.parts.plans) == []
    await start(world, when="2026-03-10T10:00")
    world.now = at("2026-03-10T10:15")
    assert await look(world) == 0


async def test_a_look_is_due_at_the_next_hour_of_any_zone_and_firing_of_any_schedule(
    world: World,
) -> None:
    await start(world)
    await start(world, WEEKLY.replace("0 9 * * mon", "7 12 * * *"))
    async with world.store.store.transaction() as session:
        flows = await flows_that_watch(session, world.parts.plans)
    assert next_due(flows, {}, at("2026-03-09T12:00")) == at("2026-03-09T12:07")
    # nine o'clock in Lisbon and London, and nowhere in the quarter of an hour before
    assert next_due(flows, {}, at("2026-03-09T08:46")) == at("2026-03-09T09:00")
    assert next_due([], {}, at("2026-03-09T08:46")) is None
