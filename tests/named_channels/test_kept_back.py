"""What waits for its channel or its sender is told, ends one day, and stands in nobody's way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from crm_store.models import Effect
from crm_store.models.sending import Deferral
from crm_store.session import Store
from engine.services import channels as service
from engine.services.actor import SYSTEM
from engine.services.channels import Limits, WarmUp
from engine.services.why import why_here
from tests.channels.scripted_http import Said, scripted_web
from tests.messages.people import NOW, add_contacts
from tests.named_channels.test_named_channels import House
from tests.sending.asking import asked, let, prepared, said

LOOK = timedelta(minutes=5)


@pytest.fixture
async def house(store: Store) -> AsyncIterator[House]:
    async with scripted_web([Said(200)]) as web:
        made = House(store, web)
        yield made
        await made.channels.close()
        await made.outgoing.close()


async def paused(house: House) -> None:
    """A letter that waits for the channel `gateway`."""
    await house.gateway(writes_to="email")
    await house.asks(channel="gateway")
    async with house.store.transaction() as session:
        await service.pause_channel(session, SYSTEM, "gateway", NOW)
    await house.perform()


async def deferrals(house: House) -> list[tuple[str, timedelta, timedelta]]:
    """(reason, since when, until when), both from the start."""
    async with house.store.transaction() as session:
        rows = await session.execute(
            select(Deferral.reason, Deferral.ruled_at, Deferral.until).order_by(Deferral.id)
        )
        return [(row[0], row[1] - NOW, row[2] - NOW) for row in rows]


async def test_a_paused_channel_is_told_in_one_row_however_often_it_is_looked_at(
    house: House,
) -> None:
    await paused(house)
    assert await deferrals(house) == [("channel_paused", timedelta(), LOOK)]
    house.now = NOW + LOOK
    await house.perform()
    assert await deferrals(house) == [("channel_paused", timedelta(), 2 * LOOK)]
    async with house.store.transaction() as session:
        run_id = (await session.execute(select(Effect.run_id))).scalar_one()
        await session.execute(text("UPDATE run SET node = 'hello', visit = 1"))
        here = await why_here(session, SYSTEM, run_id, plans=house.parts.plans, now=house.now)
    told = {one.code: one.details.get("reason") for one in here.findings}
    assert told.get("message_waits") == "channel_paused"


async def test_what_a_paused_channel_kept_for_too_long_is_not_sent_any_more(house: House) -> None:
    await paused(house)
    house.now = NOW + timedelta(days=7) - LOOK
    await house.perform()
    assert [state for state, _ in await house.effects()] == ["pending"]
    house.now += LOOK
    await house.perform()
    [message] = await house.messages()
    assert (message.state, message.reason) == ("withheld", "waited_too_long")
    async with house.store.transaction() as session:
        await service.resume_channel(session, SYSTEM, "gateway", house.now)
    house.now += timedelta(days=1)
    await house.perform()
    assert house.web.asked == []


async def test_a_warm_up_plan_lets_nobody_wait_for_weeks(house: House) -> None:
    async with house.store.transaction() as session:
        plan = WarmUp(NOW.date(), (1,) * 30)
        await service.limit_channel(session, SYSTEM, "default", Limits(warm_up=plan), now=NOW)
    await house.asks(10)
    for day in range(9):
        house.now = NOW + timedelta(days=day)
        await house.perform()
    reasons = [one.reason for one in await house.messages()]
    assert len(house.default.sent) == 8
    assert reasons.count("waited_too_long") == 2
    assert {reason for reason, *_ in await deferrals(house)} == {"warm_up"}


async def test_a_turn_that_comes_in_seconds_is_no_wait_to_tell(house: House) -> None:
    async with house.store.transaction() as session:
        limits = Limits(per_second=0.1)
        await service.limit_channel(session, SYSTEM, "default", limits, now=NOW)
    await house.asks(9)
    await house.perform()
    told = await deferrals(house)
    assert {(reason, since) for reason, since, _ in told} == {("rate", timedelta())}
    assert sorted(until.total_seconds() for *_, until in told) == [60, 70, 80]


@pytest.mark.parametrize("reason", ["channel_paused", "sender_paused"])
async def test_what_waits_until_somebody_resumes_takes_no_room(store: Store, reason: str) -> None:
    async with store.transaction() as session:
        await let(session, "caps: [{most: 1, per: day}]")
        ids = await add_contacts(session, 1)
        [more] = await asked(session, "vip", ids)
        [less] = await asked(session, "news", ids)
        due = NOW + LOOK
        await session.execute(
            update(Effect).where(Effect.id == more.effect_id).values(not_before=due)
        )
        priorities = {more.flow_id: 9}
        assert said(*await prepared(session, [less], NOW, priorities))[0] == "outranked"
        session.add(
            Deferral(effect_id=more.effect_id, reason=reason, until=due, ruled_at=NOW, read={})
        )
        await session.flush()
        assert said(*await prepared(session, [less], NOW, priorities))[0] == "goes"
