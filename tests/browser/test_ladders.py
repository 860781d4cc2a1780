"""Rules of work, people and calendars in a real browser: drawn, kept, published, on a phone."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Look

pytestmark = pytest.mark.asyncio(loop_scope="session")

PLACES = ("/people", "/people?tab=line", "/people/1", "/calendars/new", "/inbox?tab=duty")
WIDE = "() => document.querySelector('.cz-body').scrollWidth - innerWidth"


async def test_a_chain_is_drawn_kept_over_a_reload_and_published(look: Look) -> None:
    async with look() as page:
        await page.goto("/definitions/new?kind=approval_chain")
        await page.get_by_label("Short name (small letters").fill("drawn_chain")
        await page.get_by_role("button", name="Add a level").click()
        await expect(page.locator(".lad-panel").get_by_text("Level 2")).to_be_visible()
        await page.get_by_role("button", name="Divide by amount").click()
        tick = page.get_by_role("checkbox", name="level 2: 0 to below 1,000")
        await tick.click()
        await expect(tick).to_have_attribute("aria-checked", "true")
        await page.reload()
        await page.get_by_role("button", name="Go on with it").click()
        await expect(tick).to_have_attribute("aria-checked", "true")
        await page.get_by_role("button", name="Publish").click()
        await page.wait_for_url("**/definitions/approval_chain/drawn_chain")
        await expect(page.locator(".cz-find").get_by_text("In force")).to_be_visible()


async def test_pages_about_people_fit_a_phone_in_the_dark(look: Look) -> None:
    async with look(phone=True, theme="dark", language="zh-CN") as page:
        for place in PLACES:
            await page.goto(place)
            await expect(page.locator(".cz-body > *").first).to_be_visible()
            assert await page.evaluate(WIDE) <= 0, place
