"""What comes next: for people who look, by service and by command."""

from __future__ import annotations

from datetime import date

import pytest

from engine.cli import run_verb
from engine.errors import NotAllowed, NotFound, Refused
from engine.services.actor import SYSTEM, Actor
from engine.services.due_dates.upcoming import coming_up, next_for_contact
from tests.driving.world import World
from tests.due_dates.looks import BIRTHDAY, at, begin, look
from tests.due_dates.test_birthdays import WEEKLY

CLEO = Actor("subject", 1, "Cleo")


async def test_every_flow_says_what_comes_next(world: World) -> None:
    await world.people(1, birthday=date(1990, 3, 10), time_zone="Asia/Singapore")
    await begin(world, WEEKLY, at("2026-03-08T12:00"))
    await begin(world, BIRTHDAY, at("2026-03-08T12:00"))
    world.now = at("2026-03-10T01:00")
    await look(world)
    async with world.store.store.transaction() as session:
        birthday, weekly = await coming_up(session, SYSTEM, world.parts.plans, world.now)
        [ada] = await next_for_contact(
            session,
            SYSTEM,
            world.parts.plans,
            world.now,
            flow="birthday",
            contact="person0@example.com",
            default_zone="UTC",
        )
    assert (birthday.flow, birthday.last_at, birthday.next_times) == ("birthday", world.now, ())
    assert birthday.looked_until == world.now
    assert [f"{one:%m-%d %H}" for one in weekly.next_times] == [
        "03-16 09",
        "03-23 09",
        "03-30 09",
        "04-06 09",
        "04-13 09",
    ]
    assert (ada.at, ada.occasion, ada.zone) == (at("2027-03-10T01:00"), "2027", "Asia/Singapore")


async def test_who_may_not_see_flows_sees_nothing_of_them(world: World) -> None:
    await begin(world, WEEKLY, at("2026-03-08T12:00"))
    async with world.store.store.transaction() as session:
        plans, now = world.parts.plans, world.now
        with pytest.raises(NotAllowed):
            await coming_up(session, CLEO, plans, now)
        asked = {"contact": 1, "default_zone": "UTC"}
        with pytest.raises(NotFound):
            await next_for_contact(session, SYSTEM, plans, now, flow="none", **asked)  # type: ignore[arg-type]
        with pytest.raises(Refused):
            await next_for_contact(session, SYSTEM, plans, now, flow="weekly", **asked)  # type: ignore[arg-type]


def test_the_command_shows_the_next_times(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_verb(["schedule", "next", "0 9 29 2 *", "--zone", "Asia/Tokyo", "--count", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert all("-02-29 09:00 JST" in line and "-02-29 00:00 UTC" in line for line in lines)
    assert run_verb(["schedule", "next", "0 9 13 * fri"]) == 1
    assert "leave one of them" in capsys.readouterr().err
    assert run_verb(["schedule", "next", "@daily"]) == 1
