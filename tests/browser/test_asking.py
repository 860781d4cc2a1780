"""Moves that somebody must agree to: refused, filled in, decided in the inbox and by a link."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect
from sqlalchemy import text

from crm_store.models import User
from crm_store.session import Store
from engine.channels.mailbox import Mailbox
from engine.definitions import read_definition
from engine.services.actor import SYSTEM
from engine.services.deals.editing import NewDeal, create_deal
from engine.services.definitions.publishing import publish
from engine.services.pokes import NoPokes
from engine.services.work import working
from tests.browser.conftest import Look
from tests.browser.drivers import driving
from tests.browser.house import House
from tests.browser.serve import FixedRuntime
from tests.browser.test_board import drag
from tests.designer.seed import EMAIL, PASSWORD
from tests.designer.seeded_runs import NOW

pytestmark = pytest.mark.asyncio(loop_scope="session")

EVE: Final = "eve@cadenza.test"
CHAIN: Final = f"""
approval_chain: rebates
label: Rebates
label_zh: 返利
subject: deal
levels:
  - key: head
    label: Head of sales
    label_zh: 销售主管
    approvers: [{{user: {EVE}}}]
"""
PIPELINE: Final = """
pipeline: rebates
label: Rebates
stages:
  - {key: talk, label: Talking, label_zh: 洽谈, probability: 10}
  - {key: rebate, label: Rebate, label_zh: 返利, probability: 50, needs: [amount]}
  - {key: won, label: Won, label_zh: 赢单, kind: won}
  - {key: lost, label: Lost, label_zh: 丢单, kind: lost}
transitions:
  - {from: talk, to: rebate, approval: rebates}
  - {from: rebate, to: won}
  - {from: [talk, rebate], to: lost}
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def rebates(house: House) -> None:
    """Two deals of Ben's whose rebate Eve agrees to."""
    store = Store(house.database_url)
    runtime = FixedRuntime(store, None)
    async with store.transaction() as session:
        hashed = await session.scalar(
            text('SELECT password_hash FROM "user" WHERE email = :email'), {"email": EMAIL}
        )
        eve = User(name="Eve Sales", email=EVE, email_key=EVE, name_key="eve sales", role="admin")
        eve.password_hash = hashed
        session.add(eve)
    for source in (CHAIN, PIPELINE):
        async with store.transaction() as session:
            await publish(session, SYSTEM, read_definition(source, "rebates.yaml"), now=NOW)
    for name in ("Flour mill", "Saw mill"):
        async with working(store, runtime.shared, NoPokes(), NOW - timedelta(days=1)) as work:
            await create_deal(work, SYSTEM, NewDeal({"name": name, "owner_id": 1}, "rebates"))
    await store.close()


async def ask_for(page: Page, name: str, amount: str) -> None:
    """A rebate for this deal; what the stage demands is filled in where one is asked."""
    await drag(page, name, 1)
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("Rebate needs the amount; fill it in.")
    await dialog.get_by_label("Amount").fill(amount)
    await dialog.get_by_role("button", name="Save and move").click()
    await expect(page.get_by_text("now waits for an approval")).to_be_visible()
    card = page.locator(".db-col").nth(0).locator(".db-card[data-id]", has_text=name)
    await expect(card).to_contain_text("Waits for approval: Rebate")


async def test_a_move_is_refused_then_asked_for_and_made_once_somebody_agrees(
    look: Look, rebates: None
) -> None:
    async with look() as page, look(signed_in=False) as hers:
        await page.goto("/board?pipeline=rebates")
        await drag(page, "Flour mill", 2)
        await expect(page.get_by_role("dialog")).to_contain_text("cannot go to Won")
        await page.get_by_role("button", name="Leave it there").click()
        await ask_for(page, "Flour mill", "900")
        await hers.goto("/sign-in?next=/inbox")
        await hers.fill("input[name=email]", EVE)
        await hers.fill("input[name=password]", PASSWORD)
        await hers.click("form .is-main")
        request = hers.locator(".inb-ask", has_text="Flour mill")
        await expect(request).to_contain_text("900")
        await request.get_by_role("button", name="Approve").click()
        await hers.get_by_label("Comment").fill("A good mill.")
        await hers.get_by_role("button", name="Send", exact=True).click()
        await expect(request).to_have_count(0)
        moved = page.locator(".db-col").nth(1).locator(".db-card[data-id]", has_text="Flour mill")
        await expect(moved).to_be_visible(timeout=15_000)
        await expect(moved).not_to_contain_text("Waits for approval")


async def mailed_link(house: House) -> str:
    """The link in the newest mail to Eve."""
    async with driving(house) as drivers:
        await drivers.mail_notices()
    mailbox = Mailbox(house.mail)
    newest = next(one for one in mailbox.page() if EVE in one.recipients)
    found = re.search(r"http\S+(/a/[\w.~-]+)", mailbox.message(newest.id).text or "")
    assert found
    return found[1]


async def test_one_decides_by_a_mailed_link_on_a_phone(
    look: Look, house: House, rebates: None
) -> None:
    async with look() as page:
        await page.goto("/board?pipeline=rebates")
        await ask_for(page, "Saw mill", "450")
        link = await mailed_link(house)
        async with look(phone=True, signed_in=False) as phone:
            await phone.goto(link)
            await expect(phone.locator("main")).to_contain_text("Saw mill")
            wide = "() => document.documentElement.scrollWidth - innerWidth"
            assert await phone.evaluate(wide) <= 0
            # looking decides nothing, also not for the programs of mail servers
            await phone.reload()
            await phone.get_by_role("button", name="Approve").click()
            await expect(phone.get_by_role("heading")).to_be_visible()
        moved = page.locator(".db-col").nth(1).locator(".db-card[data-id]", has_text="Saw mill")
        await expect(moved).to_be_visible(timeout=15_000)
        async with look(phone=True, signed_in=False, allowed=("409",)) as phone:
            await phone.goto(link)
            await expect(phone.get_by_role("button", name="Approve")).to_have_count(0)
