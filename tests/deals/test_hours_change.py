"""The clocks of deals count anew when their owner works elsewhere or at other hours."""

from __future__ import annotations

from datetime import timedelta

from engine.services.actor import SYSTEM
from engine.services.calendars.editing import NewCalendar, put_calendar
from engine.services.deals.beginning import deals_begun
from engine.services.hosts import Hosting
from engine.services.organisation.profiles import Profile, set_profile
from engine.services.organisation.teams import TeamGiven, add_team, change_team, put_members
from engine.services.pokes import NoPokes
from engine.services.tending import ClockKind
from tests.deals.house import BEN, CLEO, House

ALERTED = """
pipeline: sales
stages:
  - {key: talk, probability: 10, sla: [{after: 4h, then: [{do: notify, to: owner}]}]}
  - {key: won, kind: won}
  - {key: lost, kind: lost}
"""
LATE = {"mon": [["15:00", "23:00"]]}


async def due(house: House, deal: int) -> timedelta:
    found = await house.one(
        "SELECT due_at FROM clock WHERE kind = 'deal' AND entity_id = :id", id=deal
    )
    left: timedelta = found - house.now
    return left


async def tended(house: House, deal: int) -> timedelta:
    hosting = Hosting(house.store, house.shared, NoPokes())
    await hosting.tend(ClockKind.DEAL, deal, house.now)
    return await due(house, deal)


async def test_deals_count_by_where_and_when_their_owner_works_now(bare: House) -> None:
    await bare.publish(ALERTED)
    bens, cleos = await bare.deal(), await bare.deal(owner_id=CLEO)
    async with bare.work() as work:
        await deals_begun(work, [bens, cleos], "api")
        await put_calendar(work.session, SYSTEM, NewCalendar("late", LATE), bare.now)
    assert (await due(bare, bens), await due(bare, cleos)) == (timedelta(hours=4),) * 2

    async with bare.store.transaction() as session:
        await set_profile(session, SYSTEM, BEN, Profile(zone="America/New_York"), bare.now)
    assert (await due(bare, bens), await due(bare, cleos)) == (timedelta(), timedelta(hours=4))
    # the zone is that of the calendar where it has one
    assert await tended(bare, bens) == timedelta(hours=4)

    async with bare.store.transaction() as session:
        team = await add_team(session, SYSTEM, TeamGiven("Late"))
        await put_members(session, SYSTEM, team, [BEN], bare.now)
        await change_team(session, SYSTEM, team, TeamGiven("Late", calendar="late"), bare.now)
    assert await due(bare, bens) == timedelta()
    # three in the afternoon of New York is twelve hours from now
    assert await tended(bare, bens) == timedelta(hours=16)
    assert await due(bare, cleos) == timedelta(hours=4)
