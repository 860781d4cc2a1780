"""Keys, webhooks, forms and what was refused, as an admin meets them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from crm_store.session import Store
from engine.errors import Problem
from engine.services.actor import SYSTEM
from engine.services.dead_letters import Letter, LetterBox
from engine.services.forms import add_form
from engine.services.hooks import add_source
from engine.services.secrets import box_of
from tests.designer.conftest import Visit, opened, password_hash, seeded  # noqa: F401
from tests.designer.seeded_runs import NOW

BOX = box_of({}, ["a secret of the tests, long enough"])


@pytest.fixture
async def visit(seeded: Store, tmp_path: Path) -> AsyncIterator[Visit]:  # noqa: F811
    async with opened(seeded) as found:
        await found.sign_in()
        yield found


async def furnish(store: Store) -> None:
    async with store.transaction() as session:
        await add_source(
            session,
            SYSTEM,
            BOX,
            "billing",
            contact={"email": "mail"},
            event_path="type",
            now=NOW,
        )
        form = {"title": "Our news", "wording": "A letter each month"}
        await add_form(session, SYSTEM, "news", form, NOW)
    document = {"type": "Paid", "email": "ada@example.com"}
    problem = Problem("", "no_identity", "nobody is named at mail")
    letter = Letter.of("hook:billing", "document", [problem], document, "m1")
    await LetterBox(store).keep([letter], NOW)


def press(visit: Visit, mark: str) -> None:
    visit.user.find(marker=mark).click()


async def test_a_mapping_is_mended_on_what_was_refused_and_all_is_taken(
    visit: Visit,
    seeded: Store,  # noqa: F811
) -> None:
    await furnish(seeded)
    await visit.user.open("/sources")
    await visit.user.should_see("1 event was refused and waits to be mended.", retries=100)

    await visit.user.open("/sources/hooks/billing")
    await visit.user.should_see("This is what was refused last.", retries=100)
    press(visit, "try")
    await visit.user.should_see("Would be refused", retries=100)
    visit.user.find(marker="place-email").clear().type("email")
    press(visit, "try")
    await visit.user.should_see("Would be taken", retries=100)
    assert await count(seeded, "event WHERE source = 'hook:billing'") == 0
    press(visit, "save-mapping")
    await visit.user.should_see("Saved", retries=100)

    await visit.user.open("/dead-letters")
    await visit.user.should_see("nobody is named at mail", retries=100)
    press(visit, "do-replay")
    press(visit, "confirm-replay")
    await until(seeded, "event WHERE source = 'hook:billing'", 1)
    await until(seeded, "dead_letter WHERE state = 'replayed'", 1)


async def test_a_wrong_mapping_is_told_at_its_line(
    visit: Visit,
    seeded: Store,  # noqa: F811
) -> None:
    await furnish(seeded)
    await visit.user.open("/sources/hooks/billing")
    visit.user.find(marker="place-email").clear().type("a..b")
    press(visit, "save-mapping")
    await visit.user.should_see("write a place such as data.customer.email", retries=100)
    async with seeded.transaction() as session:
        [(mapping,)] = (await session.execute(text("SELECT mapping FROM hook_source"))).all()
    assert mapping is None


async def test_a_form_is_changed_and_its_piece_of_html_is_text(
    visit: Visit,
    seeded: Store,  # noqa: F811
) -> None:
    await furnish(seeded)
    await visit.user.open("/forms")
    await visit.user.should_see("Our news", retries=100)
    await visit.user.open("/forms/news")
    await visit.user.should_see(marker="snippet", retries=100)
    visit.user.find(marker="form-title").clear().type("Our <b>letters</b>")
    press(visit, "save-form")
    await visit.user.should_see("Saved", retries=100)
    async with seeded.transaction() as session:
        [(document,)] = (await session.execute(text("SELECT document FROM public_form"))).all()
    assert document["title"] == "Our <b>letters</b>"


async def test_others_are_told_that_they_may_not(seeded: Store) -> None:  # noqa: F811
    async with opened(seeded) as found:
        await found.sign_in("vera@cadenza.test")
        for address in ("/sources", "/sources/hooks/billing", "/dead-letters"):
            await found.user.open(address)
            await found.user.should_see("You may not see this")


async def test_marketers_make_forms_and_others_look_at_them(seeded: Store) -> None:  # noqa: F811
    await furnish(seeded)
    async with opened(seeded) as found:
        await found.sign_in("vera@cadenza.test")
        await found.user.open("/forms")
        await found.user.should_see("Our news", retries=100)
        await found.user.should_not_see("New form")
        await found.user.open("/forms/news")
        await found.user.should_see(marker="snippet", retries=100)
        await found.user.should_not_see(marker="save-form")
    async with seeded.transaction() as session:
        await session.execute(
            text("UPDATE \"user\" SET role = 'marketer' WHERE email_key = 'vera@cadenza.test'")
        )
    async with opened(seeded) as found:
        await found.sign_in("vera@cadenza.test")
        await found.user.open("/forms")
        await found.user.should_see("New form", retries=100)
        await found.user.open("/forms/news")
        await found.user.should_see(marker="save-form", retries=100)


async def count(store: Store, what: str) -> int:
    async with store.transaction() as session:
        return int((await session.execute(text(f"SELECT count(*) FROM {what}"))).scalar_one())


async def until(store: Store, what: str, wanted: int) -> None:
    """What a click began is done in its own time."""
    import asyncio

    for _ in range(200):
        if await count(store, what) == wanted:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"there are {await count(store, what)} of {what}")
