"""Rules and tables in a real browser: built, moved by mouse, saved, on a phone too."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Look

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def add(page: Page, words: str) -> None:
    await page.get_by_role("button", name="Add a condition").last.click()
    search = page.get_by_label("Search what to ask")
    await search.fill(words)
    await expect(page.locator(".rb-offer").first).to_contain_text(words)
    await search.press("Enter")
    await expect(page.locator(".rb-picker")).to_have_count(0)


async def test_conditions_are_moved_by_mouse_and_saved(look: Look) -> None:
    async with look() as page:
        await page.goto("/segments/new")
        await page.get_by_label("Label", exact=True).fill("Near and busy")
        await add(page, "City")
        await page.get_by_label("Value", exact=True).fill("Oslo")
        await add(page, "Score")
        await page.get_by_label("Number", exact=True).fill("10")
        names = page.locator(".rb-about__name")
        await expect(page.locator(".rb-said")).to_have_text(
            'city is "Oslo" and score is at least 10'
        )
        grips = page.locator(".rb-row .rb-grip")
        first, second = await grips.nth(0).bounding_box(), await grips.nth(1).bounding_box()
        assert first is not None
        assert second is not None
        await page.mouse.move(first["x"] + 8, first["y"] + 12)
        await page.mouse.down()
        await page.mouse.move(second["x"] + 8, second["y"] + 16, steps=8)
        await page.mouse.move(second["x"] + 8, second["y"] + 28, steps=4)
        await page.mouse.up()
        await expect(names).to_have_text(["Score", "City"])
        await expect(page.locator(".rb-said")).to_have_text(
            'score is at least 10 and city is "Oslo"'
        )
        await page.get_by_role("button", name="Save the segment").click()
        await page.wait_for_url("**/segments/near_and_busy")


async def test_a_table_is_filled_with_the_keyboard(look: Look) -> None:
    async with look() as page:
        await page.goto("/tables/new?from=lead_routing")
        # what is typed before the page is connected is heard by nobody
        await expect(page.get_by_text("Every row can be reached")).to_be_visible()
        cell = page.get_by_label("Row 1, Employees")
        await cell.fill("many")
        await cell.press("Enter")
        await expect(page.get_by_label("Row 2, Employees")).to_be_focused()
        await expect(page.get_by_text('"many" is not a number')).to_be_visible()
        await expect(cell).to_have_attribute("aria-invalid", "true")
        await expect(cell).to_have_value("many")
        await cell.fill("")
        await cell.press("Enter")
        await expect(cell).to_have_value("any")


async def test_the_builder_fits_a_phone_in_the_dark(look: Look) -> None:
    async with look(phone=True, theme="dark", language="zh-CN") as page:
        await page.goto("/segments/new")
        await expect(page.locator(".rb-builder")).to_be_visible()
        wide = "() => document.querySelector('.cz-body').scrollWidth - innerWidth"
        assert await page.evaluate(wide) <= 0
