"""The history of fields: every change is written down exactly, by whichever door it came."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.session import Store
from engine.rules.facts import Catalogue
from engine.rules.operators.kept_fields import is_kept

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
ADA, BEN, CLEO = 1, 2, 3

# A row of each kind of record, with what its deal stands on.
MADE = """
INSERT INTO pipeline (key, label) VALUES ('sales', 'Sales'), ('partner', 'Partners');
INSERT INTO stage (pipeline_id, key, label, kind, position, probability_percent, forecast_category)
VALUES (1, 'new', 'New', 'open', 0, 10, 'pipeline'),
(2, 'signed', 'Signed', 'won', 1, 100, 'closed');
INSERT INTO role (key, label) VALUES ('admin', 'Admin');
INSERT INTO "user" (email, email_key, name, name_key, role) SELECT e, e, e, e, 'admin'
FROM unnest(ARRAY['ben@example.com', 'cleo@example.com']) e;
INSERT INTO account (name, name_key) VALUES ('Engines', 'engines');
INSERT INTO contact (email, email_key, country, score, account_id)
SELECT e, e, 'SG', 1, 1 FROM unnest(ARRAY['a@example.com', 'b@example.com', 'c@example.com']) e;
INSERT INTO deal (name, contact_id, pipeline_id, stage_id, stage_entered_at, forecast_category,
                  opened_at) VALUES ('Deal', 1, 1, 1, now(), 'pipeline', now());
INSERT INTO ticket (subject, contact_id, opened_at) VALUES ('Help', 1, now());
INSERT INTO "order" (contact_id, placed_at, total_minor, currency) VALUES (1, now(), 100, 'EUR');
INSERT INTO tag (name) VALUES ('vip'), ('press');
"""


@pytest.fixture
async def made(store: Store) -> Store:
    async with store.transaction() as session:
        for statement in MADE.split(";\n"):
            if statement.strip():
                await session.execute(text(statement))
    return store


async def write(store: Store, *statements: str, **values: Any) -> None:
    async with store.transaction() as session:
        for statement in statements:
            await session.execute(text(statement), values)


async def history(store: Store, record: str = "contact") -> list[tuple[int, str, Any, Any]]:
    async with store.transaction() as session:
        return await _history(session, record)


async def _history(session: AsyncSession, record: str) -> list[tuple[int, str, Any, Any]]:
    rows = await session.execute(
        text(
            "SELECT record_id, field, old, new FROM field_change WHERE record = :record ORDER BY id"
        ),
        {"record": record},
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


async def test_new_records_have_no_history(made: Store) -> None:
    for record in ("contact", "account", "deal", "ticket", "order"):
        assert await history(made, record) == []


async def test_a_change_has_its_old_and_new_value(made: Store) -> None:
    await write(made, "UPDATE contact SET country = 'MY', score = 5 WHERE id = 1")
    assert await history(made) == [(ADA, "country", "SG", "MY"), (ADA, "score", 1, 5)]


async def test_nothing_is_known_before_and_after(made: Store) -> None:
    await write(made, "UPDATE contact SET city = 'Ipoh' WHERE id = 1")
    await write(made, "UPDATE contact SET city = NULL WHERE id = 1")
    assert await history(made) == [(ADA, "city", None, "Ipoh"), (ADA, "city", "Ipoh", None)]


async def test_what_stays_the_same_writes_nothing(made: Store) -> None:
    await write(
        made,
        "UPDATE contact SET country = country, city = NULL, custom = '{}', score = 1",
        "UPDATE contact SET last_seen_at = now(), updated_at = now(), email_key = 'x' WHERE id = 1",
        "UPDATE deal SET updated_at = now()",
    )
    assert await history(made) == []
    assert await history(made, "deal") == []


async def test_custom_fields_are_told_apart(made: Store) -> None:
    await write(made, """UPDATE contact SET custom = '{"plan": "free", "seats": 2}' WHERE id = 1""")
    await write(
        made,
        """UPDATE contact SET custom = '{"plan": "pro", "seats": 2, "gold": true, "old": null}'
           WHERE id = 1""",
        """UPDATE contact SET custom = '{"plan": "pro", "labels": ["a"], "gold": null}'
           WHERE id = 1""",
    )
    found = await history(made)
    assert found[:2] == [(ADA, "custom.plan", None, "free"), (ADA, "custom.seats", None, 2)]
    assert sorted(found[2:4], key=str) == [
        (ADA, "custom.gold", None, True),
        (ADA, "custom.plan", "free", "pro"),
    ]
    assert sorted(found[4:], key=str) == [
        (ADA, "custom.gold", True, None),
        (ADA, "custom.labels", None, ["a"]),
        (ADA, "custom.seats", 2, None),
    ]


async def test_a_tag_is_a_change_of_its_own(made: Store) -> None:
    await write(made, "INSERT INTO contact_tag VALUES (1, 'vip'), (1, 'press'), (2, 'vip')")
    await write(made, "DELETE FROM contact_tag WHERE contact_id = 1 AND tag = 'vip'")
    await write(made, "INSERT INTO contact_tag VALUES (2, 'vip') ON CONFLICT DO NOTHING")
    assert await history(made) == [
        (ADA, "tags", None, "vip"),
        (ADA, "tags", None, "press"),
        (BEN, "tags", None, "vip"),
        (ADA, "tags", "vip", None),
    ]


async def test_a_renamed_tag_is_left_and_joined(made: Store) -> None:
    await write(made, "INSERT INTO contact_tag VALUES (1, 'vip'), (2, 'press')")
    await write(made, "UPDATE tag SET name = 'gold' WHERE name = 'vip'")
    assert sorted((await history(made))[2:], key=str) == [
        (ADA, "tags", "vip", None),
        (ADA, "tags", None, "gold"),
    ]


async def test_the_tags_a_contact_is_made_with_are_no_change(made: Store) -> None:
    await write(
        made,
        "INSERT INTO contact (email, email_key) VALUES ('d', 'd')",
        "INSERT INTO contact_tag SELECT id, 'vip' FROM contact",
    )
    assert {row[0] for row in await history(made)} == {ADA, BEN, CLEO}
    await write(made, "INSERT INTO contact_tag VALUES (4, 'press')")
    assert (await history(made))[-1] == (4, "tags", None, "press")


async def test_many_contacts_change_in_one_statement(made: Store) -> None:
    await write(
        made,
        "INSERT INTO contact (email, email_key, score) "
        "SELECT n, n, n FROM generate_series(1, 2000) n",
        "UPDATE contact SET score = score + 1, country = 'MY' WHERE id <> 2",
    )
    found = await history(made)
    assert len(found) == 2 * 2002
    assert all(new == old + 1 for _, field, old, new in found if field == "score")
    assert BEN not in {row[0] for row in found}


async def test_a_plan_made_for_one_contact_serves_thousands(made: Store) -> None:
    """The session that changed one contact keeps its plan; ten thousand must not be compared with
    ten thousand one by one, which takes minutes."""
    async with made.transaction() as session:
        await session.execute(text("UPDATE contact SET country = 'MY' WHERE id = 1"))
        await session.execute(
            text(
                "INSERT INTO contact (email, email_key) SELECT n, n FROM generate_series(1, 9000) n"
            )
        )
        await session.execute(text("SET LOCAL statement_timeout = '15s'"))
        await session.execute(text("UPDATE contact SET country = 'TH'"))
        assert len(await _history(session, "contact")) == 1 + 9003


async def test_what_is_rolled_back_never_happened(made: Store) -> None:
    async with made.transaction() as session:
        await session.execute(text("UPDATE contact SET country = 'MY' WHERE id = 1"))
        nested = await session.begin_nested()
        await session.execute(text("UPDATE contact SET country = 'TH' WHERE id = 2"))
        await nested.rollback()
    assert await history(made) == [(ADA, "country", "SG", "MY")]


async def test_the_history_goes_with_the_contact_and_leaves_the_deals(made: Store) -> None:
    await write(
        made,
        "UPDATE contact SET country = 'MY'",
        "INSERT INTO contact_tag VALUES (1, 'vip')",
        "UPDATE deal SET name = 'Larger deal'",
        """UPDATE "order" SET status = 'refunded'""",
    )
    await write(made, "DELETE FROM contact WHERE id = 1")
    assert {row[0] for row in await history(made)} == {BEN, CLEO}
    assert await history(made, "order") == []  # an order goes with its contact
    assert await history(made, "deal") == [(1, "name", "Deal", "Larger deal")]
    async with made.transaction() as session:
        named = await session.scalar(text("SELECT count(*) FROM field_change WHERE contact_id = 1"))
    assert named == 0
    await write(made, "DELETE FROM deal")
    assert await history(made, "deal") == []


async def test_every_field_that_rules_may_ask_about_is_kept(made: Store) -> None:
    """The list of the triggers and the catalogue's are the same one."""
    values = {"at": AT, "day": date(1990, 2, 28), "owner": 1, "email": "n@example.com"}
    await write(
        made,
        """UPDATE contact SET external_id = 'x', email = :email, phone = '1', first_name = 'n',
           last_name = 'n', job_title = 'n', language = 'n', country = 'n', city = 'n',
           time_zone = 'n', birthday = :day, birthday_calendar = 'lunar', lead_status = 'new',
           lifecycle_stage = 'customer', source = 'n', score = 9, owner_id = :owner WHERE id = 1""",
        "INSERT INTO contact_tag VALUES (1, 'vip')",
        """UPDATE account SET external_id = 'x', name = 'n', domain = 'n', industry = 'n',
           employee_count = 9, annual_revenue_minor = 9, currency = 'EUR', country = 'n',
           city = 'n', year_founded = 9, owner_id = :owner""",
        """UPDATE deal SET external_id = 'x', name = 'n', pipeline_id = 2, stage_id = 2,
           stage_entered_at = :at, amount_minor = 9, currency = 'EUR', forecast_category = 'commit',
           expected_close_on = :day, opened_at = :at, closed_at = :at, lost_reason = 'n',
           owner_id = :owner""",
        """UPDATE ticket SET external_id = 'x', subject = 'n', status = 'open', priority = 'high',
           owner_id = :owner, opened_at = :at, solved_at = :at""",
        """UPDATE "order" SET external_id = 'x', status = 'paid', total_minor = 9, item_count = 9,
           placed_at = :at""",
        **values,
    )
    for kind, facts in Catalogue.standard().records.items():
        wanted = {name for name, fact in facts.items() if is_kept(kind, fact)}
        assert {field for _, field, _, _ in await history(made, kind)} == wanted


async def test_values_are_kept_as_rules_read_them(made: Store) -> None:
    await write(
        made,
        "SET LOCAL timezone = 'America/New_York'",
        "UPDATE contact SET birthday = '1992-02-29' WHERE id = 1",
        "UPDATE deal SET stage_id = 2, amount_minor = 1250, currency = 'EUR', closed_at = :at",
        "UPDATE deal SET currency = 'USD'",
        at=AT,
    )
    assert (await history(made))[0][3] == "1992-02-29"
    deal = await history(made, "deal")
    euros, dollars = ({"minor": 1250, "currency": currency} for currency in ("EUR", "USD"))
    assert [row[1:] for row in deal if row[1] == "amount"] == [
        ("amount", None, euros),
        ("amount", euros, dollars),
    ]
    assert ("closed_at", None, "2026-03-01T09:30:00+00:00") in [row[1:] for row in deal]
    assert ("stage_kind", "open", "won") in [row[1:] for row in deal]
    assert ("probability_percent", 10, 100) in [row[1:] for row in deal]


async def test_changes_of_a_record_are_in_the_order_of_their_times(made: Store) -> None:
    """The time is read while the row is locked, not when its transaction began."""
    async with made.transaction() as first, made.transaction() as second:
        await first.execute(text("SELECT 1"))  # begins before the second, writes after it
        await second.execute(text("UPDATE contact SET country = 'MY' WHERE id = 1"))
        await second.commit()
        await first.execute(text("UPDATE contact SET country = 'TH' WHERE id = 1"))
    async with made.transaction() as session:
        found = await session.scalars(
            text("SELECT new FROM field_change WHERE contact_id = 1 ORDER BY changed_at, id")
        )
        assert found.all() == ["MY", "TH"]
