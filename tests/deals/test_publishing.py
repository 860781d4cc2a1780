"""Publishing a pipeline: its stages, the deals on them, and what may not vanish."""

from __future__ import annotations

import pytest

from engine.definitions import DefinitionRefused
from engine.services.deals import Moved, MoveRefused, move_deal
from engine.services.deals.tending import tend_deal
from tests.deals.house import BEN, SIMPLE, House, actor

SMALLER = """
pipeline: sales
stages:
  - {key: offer, label: Quote, probability: 50, sla: [{after: 1h, then: [{do: notify}]}]}
  - {key: won, kind: won}
  - {key: lost, kind: lost}
"""
STAGES = "SELECT key, label, position, retired_at IS NOT NULL FROM stage ORDER BY position, id"


async def test_stages_follow_the_definition(house: House) -> None:
    assert await house.rows(STAGES) == [
        ("talk", "Talking", 0, False),
        ("offer", "Offer", 1, False),
        ("won", "Won", 2, False),
        ("lost", "Lost", 3, False),
    ]
    await house.publish(SMALLER)
    assert await house.rows(f"SELECT * FROM ({STAGES}) s WHERE key IN ('talk', 'offer')") == [
        ("talk", "Talking", 0, True),
        ("offer", "Quote", 0, False),
    ]
    await house.publish(SIMPLE)
    assert await house.one("SELECT count(*) FROM stage WHERE retired_at IS NOT NULL") == 0


async def test_a_stage_with_deals_does_not_vanish_without_a_word(house: House) -> None:
    await house.deal()
    deal = await house.deal(stage="lost")
    with pytest.raises(DefinitionRefused) as refused:
        await house.publish(SMALLER)
    assert [(one.code, one.message) for one in refused.value.problems] == [
        (
            "stage_in_use",
            (
                '1 deal stands on "talk", which is left out here; say where they go, such as '
                "`moved: {talk: offer}`."
            ),
        )
    ]
    with pytest.raises(DefinitionRefused) as refused:
        await house.publish(
            SMALLER.replace("key: lost, kind: lost", "key: gone, kind: lost")
            + "moved: {talk: offer, lost: won}\n"
        )
    assert [one.code for one in refused.value.problems] == ["moved_to_other_kind"]
    await house.publish(SMALLER + "moved: {talk: offer}\n")
    assert await house.rows(
        "SELECT d.id, s.key, v.via, v.left_at FROM deal d JOIN stage s ON s.id = d.stage_id"
        " JOIN stage_visit v ON v.deal_id = d.id ORDER BY d.id"
    ) == [(deal - 1, "offer", "pipeline", None)]
    assert await house.one("SELECT count(*) FROM event") == 0


async def test_open_deals_of_before_get_their_clocks(house: House) -> None:
    deal = await house.deal(stage="offer")
    await house.deal(stage="won")
    await house.publish(SMALLER + "moved: {talk: offer}\n")
    assert await house.rows("SELECT kind, entity_id FROM clock") == [("deal", deal)]
    house.later(hours=1)
    async with house.work() as work:
        await tend_deal(work, deal)
    assert await house.one("SELECT count(*) FROM notice") == 1


async def test_clocks_keep_their_version_and_moves_go_by_the_newest(house: House) -> None:
    deal = await house.deal()
    loud = SIMPLE.replace(
        "probability: 10}", "probability: 10, sla: [{after: 1h, then: [{do: notify}]}]}"
    )
    await house.publish(loud)
    await house.publish(
        SIMPLE.replace(
            "from: talk, to: offer}", "from: talk, to: won}\n  - {from: lost, to: offer}"
        )
    )
    house.later(hours=1)
    async with house.work() as work:
        await tend_deal(work, deal)
        money = {"amount": {"minor": 1, "currency": "EUR"}}
        there = await move_deal(work, actor(BEN), deal, "offer", fields=money, via="board")
        on = await move_deal(work, actor(BEN), deal, "won", via="board")
    assert await house.rows("SELECT user_id, title FROM notice WHERE title LIKE 'Looms%'") == [
        (BEN, "Looms has been on Talking for 1 hour")
    ]
    assert isinstance(there, MoveRefused)
    assert isinstance(on, Moved)


async def test_a_stage_that_deals_stand_on_keeps_its_kind(house: House) -> None:
    await house.deal(stage="offer", amount_minor=1, currency="EUR")
    with pytest.raises(DefinitionRefused) as refused:
        await house.publish(
            SIMPLE.replace(
                "{key: offer, label: Offer, label_zh: 报价, probability: 50, needs: [amount]}",
                "{key: offer, kind: won}",
            )
            .replace(
                "  - {from: [talk, offer], to: lost, needs: lost_reason}",
                "  - {from: talk, to: lost}",
            )
            .replace("  - {from: offer, to: won, who", "  - {from: talk, to: won, who")
        )
    assert [one.code for one in refused.value.problems] == ["kind_in_use"]
