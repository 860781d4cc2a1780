"""The mapping files that Cadenza brings along take the data sets they are for, completely."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from crm_store.models import Account, Consent, Contact, Deal, Order, Product, Stage, Team, User
from crm_store.session import Store
from engine.services.actor import SYSTEM
from engine.services.imports import Fate, ImportOrder, ImportReport, import_file, load_mapping
from tests.clock import Clock
from tests.imports.conftest import SHIPPED
from tests.imports.samples import Sample, made_sample, real_sample

FILES = (
    ("crm_sales_teams", "sales_teams.csv"),
    ("crm_sales_accounts", "accounts.csv"),
    ("crm_sales_products", "products.csv"),
    ("crm_sales_pipeline", "sales_pipeline.csv"),
    ("cdnow_contacts", None),
    ("cdnow_orders", None),
)


@pytest.fixture(params=["made", "real"])
def sample(request: pytest.FixtureRequest, tmp_path: Path) -> Sample:
    if request.param == "made":
        return made_sample(tmp_path)
    found = real_sample()
    if found is None:
        pytest.skip("the public data sets are not beside the repository")
    return found


async def import_all(store: Store, sample: Sample, clock: Clock) -> list[ImportReport]:
    reports = []
    for mapping, name in FILES:
        path = sample.crm / name if name else sample.cdnow
        order = ImportOrder(path, mapping=load_mapping(SHIPPED / f"{mapping}.yaml"))
        reports.append(await import_file(store, SYSTEM, order, clock.now))
    return reports


async def test_every_line_of_both_data_sets_goes_in(
    store: Store, sample: Sample, clock: Clock
) -> None:
    reports = await import_all(store, sample, clock)
    assert [r.first_problems for r in reports] == [()] * len(FILES)
    assert all(r.count(Fate.REJECTED) == r.incomplete == 0 for r in reports)
    expected = sample.expected
    async with store.transaction() as session:

        async def count(model: type) -> int:
            return await session.scalar(select(func.count()).select_from(model)) or 0

        assert await count(User) == expected.users
        assert await count(Team) == expected.teams
        assert await count(Account) == expected.accounts
        assert await count(Product) == expected.products
        assert await count(Deal) == expected.deals
        assert await count(Contact) == await count(Consent) == expected.customers
        assert await count(Order) == expected.orders
        parents = select(func.count()).where(Account.parent_account_id.is_not(None))
        assert await session.scalar(parents) == expected.subsidiaries
        assert not await session.scalar(select(func.count()).where(Account.industry == "technolgy"))
        assert not await session.scalar(select(func.count()).where(Deal.product_id.is_(None)))


async def test_importing_both_data_sets_twice_changes_nothing(
    store: Store, sample: Sample, clock: Clock
) -> None:
    await import_all(store, sample, clock)
    before = await fingerprint(store)
    clock.advance(datetime(2026, 4, 1, tzinfo=UTC) - clock.now())
    again = await import_all(store, sample, clock)
    assert [r.count(Fate.CREATED) + r.count(Fate.UPDATED) for r in again] == [0] * len(FILES)
    assert await fingerprint(store) == before


async def test_closed_deals_stand_where_they_closed(
    store: Store, tmp_path: Path, clock: Clock
) -> None:
    await import_all(store, made_sample(tmp_path), clock)
    async with store.transaction() as session:
        found = await session.execute(select(Deal, Stage).join(Stage, Deal.stage_id == Stage.id))
        for deal, stage in found:
            closed = stage.kind in ("won", "lost")
            assert (deal.closed_at is not None) == closed
            assert deal.stage_entered_at == (deal.closed_at if closed else deal.opened_at)
            assert deal.forecast_category == stage.forecast_category
            if stage.key == "prospecting":
                assert deal.opened_at == clock.now()


async def fingerprint(store: Store) -> list[tuple[str, str]]:
    """A hash of every row of every table the imports write."""
    tables = (
        "user",
        "team",
        "account",
        "product",
        "deal",
        "contact",
        "consent",
        "order",
        "contact_tag",
        "pipeline",
        "stage",
        "event",
    )
    async with store.transaction() as session:
        return [
            (
                table,
                await session.scalar(
                    text(
                        f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), ''))"
                        f' FROM "{table}" t'
                    )
                )
                or "",
            )
            for table in tables
        ]
