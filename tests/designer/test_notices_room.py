"""What one was told oneself, in the inbox: seen, marked as read, and how one is told."""

from __future__ import annotations

import asyncio
from typing import Any

from nicegui import ui
from sqlalchemy import text

from crm_store.session import Store
from engine.services.pokes import NoPokes
from engine.services.telling import Telling, Urgency, tell
from engine.services.work import working
from engine.steps.words import Words
from tests.designer.conftest import Visit
from tests.designer.seed import EMAIL

PATIENCE = 100


async def rows(store: Store, sql: str) -> list[Any]:
    async with store.transaction() as session:
        return [tuple(row) for row in await session.execute(text(sql))]


async def told(visit: Visit, store: Store, count: int) -> None:
    """Of so many deals, somebody without a mail address."""
    runtime = visit.runtime
    [(ben,)] = await rows(store, f"SELECT id FROM \"user\" WHERE email = '{EMAIL}'")
    await rows(store, 'UPDATE "user" SET email = NULL, email_key = NULL RETURNING 1')
    async with working(store, runtime.shared, NoPokes(), runtime.now()) as work:
        await tell(
            work,
            [
                Telling(
                    key=f"deal:{number}",
                    user_id=ben,
                    kind="deal",
                    title=Words(f"Deal {number} <b>waits</b>", f"商机 {number}"),
                    body=Words("Nobody has looked at it.", "尚无人查看。"),
                    subject_kind="deal",
                    subject_id=number,
                    urgency=Urgency.HIGH,
                    path="/contacts/1",
                )
                for number in range(1, count + 1)
            ],
        )


async def test_somebody_without_mail_sees_what_they_were_told_and_marks_it(
    visit: Visit, seeded: Store
) -> None:
    await told(visit, seeded, 2)
    await visit.user.open("/inbox?tab=notices")
    await visit.user.should_see("Deal 1 <b>waits</b>", retries=PATIENCE)
    await visit.user.should_see("Notices (2)")
    visit.user.find(marker="read-1").click()
    await visit.user.should_not_see("Deal 1 <b>waits</b>", retries=PATIENCE)
    await visit.user.should_see("Notices (1)")
    visit.user.find(marker="read-all").click()
    await visit.user.should_see("Nothing new", retries=PATIENCE)
    assert await rows(seeded, "SELECT count(*) FROM notice WHERE read_at IS NULL") == [(0,)]
    await visit.user.open("/inbox?tab=notices&which=all")
    await visit.user.should_see("Deal 2 <b>waits</b>", retries=PATIENCE)


async def test_somebody_chooses_to_be_told_here_alone(visit: Visit, seeded: Store) -> None:
    await visit.user.open("/inbox?tab=notices&before=x")
    await visit.user.should_see("How I am told", retries=PATIENCE)
    [channel] = visit.user.find(marker="way-channel").elements
    assert isinstance(channel, ui.select)
    channel.value = "none"
    visit.user.find(marker="save-way").click()
    for _ in range(PATIENCE):
        if await rows(seeded, "SELECT 1 FROM notice_way"):
            break
        await asyncio.sleep(0.05)
    assert await rows(seeded, "SELECT urgency, channel FROM notice_way") == [("normal", "none")]
