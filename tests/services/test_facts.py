"""Loading facts: what rules ask for, for everybody at once, and nothing of anybody else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.session import Store
from engine.rules import Catalogue, CustomField, Facts, Label, Reads, Rule, Type, parse, union
from engine.rules.to_sql import NotInSql
from engine.services.fact_columns import (
    ACCOUNT,
    CONTACT,
    CONTACT_TAG,
    CONTACTS,
    EVENT,
    ORDER,
    RECORDS,
)
from engine.services.facts import event_record, load_facts
from engine.services.segments_query import CONTACT_ID, count_matching, ids_matching

TAG = CONTACT_TAG.metadata.tables["tag"]
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ADA, BEN, CLEO = 1, 2, 3
CATALOGUE = Catalogue.standard().with_custom_fields(
    [CustomField("contact", "plan", Type.TEXT, Label("plan", "套餐"))]
)


def rule(document: Any, **options: Any) -> Rule:
    return parse(document, CATALOGUE, **{"event_rule": False, **options})


async def fill(session: AsyncSession) -> None:
    """Ada works for an account, has tags, orders and events; Ben has nothing; Cleo has an order."""
    await session.execute(
        insert(ACCOUNT), [{"name": "Engines", "name_key": "engines", "industry": "computing"}]
    )
    await session.execute(
        insert(CONTACT),
        [
            {
                "email": "Ada@Example.com",
                "email_key": "ada@example.com",
                "country": "GB",
                "account_id": 1,
                "custom": {"plan": "gold"},
            },
            {"email": None, "email_key": None, "country": None, "account_id": None, "custom": {}},
            {"email": "c", "email_key": "c", "country": "SG", "account_id": None, "custom": {}},
        ],
    )
    await session.execute(insert(TAG), [{"name": "vip"}, {"name": "press"}])
    await session.execute(
        insert(CONTACT_TAG),
        [{"contact_id": ADA, "tag": "vip"}, {"contact_id": ADA, "tag": "press"}],
    )
    await session.execute(
        insert(ORDER),
        [
            {"contact_id": ADA, "placed_at": NOW, "total_minor": 100, "currency": "EUR"},
            {"contact_id": CLEO, "placed_at": NOW, "total_minor": 200, "currency": "USD"},
        ],
    )
    opened = {"contact_id": ADA, "source": "test", "properties": {"device": "phone"}}
    await session.execute(
        insert(EVENT),
        [
            {**opened, "message_id": "1", "name": "Opened", "occurred_at": NOW},
            {
                **opened,
                "message_id": "2",
                "name": "Opened",
                "occurred_at": NOW - timedelta(days=40),
            },
            {**opened, "message_id": "3", "name": "Clicked", "occurred_at": NOW},
        ],
    )


async def loaded(store: Store, reads: Reads, *ids: int) -> dict[int, Facts]:
    async with store.transaction() as session:
        await fill(session)
        return await load_facts(session, ids or (ADA, BEN, CLEO), reads, NOW)


async def test_only_the_fields_that_are_read_are_loaded(store: Store) -> None:
    reads = rule({"==": [{"var": "contact.country"}, "GB"]}).reads
    facts = await loaded(store, reads)
    assert facts == {
        ADA: {"contact": {"country": "GB"}},
        BEN: {"contact": {"country": None}},
        CLEO: {"contact": {"country": "SG"}},
    }


async def test_a_contact_that_does_not_exist_is_left_out(store: Store) -> None:
    assert await loaded(store, Reads(), 99) == {}


async def test_nobody_asked_for_is_nobody_loaded(store: Store) -> None:
    async with store.transaction() as session:
        assert await load_facts(session, [], Reads(), NOW) == {}


async def test_account_tags_and_custom_fields_come_along(store: Store) -> None:
    document = {
        "and": [
            {"==": [{"var": "account.industry"}, "computing"]},
            {"has": [{"var": "contact.tags"}, "vip"]},
            {"==": [{"var": "contact.custom.plan"}, "gold"]},
        ]
    }
    facts = await loaded(store, rule(document).reads)
    assert facts[ADA]["account"] == {"industry": "computing"}
    assert sorted(facts[ADA]["contact"]["tags"]) == ["press", "vip"]
    assert facts[ADA]["contact"]["custom"] == {"plan": "gold"}
    assert facts[BEN]["account"] is None
    assert facts[BEN]["contact"]["tags"] == []
    assert [who for who, one in facts.items() if rule(document).holds(one, NOW)] == [ADA]


async def test_lists_hold_the_contacts_own_records(store: Store) -> None:
    document = {"some": [{"var": "orders"}, {">": [{"var": "total"}, {"money": [99, "EUR"]}]}]}
    facts = await loaded(store, rule(document).reads)
    assert facts[ADA]["orders"] == [{"total": {"currency": "EUR", "minor": 100}}]
    assert facts[BEN]["orders"] == []
    assert facts[CLEO]["orders"] == [{"total": {"currency": "USD", "minor": 200}}]


async def test_events_that_no_rule_can_count_stay_where_they_are(store: Store) -> None:
    recent = rule({"done": ["Opened", ">=", 1, ["in_last", 3, "days"]]})
    facts = await loaded(store, recent.reads)
    assert [one["name"] for one in facts[ADA]["events"]] == ["Opened"]
    assert facts[ADA]["events"][0]["occurred_at"] == NOW


async def test_what_several_rules_need_is_one_load(store: Store) -> None:
    recent = rule({"done": ["Opened", ">=", 1, ["in_last", 3, "days"]]})
    ever = rule(
        {"done": ["Clicked", ">=", 1, None, {"==": [{"var": "properties.device"}, "phone"]}]}
    )
    facts = await loaded(store, union([recent.reads, ever.reads]))
    assert len(facts[ADA]["events"]) == 2
    assert recent.holds(facts[ADA], NOW)
    assert ever.holds(facts[ADA], NOW)
    assert not recent.holds(facts[CLEO], NOW)


async def test_a_batch_is_one_query_per_table(store: Store) -> None:
    document = {
        "and": [
            {"done": ["Opened", ">=", 1]},
            {"is_set": [{"var": "orders"}]},
            {"has": [{"var": "contact.tags"}, "vip"]},
            {"is_set": [{"var": "account.name"}]},
        ]
    }
    statements: list[str] = []
    async with store.transaction() as session:
        await fill(session)
        connection = (await session.connection()).sync_connection
        event.listen(
            connection, "before_cursor_execute", lambda *given: statements.append(given[2])
        )
        await load_facts(session, [ADA, BEN, CLEO], rule(document).reads, NOW)
    assert len(statements) == 4


async def test_matching_contacts_are_found_and_counted_in_sql(store: Store) -> None:
    vip = rule({"has": [{"var": "contact.tags"}, "vip"]})
    without = rule({"!": [{"has": [{"var": "contact.tags"}, "vip"]}]})
    computing = rule({"==": [{"var": "account.industry"}, "computing"]})
    async with store.transaction() as session:
        await fill(session)
        assert await count_matching(session, vip, NOW) == 1
        assert await count_matching(session, without, NOW) == 2
        assert list((await session.execute(ids_matching(computing, NOW))).scalars()) == [ADA]
        page = ids_matching(without, NOW).where(CONTACT_ID > BEN).order_by(CONTACT_ID).limit(10)
        assert list((await session.execute(page)).scalars()) == [CLEO]


def test_the_event_at_hand_has_no_column() -> None:
    with pytest.raises(NotInSql, match=r"event\.name"):
        ids_matching(rule({"==": [{"var": "event.name"}, "Opened"]}, event_rule=True), NOW)


def test_the_event_at_hand_is_made_from_its_row() -> None:
    class Row:
        name, kind, source, occurred_at = "Opened", "track", "test", NOW
        properties = {"device": "phone"}

    event_rule = rule({"==": [{"var": "event.properties.device"}, "phone"]}, event_rule=True)
    assert event_rule.holds({"event": event_record(Row)}, NOW)


def test_every_fact_of_the_catalogue_is_kept_somewhere() -> None:
    for kind, facts in Catalogue.standard().records.items():
        for name, fact in facts.items():
            if fact.written is not None:
                continue
            path = tuple(name.split("."))
            parts = [(*path, "minor"), (*path, "currency")] if fact.type is Type.MONEY else [path]
            kept = path in RECORDS[kind].documents
            kept = kept or all(part in RECORDS[kind].fields for part in parts)
            assert kept or ("contact", *path) in CONTACTS.root.sets, f"{kind}.{name}"
            assert fact.folded == (path in RECORDS[kind].folded), f"{kind}.{name}"
            assert fact.in_base == ((*path, "base") in RECORDS[kind].fields), f"{kind}.{name}"
