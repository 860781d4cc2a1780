"""Targets are set, read from files, and held against what was won."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from crm_store.session import Store
from engine.errors import NotAllowed, NotFound, Refused
from engine.local_time import local_date
from engine.services.actor import SYSTEM, Actor
from engine.services.insight import (
    Attainment,
    WantedTarget,
    list_targets,
    read_targets,
    remove_target,
    set_targets,
)
from engine.services.insight.csv_text import target_lines
from engine.services.message_results.csv_text import table
from tests.insight.worlds import NOW, ZONE, World, random_world

QUARTER = {"2026-04", "2026-05", "2026-06"}


@pytest.fixture
async def world(store: Store) -> World:
    async with store.transaction() as session:
        return await random_world(session, 11, deals=200)


async def targets(store: Store, **asked: object) -> list[Attainment]:
    async with store.transaction() as session:
        return await list_targets(session, SYSTEM, ZONE, **asked)  # type: ignore[arg-type]


async def test_attainment_is_what_the_holder_won_in_the_period(store: Store, world: World) -> None:
    wanted = [
        WantedTarget("2026-Q2", "USD", 1_000_000),
        WantedTarget("2026-Q2", "USD", 500_000, team="East"),
        WantedTarget("2026-05", "USD", 0, owner=3),
        WantedTarget("2026-05", "EUR", 70_000, owner=3),
        WantedTarget("2026-05", "USD", 70_000, owner=2),
    ]
    async with store.transaction() as session:
        assert len(await set_targets(session, SYSTEM, wanted, NOW)) == 5
    async with store.transaction() as session:
        assert await set_targets(session, SYSTEM, wanted, NOW) == []
        again = [WantedTarget("2026-05", "USD", 80_000, owner=2)]
        assert len(await set_targets(session, SYSTEM, again, NOW)) == 1

    def won(months: set[str], currency: str | None, **holder: object) -> tuple[int, int, int]:
        found: Counter[str] = Counter()
        for deal in world.deals:
            if deal.stage != "won" or deal.closed_at is None:
                continue
            if f"{local_date(deal.closed_at, ZONE):%Y-%m}" not in months:
                continue
            if holder.get("team", world.team(deal)) != world.team(deal):
                continue
            if holder.get("owner", deal.owner) != deal.owner:
                continue
            if currency and deal.currency != currency:
                continue
            found["deals"] += 1
            found["sum"] += (deal.amount_minor if currency else deal.base_minor) or 0
            found["without"] += not currency and deal.currency == "EUR"
        return found["deals"], found["sum"], found["without"]

    shown = {(o.period, o.team, o.owner_id, o.currency): o for o in await targets(store)}
    expected = {
        ("2026-Q2", None, None, "USD"): won(QUARTER, None),
        ("2026-Q2", "East", None, "USD"): won(QUARTER, None, team="East"),
        ("2026-05", None, 3, "USD"): won({"2026-05"}, None, owner=3),
        ("2026-05", None, 3, "EUR"): won({"2026-05"}, "EUR", owner=3),
        ("2026-05", None, 2, "USD"): won({"2026-05"}, None, owner=2),
    }
    assert {k: (o.won_deals, o.won_minor, o.without_rate) for k, o in shown.items()} == expected
    assert expected[next(iter(expected))][0] > 1
    assert shown["2026-05", None, 2, "USD"].amount_minor == 80_000
    everybody = shown["2026-Q2", None, None, "USD"]
    assert everybody.share == everybody.won_minor / 1_000_000
    assert shown["2026-05", None, 3, "USD"].share is None
    assert [o.period for o in await targets(store, period="2026-05")] == ["2026-05"] * 3
    assert len(await targets(store, period="2026-Q2", team="East")) == 1
    assert await targets(store, owner=4) == []


async def test_every_mistake_is_named_and_nothing_is_written(store: Store, world: World) -> None:
    assert world.people
    wanted = [
        WantedTarget("2026", "USD", 1, place="/targets/0"),
        WantedTarget("2026-05", "dollars", -1, place="/targets/1"),
        WantedTarget("2026-05", "USD", 1, owner=77, team="East", place="/targets/2"),
        WantedTarget("2026-05", "USD", 1, team="North", place="/targets/3"),
        WantedTarget("2026-05", "USD", 1, owner=2, place="/targets/4"),
        WantedTarget("2026-05", "USD", 2, owner=2, place="/targets/5"),
    ]
    with pytest.raises(Refused) as refused:
        async with store.transaction() as session:
            await set_targets(session, SYSTEM, wanted, NOW)
    places = [one.place for one in refused.value.problems]
    assert places == [
        "/targets/0/period",
        "/targets/1/currency",
        "/targets/1/amount_minor",
        "/targets/2/team",
        "/targets/2/owner",
        "/targets/3/team",
        "/targets/5",
    ]
    assert await targets(store) == []


async def test_a_rep_reads_targets_and_sets_none(store: Store, world: World) -> None:
    assert world.people
    rep, manager = (Actor("user", 2, "Ben", role) for role in ("rep", "sales_manager"))
    async with store.transaction() as session:
        assert await list_targets(session, rep, ZONE) == []
        with pytest.raises(NotAllowed):
            await set_targets(session, rep, [WantedTarget("2026-05", "USD", 1)], NOW)
        made = await set_targets(session, manager, [WantedTarget("2026-05", "USD", 1)], NOW)
        with pytest.raises(NotAllowed):
            await remove_target(session, rep, made[0])
        await remove_target(session, manager, made[0])
        with pytest.raises(NotFound):
            await remove_target(session, manager, made[0])
        said = await session.execute(text("SELECT verb, actor_name FROM audit ORDER BY id"))
        assert [tuple(row) for row in said] == [("edit", "Ben"), ("delete", "Ben")]


async def test_targets_come_from_a_file(store: Store, world: World, tmp_path: Path) -> None:
    assert world.people
    file = tmp_path / "targets.csv"
    file.write_text(
        "Period,Owner,Team,Currency,Amount\n"
        "2026-Q3,Ben Seller,,USD,1234.50\n2026-Q3,,West,JPY,90000\n\n2026-07,,,EUR,7\n"
    )
    async with store.transaction() as session:
        wanted = await read_targets(session, file)
        assert len(await set_targets(session, SYSTEM, wanted, NOW)) == 3
    shown = [(o.period, o.owner, o.team, o.currency, o.amount_minor) for o in await targets(store)]
    assert sorted(shown, key=str) == [
        ("2026-07", None, None, "EUR", 700),
        ("2026-Q3", "Ben Seller", None, "USD", 123450),
        ("2026-Q3", None, "West", "JPY", 90000),
    ]
    file.write_text("period,owner,currency,amount\n2026-07,Nobody,USD,1.234\n2026-07,,ZZZ,1\n")
    async with store.transaction() as session:
        with pytest.raises(Refused) as refused:
            await read_targets(session, file)
        assert [one.place for one in refused.value.problems] == [
            "line 2, amount",
            "line 2, owner",
            "line 3, currency",
        ]
        file.write_text("period,owner\n")
        with pytest.raises(Refused, match="lacks the column currency, amount"):
            await read_targets(session, file)


def test_no_cell_of_a_table_is_a_formula() -> None:
    one = Attainment(
        1, "2026-05", "month", datetime(2026, 5, 1, tzinfo=UTC).date(), 2, "=1+1", "@sum", "USD",
        *(10, 1, 5, 0),
    )  # fmt: skip
    line = table(target_lines([one])).splitlines()[1]
    assert line.startswith("1,2026-05,'=1+1,'@sum,USD,10,5,0.5")
