"""What is counted of channels for all processes together: kept exact, given back, thrown away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from crm_store.session import Store
from engine.channels.base import OutgoingMessage, Unreachable
from engine.errors import NotAllowed
from engine.services import channels as service
from engine.services.actor import SYSTEM, Actor
from engine.services.channels import Going, Limits, WarmUp, Way, forget_idle, may_go
from tests.channels.scripted_http import Said, scripted_web
from tests.messages.people import NOW
from tests.named_channels.test_named_channels import House

SLOW = Limits(per_second=0.1)


@pytest.fixture
async def house(store: Store) -> AsyncIterator[House]:
    async with scripted_web([Said(200)]) as web:
        made = House(store, web)
        yield made
        await made.channels.close()
        await made.outgoing.close()


async def limited(house: House, limits: Limits, name: str = "default") -> None:
    async with house.store.transaction() as session:
        await service.limit_channel(session, SYSTEM, name, limits, now=house.now)


async def test_a_try_that_failed_gives_its_place_of_the_day_back(house: House) -> None:
    async def away(message: OutgoingMessage) -> None:
        raise Unreachable("no_connection", "away")

    await limited(house, Limits(warm_up=WarmUp(NOW.date(), (5,))))
    well, house.default.send = house.default.send, away  # type: ignore[method-assign]
    await house.asks(5)
    await house.perform()
    house.default.send = well  # type: ignore[method-assign]
    house.now += timedelta(minutes=30)
    await house.perform()
    assert len(house.default.sent) == 5
    async with house.store.transaction() as session:
        taken = (await session.execute(text("SELECT taken FROM channel_day"))).scalars().all()
    assert taken == [5]


async def test_other_rates_hold_at_once_for_those_who_wait_too(house: House) -> None:
    await limited(house, SLOW)
    await house.asks(3)
    await house.perform()
    house.now += timedelta(seconds=1)
    await limited(house, Limits(per_second=100))
    await house.perform()
    assert len(house.default.sent) == 3


async def test_a_channel_that_is_removed_leaves_nothing_counted(house: House) -> None:
    await house.gateway("texts", writes_to="email")
    await house.gateway("texts_too", writes_to="email")
    for name in ("texts", "texts_too"):
        limits = Limits(per_second=1, domain_rates={"*": 1})
        async with house.store.transaction() as session:
            await may_go(session, [Going(Way(name, name, limits=limits), "a@b.example")], NOW)
    async with house.store.transaction() as session:
        await service.remove_channel(session, SYSTEM, "texts")
    assert await keys(house) == ["channel:texts_too", "domain:texts_too:b.example"]


async def test_domains_nobody_writes_to_any_more_are_forgotten(house: House) -> None:
    way = Way(None, "smtp", limits=Limits(domain_rates={"*": 1}))
    later = NOW + timedelta(days=8)
    async with house.store.transaction() as session:
        await may_go(session, [Going(way, "jane@jane-doe.example")], NOW)
        await may_go(session, [Going(way, "ada@in-use.example")], later)
        await session.execute(
            text("INSERT INTO channel_day (key, day) VALUES ('x', :past), ('x', :today)"),
            {"past": NOW.date(), "today": later.date()},
        )
    assert await forget_idle(house.store, later + timedelta(hours=1)) == 2
    assert await keys(house) == ["domain:default:in-use.example"]


async def test_a_row_thrown_away_meanwhile_is_counted_all_the_same(house: House) -> None:
    way = Way(None, "smtp", limits=SLOW)
    async with house.store.transaction() as session:
        await may_go(session, [Going(way, "a@b.example")], NOW)

    async def ask() -> None:
        async with house.store.transaction() as session:
            await may_go(session, [Going(way, "a@b.example")], NOW)

    async with house.store.transaction() as session:
        await session.execute(text("DELETE FROM channel_bucket"))
        waiting = asyncio.create_task(ask())
        await asyncio.wait([waiting], timeout=0.05)
    await waiting
    async with house.store.transaction() as session:
        assert (await may_go(session, [Going(way, "a@b.example")], NOW))[0] is not None


async def test_a_change_that_was_drawn_first_and_committed_last_is_seen(house: House) -> None:
    """A pause must not be missed because somebody changed another channel meanwhile."""
    await house.gateway("a")
    await house.gateway("b")
    await refreshed(house)
    async with house.store.transaction() as session:
        await service.pause_channel(session, SYSTEM, "a", NOW)
        await limited(house, SLOW, "b")
        await refreshed(house)
    await refreshed(house)
    way = house.channels.way("a")
    assert way is not None
    assert way.paused


async def test_who_may_change_nothing_learns_no_sender(house: House) -> None:
    ben = Actor("user", 1, "Ben", "marketer")
    async with house.store.transaction() as session:
        with pytest.raises(NotAllowed):
            await service.limit_channel(
                session, ben, "default", Limits(), identity="nobody", now=NOW
            )


async def refreshed(house: House) -> None:
    async with house.store.transaction() as session:
        await house.channels.refresh(session)


async def keys(house: House) -> list[str]:
    async with house.store.transaction() as session:
        found = await session.execute(text("SELECT key FROM channel_bucket ORDER BY key"))
        return list(found.scalars())
