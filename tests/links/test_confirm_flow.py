"""The ready flow of double opt-in, from the request to the first letter about it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import text

from crm_store.session import Store
from engine.services import subscribing
from engine.services.actor import SYSTEM
from engine.services.links.tokens import Kind
from engine.services.subscribing import Standing
from tests.driving.world import (
    PARTITIONS,
    CrashingStore,
    RememberingChannel,
    World,
    sender_settings,
)

FLOW = Path(__file__).parents[2] / "templates" / "flows" / "confirm_subscription.yaml"


@pytest.fixture
def world(store: Store) -> World:
    return World(CrashingStore(store), RememberingChannel())


async def ask(world: World, contact_id: int) -> Standing:
    async with world.store.store.transaction() as session:
        asked = await subscribing.ask_for_consent(
            session,
            SYSTEM,
            contact_id,
            source="sign_up_form",
            now=world.now,
            partitions=PARTITIONS,
        )
    return asked.standing


async def test_a_request_leads_to_one_letter_whose_link_confirms_it(world: World) -> None:
    await world.publish(FLOW.read_text("utf-8"))
    (ada,) = await world.people(1)
    async with world.store.store.transaction() as session:
        await session.execute(text("DELETE FROM consent"))
    assert await ask(world, ada) is Standing.ASKED
    await world.until_quiet("confirm_subscription")
    assert await ask(world, ada) is Standing.WAITING
    await world.until_quiet("confirm_subscription")
    (letter,) = world.channel.delivered
    (token,) = set(re.findall(r"https://crm\.example\.com/d/([\w.-]+)", letter.text))
    signed = sender_settings().links.signed
    request_id, mark = signed.read(Kind.CONFIRM, token, world.now)
    async with world.store.store.transaction() as session:
        done = await subscribing.confirm(
            session,
            int(request_id),
            mark=str(mark),
            links=signed,
            now=world.now,
            partitions=PARTITIONS,
        )
    assert done.standing is Standing.CONFIRMED
    assert await world.rows("SELECT granted, source FROM consent") == [(True, "double_opt_in")]
