"""The board in a real browser: dragged, refused, filled in, undone, by keys and with a thumb."""

from __future__ import annotations

from datetime import timedelta

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from crm_store.session import Store
from engine.definitions import read_definition
from engine.services.actor import SYSTEM
from engine.services.deals.editing import NewDeal, create_deal
from engine.services.definitions.publishing import publish
from engine.services.pokes import NoPokes
from engine.services.work import working
from tests.browser.conftest import PHONE, Look
from tests.browser.house import House
from tests.browser.serve import FixedRuntime
from tests.designer.seeded_runs import NOW

pytestmark = pytest.mark.asyncio(loop_scope="session")

PIPELINE = """
pipeline: mills
label: Mills
stages:
  - {key: talk, label: Talking, label_zh: 洽谈, probability: 10}
  - {key: offer, label: Offer, label_zh: 报价, probability: 50, needs: [amount]}
  - {key: won, label: Won, label_zh: 赢单, kind: won}
  - {key: lost, label: Lost, label_zh: 丢单, kind: lost}
transitions:
  - {from: talk, to: offer}
  - {from: offer, to: [won]}
  - {from: offer, to: talk}
  - {from: [talk, offer], to: lost, needs: lost_reason}
""".replace("[won]", "won")
DEALS = 60


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def mills(house: House) -> None:
    store = Store(house.database_url)
    runtime = FixedRuntime(store, None)
    async with store.transaction() as session:
        await publish(session, SYSTEM, read_definition(PIPELINE, "mills.yaml"), now=NOW)
    for number in range(DEALS):
        at = NOW - timedelta(minutes=10 * (DEALS - number))
        async with working(store, runtime.shared, NoPokes(), at) as work:
            fields = {"name": f"Looms {number:02}", "owner_id": 1}
            await create_deal(work, SYSTEM, NewDeal(fields, "mills"))
    await store.close()


async def drag(page: Page, name: str, to: int) -> None:
    card = page.locator(".db-card[data-id]", has_text=name)
    box = await card.bounding_box()
    there = await page.locator(".db-col").nth(to).bounding_box()
    assert box
    assert there
    await page.mouse.move(box["x"] + 80, box["y"] + 60)
    await page.mouse.down()
    await page.mouse.move(box["x"] + 110, box["y"] + 70, steps=3)
    await page.mouse.move(there["x"] + 120, there["y"] + 160, steps=5)
    await page.mouse.up()


async def test_a_dragged_card_is_refused_filled_in_moved_and_taken_back(
    look: Look, mills: None
) -> None:
    async with look() as page, look() as other:
        await page.goto("/board?pipeline=mills")
        await other.goto("/board?pipeline=mills")
        first, second = page.locator(".db-col").nth(0), page.locator(".db-col").nth(1)
        await expect(first.locator(".db-card[data-id]").first).to_contain_text("Looms 59")
        before = int(await first.locator(".db-count").inner_text())
        # of sixty deals no more are in the page than are seen
        assert await first.locator(".db-card").count() < 25
        await drag(page, "Looms 59", 1)
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("Offer needs the amount; fill it in.")
        await expect(first.locator(".db-card[data-id]").first).to_contain_text("Looms 59")
        await dialog.get_by_label("Amount").fill("1,250")
        await dialog.get_by_role("button", name="Save and move").click()
        moved = second.locator(".db-card", has_text="Looms 59")
        await expect(moved).to_contain_text("US$1,250")
        await expect(first.locator(".db-count")).to_have_text(str(before - 1))
        there = other.locator(".db-col").nth(1).locator(".db-card", has_text="Looms 59")
        await expect(there).to_be_visible()
        await page.get_by_role("button", name="Undo").click()
        await expect(first.locator(".db-card[data-id]").first).to_contain_text("Looms 59")
        await drag(page, "Looms 58", 2)
        await expect(page.get_by_role("dialog")).to_contain_text("cannot go to Won")
        await page.get_by_role("button", name="Leave it there").click()
        body = first.locator(".db-body")
        await body.evaluate("e => { e.scrollTop = e.scrollHeight; }")
        await expect(first.locator(".db-card", has_text="Looms 00")).to_be_visible()
        await expect(first.locator(".is-ghostly")).to_have_count(0)


async def test_keys_and_a_phone_move_deals_too(look: Look, mills: None) -> None:
    async with look() as page:
        await page.goto("/board?pipeline=mills&text=Looms+1")
        card = page.locator(".db-card[data-id]", has_text="Looms 19")
        await card.focus()
        await page.keyboard.press("ArrowDown")
        await expect(page.locator(".db-card:focus")).to_contain_text("Looms 18")
        await page.keyboard.press("m")
        await expect(page.get_by_role("menuitem", name="Offer")).to_be_focused()
        await page.keyboard.press("Escape")
        await page.keyboard.press("Shift+ArrowRight")
        await page.get_by_role("dialog").get_by_label("Amount").fill("7")
        await page.get_by_role("button", name="Save and move").click()
        await expect(page.locator(".db-col").nth(1)).to_contain_text("Looms 18")
    async with look(phone=True, language="zh-CN", theme="dark") as page:
        await page.goto("/board?pipeline=mills&text=Looms+17")
        await page.get_by_role("button", name="移至…: Looms 17").click()
        await page.get_by_role("menuitem", name="丢单").click()
        await page.get_by_role("dialog").get_by_label("丢单原因").fill("预算不足")
        await page.get_by_role("button", name="保存并移动").click()
        await expect(page.get_by_role("status").get_by_text("已移至“丢单”。")).to_be_visible()
        wide = "() => document.querySelector('.cz-body').scrollWidth - innerWidth"
        assert await page.evaluate(wide) <= 0


async def test_a_finger_that_rests_lifts_a_deal_and_one_that_moves_scrolls(
    look: Look, mills: None
) -> None:
    async with look(phone=True) as page:
        await page.goto("/board?pipeline=mills&text=Looms+0")
        column = page.locator(".db-col").first
        card = column.locator(".db-card[data-id]", has_text="Looms 09")
        box = await card.bounding_box()
        assert box
        finger = await page.context.new_cdp_session(page)

        async def touch(kind: str, *points: tuple[float, float]) -> None:
            at = [{"x": x, "y": y} for x, y in points]
            await finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

        x, y = box["x"] + 90, box["y"] + 60
        await touch("touchStart", (x, y))
        for step in range(1, 8):
            await touch("touchMove", (x, y - 20 * step))
        await touch("touchEnd")
        await expect(page.locator(".db-held")).to_have_count(0)
        assert await column.locator(".db-body").evaluate("e => e.scrollTop") > 0
        await column.locator(".db-body").evaluate("e => { e.scrollTop = 0; }")
        await touch("touchStart", (x, y))
        await expect(page.locator(".db-held")).to_be_visible()
        # at the edge the board goes on to the next column
        await touch("touchMove", (x + 120, y + 5))
        await touch("touchMove", (PHONE["width"] - 8, y + 5))
        gone = "document.querySelector('.db-cols').scrollLeft > 220"
        await page.wait_for_function(gone)
        await touch("touchMove", (PHONE["width"] / 2, y + 5))
        await expect(page.locator(".db-col.is-over .db-title")).to_have_text("Offer")
        await touch("touchEnd")
        await expect(page.get_by_role("dialog")).to_contain_text("Offer needs the amount")
