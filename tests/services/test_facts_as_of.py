"""What rules would have read on a day in the past."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.session import Store
from engine.rules import Catalogue, CustomField, Facts, Label, Type, parse
from engine.services.facts import load_facts
from engine.services.facts_as_of import facts_as_of

CATALOGUE = Catalogue.standard().with_custom_fields(
    [CustomField("contact", "plan", Type.TEXT, Label("plan", "套餐"))]
)
MARCH, APRIL, MAY, JUNE = (datetime(2026, month, 1, tzinfo=UTC) for month in (3, 4, 5, 6))
ADA, CLEO = 1, 2
READ: Any = {
    "and": [
        {"is_set": [{"var": f"contact.{name}"}]}
        for name in ("country", "score", "birthday", "tags", "custom.plan", "lead_status")
    ]
    + [{"was_ever": [{"var": "contact.country"}, "SG"]}, {"done": ["Signed Up"]}]
}


# What is written when; Ada changes in April and May, Cleo comes in May.
WRITTEN = {
    MARCH: (
        "INSERT INTO tag (name) VALUES ('vip'), ('press'), ('new')",
        """INSERT INTO contact (email, email_key, country, score, birthday, custom, created_at)
           VALUES ('a', 'a', 'SG', 1, '1992-02-29', '{"plan": "free"}', :at)""",
        "INSERT INTO contact_tag VALUES (1, 'new')",
        """INSERT INTO event (source, message_id, name, contact_id, occurred_at)
           VALUES ('test', '1', 'Signed Up', 1, :at)""",
    ),
    APRIL: (
        "UPDATE contact SET country = 'MY', birthday = '1992-03-01'",
        """UPDATE contact SET custom = '{"plan": "pro"}', lead_status = 'open'""",
        "INSERT INTO contact_tag VALUES (1, 'vip')",
    ),
    MAY: (
        "UPDATE contact SET country = 'TH', score = 9, lead_status = NULL, custom = '{}'",
        "DELETE FROM contact_tag WHERE tag IN ('vip', 'new')",
        "INSERT INTO contact_tag VALUES (1, 'press')",
        "INSERT INTO contact (email, email_key, created_at) VALUES ('c', 'c', :at)",
        """INSERT INTO event (source, message_id, name, contact_id, occurred_at)
           VALUES ('test', '2', 'Signed Up', 1, :at)""",
    ),
}


@pytest.fixture
async def session(store: Store) -> AsyncIterator[AsyncSession]:
    for at, statements in WRITTEN.items():
        async with store.transaction() as writing:
            for statement in statements:
                await writing.execute(text(statement), {"at": at} if ":at" in statement else {})
            await writing.execute(
                text(
                    "UPDATE field_change SET changed_at = :at"
                    " WHERE transaction_id = CAST(CAST(pg_current_xact_id() AS text) AS bigint)"
                ),
                {"at": at},
            )
    async with store.transaction() as reading:
        yield reading


async def read(session: AsyncSession, instant: datetime) -> dict[int, Facts]:
    reads = parse(READ, CATALOGUE, event_rule=False).reads
    return await facts_as_of(session, [ADA, CLEO], reads, instant)


async def test_in_june_all_is_as_it_is_now(session: AsyncSession) -> None:
    reads = parse(READ, CATALOGUE, event_rule=False).reads
    now = await load_facts(session, [ADA, CLEO], reads, JUNE)
    then = await read(session, JUNE)
    assert then.keys() == now.keys()
    for id_, facts in now.items():
        assert then[id_]["contact"].items() >= facts["contact"].items()


async def test_in_april_it_was_half_way(session: AsyncSession) -> None:
    facts = await read(session, MAY - timedelta(seconds=1))
    assert facts.keys() == {ADA}
    ada = facts[ADA]["contact"]
    assert (ada["country"], ada["score"], ada["lead_status"]) == ("MY", 1, "open")
    assert ada["birthday"] == date(1992, 3, 1)
    assert ada["custom"] == {"plan": "pro"}
    assert sorted(ada["tags"]) == ["new", "vip"]


async def test_in_march_it_was_as_it_began(session: AsyncSession) -> None:
    facts = (await read(session, APRIL - timedelta(seconds=1)))[ADA]
    assert facts["contact"]["birthday"] == date(1992, 2, 29)
    assert facts["contact"]["country"] == "SG"
    assert facts["contact"]["custom"] == {"plan": "free"}
    assert facts["contact"]["lead_status"] is None
    assert facts["contact"]["tags"] == ["new"]
    assert len(facts["events"]) == 1
    assert facts["changes"] == []


async def test_before_there_was_nobody(session: AsyncSession) -> None:
    assert await read(session, MARCH - timedelta(seconds=1)) == {}
