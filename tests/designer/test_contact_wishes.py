"""What a contact wants, on their page: seen by everybody, changed by those who may."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from sqlalchemy import text

from crm_store.session import Store
from engine.services.actor import SYSTEM
from engine.services.preferences import add_ready_topics
from tests.designer.conftest import Visit

ADA = 1


async def one(store: Store, statement: str) -> object:
    async with store.transaction() as session:
        return (await session.execute(text(statement))).scalar_one_or_none()


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not await condition():  # type: ignore[misc]
            await asyncio.sleep(0.01)


@pytest.fixture
async def page(visit: Visit, seeded: Store) -> Visit:
    async with seeded.transaction() as session:
        await add_ready_topics(session, SYSTEM)
    await visit.user.open(f"/contacts/{ADA}")
    return visit


async def test_topics_and_how_often_are_shown(page: Visit, seeded: Store) -> None:
    await page.user.should_see("What they want to hear of")
    await page.user.should_see("Offers")
    await page.user.should_see("every message")


async def test_choices_are_changed_on_their_behalf(page: Visit, seeded: Store) -> None:
    page.user.find("change-wishes").click()
    page.user.find("topic-offers").click()
    page.user.find("save-wishes").click()
    await until(lambda: one(seeded, "SELECT 1 FROM contact_preference"))
    assert await one(seeded, "SELECT topics ->> 'offers' FROM contact_preference") == "false"
    written = await one(
        seeded, "SELECT actor_kind || ' ' || verb FROM audit ORDER BY id DESC LIMIT 1"
    )
    assert written == "user choose"
    await page.user.open(f"/contacts/{ADA}")
    await page.user.should_see("not: Offers")


async def test_a_no_is_recorded_and_holds(page: Visit, seeded: Store) -> None:
    page.user.find("do-do_not_disturb_on").click()
    page.user.find("confirm-do_not_disturb_on").click()
    sql = f"SELECT 1 FROM consent WHERE contact_id = {ADA} AND NOT granted AND source = 'designer'"
    await until(lambda: one(seeded, sql))
    await page.user.open(f"/contacts/{ADA}")
    await page.user.should_see("Ask by mail")


async def test_an_address_is_closed_and_opened_again(page: Visit, seeded: Store) -> None:
    page.user.find("do-block").click()
    page.user.find("confirm-block").click()
    await until(lambda: one(seeded, "SELECT 1 FROM suppression WHERE reason = 'manual'"))
    await page.user.open(f"/contacts/{ADA}")
    page.user.find("do-undo").click()
    page.user.find("confirm-undo").click()

    async def gone() -> bool:
        return await one(seeded, "SELECT 1 FROM suppression WHERE reason = 'manual'") is None

    await until(gone)
