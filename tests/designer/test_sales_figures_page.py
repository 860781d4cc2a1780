"""Sales figures as people see them."""

from __future__ import annotations

from sqlalchemy import text

from crm_store.session import Store
from designer.components.data_table import DataTable
from engine.services.actor import SYSTEM
from engine.services.insight import WantedTarget, set_targets
from tests.designer.conftest import Visit
from tests.insight.worlds import NOW, random_world


def texts(visit: Visit) -> set[str]:
    tables = visit.user.find(kind=DataTable).elements
    return {cell.text for table in tables for row in table.rows for cell in row.cells}


async def test_forecast_conversion_aging_and_performance_are_shown(
    visit: Visit, seeded: Store
) -> None:
    async with seeded.transaction() as session:
        await random_world(session, 5, deals=80)
        await session.execute(text("UPDATE deal SET name = '<b>x</b>' WHERE id % 2 = 0"))
        year = f"{visit.runtime.now().year}-Q1"
        await set_targets(session, SYSTEM, [WantedTarget(year, "USD", 100, team="East")], NOW)
    await visit.user.open("/sales-figures?period=all")
    for words in ("Forecast by month", "From stage to stage", "Who wins how", "Targets"):
        await visit.user.should_see(words)
    assert {"Ben Seller", "Lead", "Signing", "<b>x</b>", year} <= texts(visit)
    await visit.user.open("/sales-figures?period=all&by=team&pipeline=partner")
    assert {"East", "West", "Nobody"} <= texts(visit)


async def test_without_deals_it_says_so(visit: Visit, seeded: Store) -> None:
    async with seeded.transaction() as session:
        await session.execute(text("DELETE FROM deal"))
        await session.execute(text("DELETE FROM pipeline"))
    await visit.user.open("/sales-figures")
    await visit.user.should_see("There are no deals yet")
