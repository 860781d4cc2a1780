"""Rules of work in a real browser: written, refused by line, published, on a desk and a phone."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Look

pytestmark = pytest.mark.asyncio(loop_scope="session")

WRONG = "escalation_policy: night_watch\nlabel: Night watch\nlevels:\n- to: nobody at all\n"


async def written(page: Page, text: str) -> None:
    """Typed over what stands in the editor."""
    await page.locator(".cm-content").click()
    await page.keyboard.press("Control+A")
    await page.keyboard.insert_text(text)


async def test_a_policy_is_refused_by_line_then_published(look: Look) -> None:
    async with look() as page:
        await page.goto("/definitions")
        await page.get_by_role("link", name="New definition").click()
        await page.goto("/definitions/new?kind=escalation_policy&view=text")
        await written(page, WRONG)
        await page.get_by_role("button", name="Publish").click()
        await expect(page.get_by_text("Line 4")).to_be_visible()
        await written(page, WRONG.replace("nobody at all", "owner"))
        await page.get_by_role("button", name="Publish").click()
        await page.wait_for_url("**/definitions/escalation_policy/night_watch")
        await expect(page.locator(".cz-bar h1")).to_have_text("Night watch")
        await expect(page.locator(".cz-find").get_by_text("In force")).to_be_visible()


async def test_a_definition_fits_a_phone_in_the_dark(look: Look) -> None:
    async with look(phone=True, theme="dark", language="zh-CN") as page:
        await page.goto("/definitions/pipeline/b2b")
        await expect(page.locator(".cm-content")).to_contain_text("pipeline: b2b")
        wide = "() => document.querySelector('.cz-body').scrollWidth - innerWidth"
        assert await page.evaluate(wide) <= 0
        colour = "e => getComputedStyle(e).backgroundColor"
        shown = await page.locator(".cm-editor").evaluate(colour)
        assert max(int(part) for part in shown.removeprefix("rgb(").rstrip(")").split(",")) < 90
        await page.get_by_role("button", name="检查").click()
        await expect(page.locator(".cz-stack[aria-live=polite]")).not_to_be_empty()
