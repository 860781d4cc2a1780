"""What rules about deals and tickets read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.session import Store
from engine.rules import Catalogue, Rule, Subject, parse, union
from engine.services.subject_facts import load_subject_facts

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def rule(document: Any, subject: Subject) -> Rule:
    return parse(document, Catalogue.standard(), event_rule=False, subject=subject)


async def fill(session: AsyncSession) -> dict[str, int]:
    """A deal of Ada's with an account of its own, one of hers alone, and one of nobody."""

    async def one(statement: str, **values: Any) -> int:
        found = await session.execute(text(f"{statement} RETURNING id"), values)
        return int(found.scalar_one())

    engines = await one("INSERT INTO account (name, name_key, country) VALUES ('E', 'e', 'GB')")
    looms = await one("INSERT INTO account (name, name_key, country) VALUES ('L', 'l', 'FR')")
    ada = await one(
        "INSERT INTO contact (email, email_key, name_key, country, account_id)"
        " VALUES ('ada@example.com', 'ada@example.com', 'ada', 'SG', :account)",
        account=engines,
    )
    pipeline = await one("INSERT INTO pipeline (key, label) VALUES ('p', 'P')")
    stage = await one(
        "INSERT INTO stage (pipeline_id, key, label, kind, position, probability_percent,"
        " forecast_category) VALUES (:p, 'talk', 'Talk', 'open', 0, 10, 'pipeline')",
        p=pipeline,
    )
    deal = (
        "INSERT INTO deal (name, contact_id, account_id, pipeline_id, stage_id, stage_entered_at,"
        " amount_minor, currency, forecast_category, opened_at)"
        " VALUES ('D', :contact, :account, :p, :s, now(), 500000, 'USD', 'pipeline', now())"
    )
    where = {"p": pipeline, "s": stage}
    return {
        "own": await one(deal, contact=ada, account=looms, **where),
        "hers": await one(deal, contact=ada, account=None, **where),
        "nobodys": await one(deal, contact=None, account=None, **where),
        "ticket": await one(
            "INSERT INTO ticket (subject, contact_id, opened_at) VALUES ('Help', :c, now())", c=ada
        ),
    }


async def test_a_deal_is_read_with_its_contact_and_its_account(store: Store) -> None:
    rich = rule({">": [{"var": "deal.amount"}, {"money": [1000, "USD"]}]}, "deal")
    french = rule({"==": [{"var": "account.country"}, "FR"]}, "deal")
    british = rule({"==": [{"var": "account.country"}, "GB"]}, "deal")
    here = rule({"==": [{"var": "contact.country"}, "SG"]}, "deal")
    async with store.transaction() as session:
        ids = await fill(session)
        reads = union(one.reads for one in (rich, french, british, here))
        facts = await load_subject_facts(session, "deal", [*ids.values(), 999_999], reads, NOW)
    own, hers, nobodys = (facts[ids[name]] for name in ("own", "hers", "nobodys"))
    assert [one.holds(own, NOW) for one in (rich, french, british, here)] == [1, 1, 0, 1]
    assert [one.holds(hers, NOW) for one in (rich, french, british, here)] == [1, 0, 1, 1]
    assert [one.holds(nobodys, NOW) for one in (rich, french, british, here)] == [1, 0, 0, 0]
    assert (nobodys["contact"], nobodys["account"]) == (None, None)
    assert 999_999 not in facts


async def test_lists_are_the_contacts_and_empty_without_one(store: Store) -> None:
    bought = rule({">=": [{"count": [{"var": "deals"}]}, 2]}, "deal")
    async with store.transaction() as session:
        ids = await fill(session)
        facts = await load_subject_facts(session, "deal", ids.values(), bought.reads, NOW)
    assert bought.holds(facts[ids["own"]], NOW)
    assert not bought.holds(facts[ids["nobodys"]], NOW)


async def test_a_ticket_is_read_with_its_contact(store: Store) -> None:
    new = rule(
        {"and": [{"==": [{"var": "ticket.status"}, "new"]}, {"is_set": {"var": "contact.email"}}]},
        "ticket",
    )
    async with store.transaction() as session:
        ids = await fill(session)
        facts = await load_subject_facts(session, "ticket", [ids["ticket"]], new.reads, NOW)
    assert new.holds(facts[ids["ticket"]], NOW)
