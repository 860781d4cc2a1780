"""Who a line is about, what it changes, and what it leaves alone."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from crm_store.models import Account, Consent, Contact, ContactTag, Deal, Event, EventPending, Order
from crm_store.session import Store
from engine.errors import NotAllowed, Refused
from engine.services.actor import SYSTEM, Actor
from engine.services.imports import Fate, ImportOrder, ImportReport, import_file, parse_mapping
from engine.services.imports.report import Progress
from tests.clock import Clock
from tests.imports.conftest import Import


def codes(report: ImportReport) -> list[str]:
    return [problem.code for _, problem in report.first_problems]


async def contacts(store: Store) -> list[Contact]:
    async with store.transaction() as session:
        return list(await session.scalars(select(Contact).order_by(Contact.id)))


async def test_columns_named_like_fields_need_no_mapping(do_import: Import, store: Store) -> None:
    report = await do_import("Email,First Name,country\nAda@Example.com,Ada,Singapore\n")
    assert report.count(Fate.CREATED) == 1
    [ada] = await contacts(store)
    assert (ada.email, ada.email_key, ada.name_key) == ("Ada@Example.com", "ada@example.com", "ada")
    assert (ada.country, ada.lifecycle_stage, ada.score, ada.custom) == ("SG", "lead", 0, {})


async def test_importing_twice_changes_nothing(
    do_import: Import, store: Store, clock: Clock
) -> None:
    file = "email,first_name,birthday\nada@example.com,Ada,1990-02-28\nben@example.com,Ben,\n"
    await do_import(file)
    before = [(c.id, c.updated_at) for c in await contacts(store)]
    clock.advance(timedelta(days=1))
    report = await do_import(file)
    assert dict(report.counts) == {Fate.UNCHANGED: 2}
    assert [(c.id, c.updated_at) for c in await contacts(store)] == before


async def test_a_changed_line_updates_only_what_it_says(
    do_import: Import, store: Store, clock: Clock
) -> None:
    await do_import("email,first_name,city\nada@example.com,Ada,Singapore\n")
    clock.advance(timedelta(days=1))
    report = await do_import("email,first_name,city\nADA@example.com,Adelaide,\n")
    assert dict(report.counts) == {Fate.UPDATED: 1}
    [ada] = await contacts(store)
    assert (ada.first_name, ada.city, ada.name_key) == ("Adelaide", "Singapore", "adelaide")
    assert (ada.email, ada.updated_at) == ("ada@example.com", clock.now())


async def test_an_external_id_finds_a_contact_whose_address_changed(
    do_import: Import, store: Store
) -> None:
    await do_import("external_id,email\n7,ada@example.com\n")
    report = await do_import("external_id,email\n7,ada.new@example.com\n")
    assert dict(report.counts) == {Fate.UPDATED: 1}
    assert [c.email_key for c in await contacts(store)] == ["ada.new@example.com"]


async def test_an_address_alone_finds_a_contact_and_gives_it_an_external_id(
    do_import: Import, store: Store
) -> None:
    await do_import("email\nada@example.com\n")
    await do_import("external_id,email\n7,ada@example.com\n")
    assert [(c.external_id, c.email_key) for c in await contacts(store)] == [
        ("7", "ada@example.com")
    ]


async def test_an_address_that_belongs_to_somebody_else_is_refused(do_import: Import) -> None:
    await do_import("external_id,email\n7,ada@example.com\n8,ben@example.com\n")
    report = await do_import("external_id,email\n9,ada@example.com\n8,ada@example.com\n")
    assert (report.count(Fate.REJECTED), codes(report)) == (2, ["taken", "taken"])


async def test_a_line_that_repeats_a_record_is_no_second_record(
    do_import: Import, store: Store
) -> None:
    report = await do_import("email,city\nada@example.com,Bonn\nADA@example.com,Bonn\n", batch=1)
    assert dict(report.counts) == {Fate.CREATED: 1, Fate.REPEATED: 1}
    assert len(await contacts(store)) == 1


@pytest.mark.parametrize("batch", [1, 100])
async def test_the_first_of_two_contradicting_lines_counts(
    do_import: Import, store: Store, batch: int
) -> None:
    file = "email,city\nada@example.com,Bonn\nada@example.com,Rome\n"
    report = await do_import(file, batch=batch)
    assert codes(report) == ["contradicts"]
    assert "line 2" in report.first_problems[0][1].message
    again = await do_import(file, batch=batch)
    assert dict(again.counts) == {Fate.UNCHANGED: 1, Fate.REJECTED: 1}
    assert [c.city for c in await contacts(store)] == ["Bonn"]


async def test_a_line_without_any_key_is_refused(do_import: Import) -> None:
    report = await do_import("email,first_name\n,Ada\n")
    assert codes(report) == ["no_key"]


async def test_stopped_half_way_and_started_again_ends_the_same(
    store: Store, clock: Clock, tmp_path: Path
) -> None:
    path = tmp_path / "many.csv"
    path.write_text("email\n" + "".join(f"p{n}@example.com\n" for n in range(50)))

    class Stop(Exception):
        pass

    def stop(progress: Progress) -> None:
        if progress.lines >= 20:
            raise Stop

    order = ImportOrder(path, "contacts", batch=10)
    with pytest.raises(Stop):
        await import_file(store, SYSTEM, order, clock.now, stop)
    assert len(await contacts(store)) == 20
    report = await import_file(store, SYSTEM, order, clock.now)
    assert dict(report.counts) == {Fate.UNCHANGED: 20, Fate.CREATED: 30}


async def test_a_dry_run_says_the_same_and_keeps_nothing(do_import: Import, store: Store) -> None:
    file = "email\nada@example.com\nben@example.com\nnonsense\n"
    dry = await do_import(file, dry_run=True, batch=1)
    assert await contacts(store) == []
    assert dict(dry.counts) == dict((await do_import(file, batch=1)).counts)


async def test_importing_starts_no_flow_unless_told(do_import: Import, store: Store) -> None:
    await do_import("email\nada@example.com\n")
    async with store.transaction() as session:
        assert (await session.scalars(select(Event))).all() == []


async def test_fire_writes_an_event_for_each_record_that_changed(
    do_import: Import, store: Store
) -> None:
    await do_import("email,city\nada@example.com,Bonn\nben@example.com,Rome\n", fire=4)
    report = await do_import("email,city\nada@example.com,Oslo\nben@example.com,Rome\n", fire=4)
    assert (report.events, len(report.partitions)) == (1, 1)
    async with store.transaction() as session:
        events = list(await session.scalars(select(Event).order_by(Event.id)))
        assert [e.name for e in events] == ["Contact Created", "Contact Created", "Contact Updated"]
        assert events[2].properties["city"] == "Oslo"
        assert events[2].properties["before"] == {"city": "Bonn"}
        assert events[2].properties["changes"] == {"city": ["Bonn", "Oslo"]}
        assert "changes" not in events[0].properties
        pending = list(await session.scalars(select(EventPending)))
        assert {p.event_id for p in pending} == {e.id for e in events}


async def test_a_new_order_is_told_as_made_and_one_that_was_paid_for_as_bought(
    do_import: Import, store: Store
) -> None:
    await do_import("email\nada@example.com\n")
    file = (
        "external_id,contact,placed_at,total,currency,status\n"
        "1,ada@example.com,2026-02-01,10,EUR,paid\n"
        "2,ada@example.com,2026-02-02,20,EUR,open\n"
    )
    report = await do_import(file, kind="orders", fire=4)
    assert report.events == 3
    async with store.transaction() as session:
        names = [event.name for event in await session.scalars(select(Event).order_by(Event.id))]
        assert names == ["Order Created", "Order Completed", "Order Created"]


async def test_tags_and_consents_are_added_and_never_overrule(
    do_import: Import, store: Store
) -> None:
    mapping = """
fields: {email: email, tags: tags}
tags: [fair]
consents: [{channel: email, purpose: marketing, lawful_basis: consent, source: Fair}]
"""
    await do_import("email,tags\nada@example.com,vip; beta\n", mapping=mapping)
    async with store.transaction() as session:
        assert set(await session.scalars(select(ContactTag.tag))) == {"vip", "beta", "fair"}
        await session.execute(text("UPDATE consent SET granted = false, source = 'Ada herself'"))
    report = await do_import("email,tags\nada@example.com,vip\n", mapping=mapping)
    assert dict(report.counts) == {Fate.UNCHANGED: 1}
    async with store.transaction() as session:
        [consent] = await session.scalars(select(Consent))
        assert (consent.granted, consent.source) == (False, "Ada herself")


async def test_custom_fields_are_defined_typed_and_merged(do_import: Import, store: Store) -> None:
    mapping = """
fields: {email: email, custom.plan: plan, custom.seats: seats}
custom_fields:
  - {key: plan, type: text, label: Plan, values: [gold, silver]}
  - {key: seats, type: number, label: Seats}
"""
    report = await do_import(
        "email,plan,seats\nada@example.com,Gold,5\nben@example.com,lead,many\n", mapping=mapping
    )
    assert [p.place for _, p in report.first_problems] == ["custom.plan", "custom.seats"]
    await do_import("email,plan,seats\nada@example.com,,6\n", mapping=mapping)
    [ada] = await contacts(store)
    assert ada.custom == {"plan": "gold", "seats": 6}


async def test_names_of_other_records_are_looked_up(do_import: Import, store: Store) -> None:
    await do_import("name\nAcme\nGlobex\n", "accounts")
    mapping = "fields: {email: email, account: {column: company, by: name}}"
    report = await do_import(
        "email,company\nada@example.com,ACME\nben@example.com,Globx\n", mapping=mapping
    )
    assert codes(report) == ["unknown_reference"]
    assert 'Did you mean "Globex"?' in report.first_problems[0][1].message
    [ada] = await contacts(store)
    async with store.transaction() as session:
        acme = await session.get_one(Account, ada.account_id)
    assert acme.name == "Acme"


async def test_a_parent_nobody_describes_is_told_and_the_account_stays(
    do_import: Import, store: Store, tmp_path: Path
) -> None:
    mapping = "match_by: [name]\nfields: {name: name, parent: parent}"
    file = "name,parent\nSmall,Big\nLost,Nowhere\nBig,\n"
    report = await do_import(file, "accounts", mapping, batch=1)
    assert (report.count(Fate.CREATED), report.incomplete) == (3, 1)
    assert "Lost" in (tmp_path / "rejects.csv").read_text(encoding="utf-8-sig")
    async with store.transaction() as session:
        found = {a.name: a for a in await session.scalars(select(Account))}
    assert found["Small"].parent_account_id == found["Big"].id
    assert found["Lost"].parent_account_id is None


async def test_orders_of_an_unknown_contact_are_refused(do_import: Import) -> None:
    mapping = """
fields:
  external_id: id
  contact: {column: email}
  placed_at: date
  total: total
  currency: {value: USD}
"""
    file = "id,email,date,total\n1,ada@example.com,2026-01-05,9.50\n"
    report = await do_import(file, "orders", mapping)
    assert codes(report) == ["unknown_reference"]


async def test_two_purchases_on_one_day_are_two_orders_however_often(
    do_import: Import, store: Store
) -> None:
    await do_import("external_id\n4\n")
    mapping = """
number_within: [who, day]
fields:
  external_id: {template: "{who}-{day}-{number}"}
  contact: {column: who, by: external_id}
  placed_at: day
  total: total
  currency: {value: USD}
"""
    file = "who,day,total\n4,2026-01-05,9.50\n4,2026-01-05,9.50\n4,2026-01-06,1\n"
    for _ in range(2):
        report = await do_import(file, "orders", mapping, batch=1)
        assert report.count(Fate.REJECTED) == 0
    async with store.transaction() as session:
        totals = [order.total_minor for order in await session.scalars(select(Order))]
    assert sorted(totals) == [100, 950, 950]


async def test_a_deal_that_moves_on_enters_its_stage_now(
    do_import: Import, store: Store, clock: Clock
) -> None:
    mapping = """
fields: {external_id: id, name: name, stage: stage}
pipeline:
  key: sales
  stages:
    - {key: open, label: Offen, kind: open, probability_percent: 10}
    - {key: won, label: Gewonnen, kind: won, probability_percent: 100}
"""
    await do_import("id,name,stage\n1,One,Offen\n", "deals", mapping)
    opened = clock.now()
    clock.advance(timedelta(days=3))
    await do_import("id,name,stage\n1,One,won\n", "deals", mapping)
    async with store.transaction() as session:
        [deal] = await session.scalars(select(Deal))
    assert (deal.opened_at, deal.stage_entered_at, deal.closed_at) == (
        opened,
        clock.now(),
        clock.now(),
    )


async def test_an_import_makes_no_admin(do_import: Import) -> None:
    report = await do_import("name,role\nMallory,admin\n", "users")
    assert codes(report) == ["unknown_choice"]


async def test_only_those_who_may_import_do(store: Store, clock: Clock, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("email\nada@example.com\n")
    ben = Actor("user", 1, "Ben", "rep")
    with pytest.raises(NotAllowed):
        await import_file(store, ben, ImportOrder(path, "contacts"), clock.now)


async def test_records_made_on_the_way_need_their_own_permission(
    store: Store, clock: Clock, tmp_path: Path
) -> None:
    path = tmp_path / "x.csv"
    path.write_text("email,owner\nada@example.com,Ben\n")
    mapping = parse_mapping(
        "as: contacts\nfields: {email: email, owner: {column: owner, missing: create}}", name="m"
    )
    marketer = Actor("user", 1, "Ben", "marketer")
    with pytest.raises(NotAllowed):
        await import_file(store, marketer, ImportOrder(path, mapping=mapping), clock.now)


async def test_a_mapping_for_another_kind_is_refused(
    store: Store, clock: Clock, tmp_path: Path
) -> None:
    mapping = parse_mapping("as: orders\nfields: {external_id: id}", name="m")
    order = ImportOrder(tmp_path / "x.csv", "contacts", mapping)
    with pytest.raises(Refused, match="for orders, not for contacts"):
        await import_file(store, SYSTEM, order, clock.now)


async def test_two_imports_at_once_make_each_record_once(
    store: Store, clock: Clock, tmp_path: Path
) -> None:
    path = tmp_path / "many.csv"
    path.write_text("name,owner\n" + "".join(f"Company {n},Ben\n" for n in range(60)))
    mapping = parse_mapping(
        "as: accounts\nmatch_by: [name]\n"
        "fields: {name: name, owner: {column: owner, missing: create}}",
        name="map",
    )
    order = ImportOrder(path, mapping=mapping, batch=7)
    reports = await asyncio.gather(
        *(import_file(store, SYSTEM, order, clock.now) for _ in range(3))
    )
    assert sum(report.count(Fate.CREATED) for report in reports) == 60
    assert all(report.count(Fate.REJECTED) == 0 for report in reports)
    async with store.transaction() as session:
        assert await session.scalar(text("SELECT count(*) FROM account")) == 60
        assert await session.scalar(text('SELECT count(*) FROM "user"')) == 1
