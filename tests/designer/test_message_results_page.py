"""What messages brought about, as people see it."""

from __future__ import annotations

from sqlalchemy import text

from crm_store.session import Store
from designer.components.data_table import DataTable
from tests.designer.conftest import Visit, opened

LOOKED_AT = """
    UPDATE message SET state = 'sent', handed_over_at = now() - interval '1 day',
           opened_at = now() - interval '20 hours', sender_domain = 'shop.example'
"""
PAUSED = """
    INSERT INTO sender_health (domain, state, since, reason)
    VALUES ('shop.example', 'paused', now(), 'bounces')
"""


def texts(visit: Visit) -> set[str]:
    tables = visit.user.find(kind=DataTable).elements
    return {cell.text for table in tables for row in table.rows for cell in row.cells}


async def written(store: Store, *statements: str) -> None:
    async with store.transaction() as session:
        for one in statements:
            await session.execute(text(one))
        await session.execute(
            text(
                "INSERT INTO message_click SELECT id, '<b>https://x.example/a</b>', false, now()"
                " FROM message LIMIT 1"
            )
        )


async def test_figures_links_and_hours_are_shown(visit: Visit, seeded: Store) -> None:
    await written(seeded, LOOKED_AT)
    await visit.user.open("/message-results?period=7")
    await visit.user.should_see("Hour of the day where people live")
    assert {"100.0%", "–", "<b>https://x.example/a</b>"} <= texts(visit)
    await visit.user.open("/message-results?by=domain")
    assert "shop.example" in texts(visit)


async def test_an_empty_time_says_so(visit: Visit, seeded: Store) -> None:
    async with seeded.transaction() as session:
        await session.execute(text("UPDATE message SET handed_over_at = now() - interval '1 year'"))
    await visit.user.open("/message-results?period=7")
    await visit.user.should_see("Nothing was sent in this time")


async def test_a_paused_sender_is_resumed_where_it_is_shown(visit: Visit, seeded: Store) -> None:
    await written(seeded, LOOKED_AT, PAUSED)
    await visit.user.open("/message-results")
    await visit.user.should_see("shop.example is paused")
    visit.user.find(marker="do-play_circle").click()
    visit.user.find(marker="confirm-play_circle").click()
    await visit.user.should_not_see("shop.example is paused", retries=30)
    async with seeded.transaction() as session:
        assert await session.scalar(text("SELECT state FROM sender_health")) == "well"


async def test_who_may_only_look_resumes_nothing(seeded: Store) -> None:
    await written(seeded, PAUSED)
    async with opened(seeded) as visit:
        await visit.sign_in("vera@cadenza.test")
        await visit.user.open("/message-results")
        await visit.user.should_see("shop.example is paused")
        await visit.user.should_not_see(marker="do-play_circle")
