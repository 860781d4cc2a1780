"""The made-up company: the same for the same seed, whole or not at all, and harmless."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select, text

from crm_store.models import Account, Contact, Deal, Event, EventPending, Order, Ticket, User
from crm_store.session import Store
from engine.demo import put_rules_in_force
from engine.errors import Conflict, Refused
from engine.local_time import is_zone
from engine.services.actor import SYSTEM, Actor
from engine.services.approvals.reading import list_requests
from engine.services.demo import ensure_demo, fill_demo
from engine.services.demo.asked import ask_the_admin
from engine.services.escalations import list_cases
from engine.services.field_values import country, currency, email, language
from engine.services.people import FIRST_ADMIN_EMAIL, ensure_first_admin, find_user
from engine.services.plans import Plans
from engine.services.pokes import NoPokes
from engine.services.sharing import shared_of
from engine.services.work import working
from tests.servers import Databases

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TABLES = (
    "contact",
    "account",
    "order",
    "deal",
    "ticket",
    "consent",
    "contact_tag",
    "user",
    "event",
)


async def fingerprint(store: Store) -> dict[str, str | None]:
    async with store.transaction() as session:
        return {
            table: await session.scalar(
                text(f'SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM "{table}" t')
            )
            for table in TABLES
        }


async def test_the_same_seed_makes_the_same_company(databases: Databases) -> None:
    prints = []
    for seed in (7, 7, 8):
        name = databases.fresh()
        store = Store(databases.url(name))
        await fill_demo(store, 300, seed, NOW)
        prints.append(await fingerprint(store))
        await store.close()
        databases.drop(name)
    # Roles are written with the time of the day; everything else is the seed's.
    first, second, other = prints
    assert {t: v for t, v in first.items() if t != "user"} == {
        t: v for t, v in second.items() if t != "user"
    }
    assert first["contact"] != other["contact"]


async def test_everything_is_there_and_believable(store: Store) -> None:
    counts = await fill_demo(store, 1500, 1, NOW)
    async with store.transaction() as session:
        people = list(await session.scalars(select(Contact)))
        orders = list(await session.scalars(select(Order)))
        for model, expected in ((Account, counts.accounts), (Order, counts.orders)):
            assert await session.scalar(select(func.count()).select_from(model)) == expected
        assert min(counts.deals, counts.tickets, counts.orders) > 0
        assert await session.scalar(select(func.count()).select_from(Deal)) == counts.deals
        assert await session.scalar(select(func.count()).select_from(Ticket)) == counts.tickets
    assert {p.language for p in people} == {"en", "zh", "de", "es", "fr", "ja", "pt"}
    for person in people:
        assert person.email is not None
        assert person.email.split("@")[1] in ("example.com", "example.net", "example.org")
        assert email(person.email) == person.email == person.email_key
        assert person.country == country(person.country)
        assert person.language == language(person.language)
        assert is_zone(person.time_zone or "")
        assert person.created_at <= person.updated_at <= NOW
    assert any(p.birthday and (p.birthday.month, p.birthday.day) == (2, 29) for p in people)
    assert any(p.birthday_calendar == "lunar" for p in people)
    for order in orders:
        assert order.placed_at <= NOW
        assert order.currency == currency(order.currency)
        assert order.total_minor > 0


async def test_nobody_in_the_demo_can_sign_in_and_nothing_waits_for_rules(store: Store) -> None:
    await fill_demo(store, 200, 1, NOW)
    async with store.transaction() as session:
        assert not list(await session.scalars(select(User).where(User.password_hash.is_not(None))))
        assert not list(await session.scalars(select(EventPending)))
        assert list(await session.scalars(select(Event).limit(1)))


async def test_the_demo_never_mixes_with_what_is_there(store: Store) -> None:
    async with store.transaction() as session:
        session.add(Contact(email="ada@example.com", email_key="ada@example.com", custom={}))
    with pytest.raises(Conflict):
        await fill_demo(store, 10, 1, NOW)
    assert await ensure_demo(store, NOW) is None


async def test_a_demo_that_fails_half_way_leaves_nothing(store: Store) -> None:
    def fail(_done: int) -> None:
        raise RuntimeError("stopped")

    with pytest.raises(RuntimeError):
        await fill_demo(store, 50, 1, NOW, fail)
    async with store.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Account)) == 0


async def test_ids_go_on_behind_the_demo(store: Store) -> None:
    await fill_demo(store, 30, 1, NOW)
    async with store.transaction() as session:
        session.add(Contact(email="ada@example.com", email_key="ada@example.com", custom={}))
    async with store.transaction() as session:
        assert await session.scalar(select(func.max(Contact.id))) == 31


@pytest.mark.parametrize("contacts", [0, -1, 10_000_000])
async def test_an_absurd_size_is_refused(store: Store, contacts: int) -> None:
    with pytest.raises(Refused):
        await fill_demo(store, contacts, 1, NOW)


async def test_a_newcomer_finds_a_request_and_a_case_in_the_inbox(store: Store) -> None:
    async with store.transaction() as session:
        await ensure_first_admin(session)
    await fill_demo(store, 300, 1, NOW)
    await put_rules_in_force(store, NOW)
    async with working(store, shared_of(Plans()), NoPokes(), NOW) as work:
        await ask_the_admin(work)
    async with store.transaction() as session:
        person = await find_user(session, SYSTEM, FIRST_ADMIN_EMAIL)
        admin = Actor("user", person.id, person.name, person.role)
        async with working(store, shared_of(Plans()), NoPokes(), NOW) as work:
            requests = await list_requests(work, admin, mine=True)
        cases = await list_cases(session, admin, mine=True)
        hosts = await session.scalar(text("SELECT count(*) FROM clock"))
    assert [one.status for one in requests] == ["open"]
    assert [one.policy for one in cases] == ["complaint"]
    # the made-up deals have no clocks: a start with the demo stays light
    assert hosts == 2
