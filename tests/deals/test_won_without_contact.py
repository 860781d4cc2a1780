"""A sale must not go unheard because the deal names no contact."""

from __future__ import annotations

from engine.services.deals import move_deal
from tests.deals.house import BEN, House, actor


async def won(house: House, **values: object) -> int:
    deal = await house.deal(stage="offer", amount_minor=900, currency="EUR", **values)
    async with house.work() as work:
        await move_deal(work, actor(BEN), deal, "won", via="board")
    return deal


async def test_the_account_s_first_contact_hears_of_it(house: House) -> None:
    account = await house.one(
        "INSERT INTO account (name, name_key) VALUES ('Looms', 'looms') RETURNING id"
    )
    ada, _ = [
        await house.one(
            "INSERT INTO contact (email, email_key, name_key, account_id)"
            f" VALUES ('{name}@b.c', '{name}@b.c', '{name}', {account}) RETURNING id"
        )
        for name in ("ada", "eve")
    ]
    await won(house, account_id=account)
    found = await house.rows("SELECT name, contact_id FROM event WHERE name = 'Deal Won'")
    assert found == [("Deal Won", ada)]
    assert await house.rows("SELECT title FROM notice") == []


async def test_where_there_is_nobody_the_owner_is_told(house: House) -> None:
    deal = await won(house)
    assert await house.one("SELECT count(*) FROM event") == 0
    [(user, title)] = await house.rows("SELECT user_id, title FROM notice")
    assert user == BEN
    assert title == f"Deal {deal} is won, and no flow heard of it"
