"""The results of a flow as people see them, and what they decide there."""

from __future__ import annotations

from sqlalchemy import text

from crm_store.session import Store
from designer.components.data_table import DataTable
from tests.designer.conftest import Visit, opened

REACHED = """
    INSERT INTO goal_reached (run_id, flow_id, subject_id, reached_at, amount_minor, currency,
                              base_minor)
    SELECT r.id, r.flow_id, r.subject_id, now(), 2500, 'SGD', 1900 FROM run r
    JOIN flow f ON f.id = r.flow_id WHERE f.name = 'win_back' ORDER BY r.id LIMIT 3
"""


def texts(visit: Visit) -> set[str]:
    tables = visit.user.find(kind=DataTable).elements
    return {cell.text for table in tables for row in table.rows for cell in row.cells}


async def test_goal_and_revenue_are_shown_with_what_can_be_said(
    visit: Visit, seeded: Store
) -> None:
    async with seeded.transaction() as session:
        await session.execute(text(REACHED))
    await visit.user.open("/flows/win_back?view=results")
    await visit.user.should_see("“Order Completed”, within")
    await visit.user.should_see(marker="lift")
    assert {"In the flow", "Held out", "SGD 75.00"} <= {
        text.replace("\u00a0", " ").replace("SGD75", "SGD 75") for text in texts(visit)
    }


async def test_an_audience_can_be_cancelled_where_it_is_shown(visit: Visit, seeded: Store) -> None:
    async with seeded.transaction() as session:
        await session.execute(text("UPDATE enrolment SET state = 'cancelled'"))
        await session.execute(
            text(
                "INSERT INTO enrolment (flow_id, flow_version_id, entry_key, as_of, looked_at,"
                " entered, total, asked_by) SELECT id, published_version_id, '', now(), 40,"
                " 30, 100, 'Ben Adeyemi' FROM flow WHERE name = 'win_back'"
            )
        )
    await visit.user.open("/flows/win_back?view=results")
    visit.user.find(marker="do-cancel").click()
    await visit.user.should_see("30 people who have entered go on.")
    visit.user.find(marker="confirm-cancel").click()
    await visit.user.should_see(marker="do-group_add", retries=30)
    assert "Cancelled" in texts(visit)
    async with seeded.transaction() as session:
        states = (await session.scalars(text("SELECT DISTINCT state FROM enrolment"))).all()
    assert states == ["cancelled"]


async def test_who_may_only_look_decides_nothing(seeded: Store) -> None:
    async with opened(seeded) as visit:
        await visit.sign_in("vera@cadenza.test")
        await visit.user.open("/flows/win_back?view=results")
        await visit.user.should_see("Audiences")
        await visit.user.should_not_see(marker="do-group_add")
