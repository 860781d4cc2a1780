"""A quarter of the ready B2B pipeline on a virtual clock, across the day the clocks change."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from engine.services.clocks import end_clocks, set_clocks
from engine.services.deals import Moved, move_deal
from engine.services.deals.editing import NewDeal, create_deal
from engine.services.tenders import TENDERS
from engine.services.tending import ClockKind
from tests.deals.house import BEN, MIA, House, actor

READY = Path(__file__).parents[2] / "templates"
END = datetime(2026, 6, 1, tzinfo=UTC)
NEXT = (
    "SELECT kind, entity_id, due_at FROM clock WHERE due_at <= :until"
    " ORDER BY due_at, kind, entity_id LIMIT 1"
)


async def pass_time(house: House, until: datetime) -> int:
    """Let every clock that is due be looked at in its turn, as its host would; how many looks."""
    looks = 0
    while found := await house.rows(NEXT, until=until):
        kind, id_, due = found[0]
        house.now = max(house.now, due)
        async with house.work() as work:
            tended = await TENDERS[ClockKind(kind)](work, id_)
            if tended.ended:
                await end_clocks(work, ClockKind(kind), [id_])
            else:
                await set_clocks(work, ClockKind(kind), {id_: tended.due})
        looks += 1
        assert looks < 500
    house.now = until
    return looks


async def deal(house: House, name: str) -> int:
    async with house.work() as work:
        fields = {"name": name, "amount": {"minor": 900_000, "currency": "USD"}}
        return await create_deal(work, actor(BEN), NewDeal(fields))


async def test_what_nobody_touches_is_told_escalated_and_given_up(bare: House) -> None:
    for file in ("escalations/stuck_deal.yaml", "pipelines/b2b.yaml"):
        await bare.publish((READY / file).read_text(encoding="utf-8"))
    forgotten, moving = await deal(bare, "Forgotten"), await deal(bare, "Moving")
    await pass_time(bare, datetime(2026, 3, 3, 10, tzinfo=UTC))
    async with bare.work() as work:
        close = {"expected_close_on": "2026-05-01"}
        moved = await move_deal(work, actor(BEN), moving, "propose", fields=close, via="board")
        assert isinstance(moved, Moved)
    looks = await pass_time(bare, END)
    told = await bare.rows(
        "SELECT user_id, title, created_at FROM notice WHERE subject_id = :d AND subject_kind ="
        " 'deal' ORDER BY created_at, id",
        d=forgotten,
    )
    # one working day, three, and a week of silence; then nothing until it is given up
    assert [(user, at) for user, _, at in told] == [
        (BEN, datetime(2026, 3, 2, 16, tzinfo=UTC)),
        (MIA, datetime(2026, 3, 4, 16, tzinfo=UTC)),
        (BEN, datetime(2026, 3, 9, 8, tzinfo=UTC)),
    ]
    # sixty working days end on a Friday; in summer an hour earlier by UTC
    assert await bare.rows(
        "SELECT s.key, d.lost_reason, d.closed_at FROM deal d JOIN stage s ON s.id = d.stage_id"
        " WHERE d.id = :d",
        d=forgotten,
    ) == [("lost", "Nobody took it up", datetime(2026, 5, 22, 15, tzinfo=UTC))]
    worked = "SELECT working_seconds FROM stage_visit WHERE deal_id = :d AND left_at IS NOT NULL"
    assert await bare.rows(worked, d=forgotten) == [(60 * 8 * 3600,)]
    # the proposal was told after three working days and escalated after five, to somebody
    assert (
        await bare.one(
            "SELECT count(*) FROM escalation_case WHERE subject_kind = 'deal' AND subject_id = :d",
            d=moving,
        )
        == 1
    )
    assert await bare.one("SELECT count(*) FROM notice WHERE kind = 'escalation'") > 0
    assert looks < 120
