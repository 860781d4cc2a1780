"""Many names become contacts in few queries, and the same person is never made twice."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy import event, select

from crm_store.models import Contact, ContactAlias
from crm_store.session import Store
from engine.rules.types import Type
from engine.services.actor import SYSTEM
from engine.services.contacts import Identity, Resolution, resolve_contacts
from engine.services.custom_fields import DefinedField, define_custom_field

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


async def resolve(store: Store, *identities: Identity, now: datetime = NOW) -> Resolution:
    async with store.transaction() as session:
        return await resolve_contacts(session, identities, now)


async def contacts(store: Store) -> list[Contact]:
    async with store.transaction() as session:
        return list(await session.scalars(select(Contact).order_by(Contact.id)))


async def test_a_new_user_id_makes_a_contact_with_its_traits(store: Store) -> None:
    traits = {
        "email": "Ada@Example.com",
        "firstName": "Ada",
        "lastName": "Byron",
        "address": {"country": "Singapore", "city": "Singapore"},
        "timezone": "Asia/Singapore",
        "birthday": "1990-02-28",
    }
    await resolve(store, Identity(user_id="u1", traits=traits))
    [ada] = await contacts(store)
    assert (ada.external_id, ada.email, ada.email_key) == (
        "u1",
        "Ada@Example.com",
        "ada@example.com",
    )
    assert (ada.name_key, ada.country, ada.time_zone) == ("ada byron", "SG", "Asia/Singapore")
    assert (ada.lifecycle_stage, ada.last_seen_at) == ("lead", NOW)


async def test_the_same_call_twice_changes_nothing(store: Store) -> None:
    who = Identity(user_id="u1", anonymous_id="a1", traits={"email": "ada@example.com"})
    first = await resolve(store, who)
    second = await resolve(store, who, now=NOW + timedelta(minutes=1))
    assert first.contact_ids == second.contact_ids
    assert (len(first.created), second.created, second.changed) == (1, frozenset(), frozenset())
    [ada] = await contacts(store)
    assert ada.updated_at == NOW


async def test_a_batch_about_one_person_makes_one_contact(store: Store) -> None:
    result = await resolve(
        store,
        Identity(anonymous_id="a1"),
        Identity(anonymous_id="a1", user_id="u1"),
        Identity(user_id="u1", traits={"email": "ada@example.com"}),
        Identity(email="ADA@example.com"),
    )
    assert len(set(result.contact_ids)) == 1
    assert len(await contacts(store)) == 1


async def test_a_visitor_who_signs_in_brings_the_past_along(store: Store) -> None:
    [visitor] = (await resolve(store, Identity(anonymous_id="a1"))).contact_ids
    [person] = (await resolve(store, Identity(user_id="u1"))).contact_ids
    assert visitor != person
    [joined] = (await resolve(store, Identity(user_id="u1", anonymous_id="a1"))).contact_ids
    assert joined == person
    assert [c.id for c in await contacts(store)] == [person]
    async with store.transaction() as session:
        assert await session.scalar(select(ContactAlias.contact_id)) == person


async def test_a_visitor_becomes_the_person_nobody_knew(store: Store) -> None:
    [visitor] = (await resolve(store, Identity(anonymous_id="a1"))).contact_ids
    result = await resolve(
        store, Identity(user_id="u1", anonymous_id="a1", traits={"email": "ada@example.com"})
    )
    assert result.contact_ids == [visitor]
    [ada] = await contacts(store)
    assert (ada.external_id, ada.email_key) == ("u1", "ada@example.com")


async def test_an_imported_contact_is_recognised_by_address(store: Store) -> None:
    [imported] = (await resolve(store, Identity(email="ada@example.com"))).contact_ids
    result = await resolve(store, Identity(user_id="u1", traits={"email": "ada@example.com"}))
    assert result.contact_ids == [imported]


async def test_an_address_stays_with_the_user_who_has_it(store: Store) -> None:
    await resolve(store, Identity(user_id="u1", traits={"email": "ada@example.com"}))
    result = await resolve(store, Identity(user_id="u2", traits={"email": "ada@example.com"}))
    assert [p.code for p in result.remarks[0]] == ["address_taken"]
    first, second = await contacts(store)
    assert (first.email_key, second.email_key) == ("ada@example.com", None)


async def test_wrong_traits_are_left_out_and_told(store: Store) -> None:
    traits = {"email": "nonsense", "birthday": "3/4/2017", "firstName": "Ada", "plan": "gold"}
    result = await resolve(store, Identity(user_id="u1", traits=traits))
    assert {p.place for p in result.remarks[0]} == {"traits.email", "traits.birthday"}
    [ada] = await contacts(store)
    assert (ada.first_name, ada.email, ada.custom) == ("Ada", None, {})


async def test_defined_custom_fields_are_kept_and_merged(store: Store) -> None:
    async with store.transaction() as session:
        for key, kind in (("plan", Type.TEXT), ("seats", Type.NUMBER)):
            field = DefinedField("contact", key, kind, key.title())
            await define_custom_field(session, SYSTEM, field)
    await resolve(store, Identity(user_id="u1", traits={"plan": "gold", "seats": "many"}))
    result = await resolve(store, Identity(user_id="u1", traits={"seats": 5}))
    assert len(result.changed) == 1
    [ada] = await contacts(store)
    assert ada.custom == {"plan": "gold", "seats": 5}


async def test_two_batches_at_once_make_one_contact(store: Store) -> None:
    who = [Identity(user_id=f"u{n}", anonymous_id=f"a{n}") for n in range(50)]
    results = await asyncio.gather(resolve(store, *who), resolve(store, *reversed(who)))
    assert len(await contacts(store)) == 50
    assert results[0].contact_ids == results[1].contact_ids[::-1]


async def test_queries_do_not_grow_with_the_batch(store: Store) -> None:
    counts: list[int] = []
    for size in (2, 200):
        seen: list[str] = []

        def note(
            _c: object, _cur: object, statement: str, *_: object, seen: list[str] = seen
        ) -> None:
            seen.append(statement)

        event.listen(store.engine.sync_engine, "before_cursor_execute", note)
        await resolve(
            store,
            *(Identity(user_id=f"{size}-{n}", traits={"firstName": "A"}) for n in range(size)),
        )
        event.remove(store.engine.sync_engine, "before_cursor_execute", note)
        counts.append(len(seen))
    assert counts[0] == counts[1] < 15
