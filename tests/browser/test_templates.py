"""Templates in a real browser: the letter in its frame, as somebody else, and a test to oneself."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Look
from tests.designer.seed import EMAIL

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def opened(page: Page, path: str) -> None:
    await page.goto(path)
    await page.locator(".cz-bar h1").wait_for()


async def test_a_letter_is_shown_as_somebody_else_and_sent_to_oneself(look: Look) -> None:
    async with look() as page:
        await opened(page, "/templates")
        await page.get_by_role("link", name="An offer", exact=True).click()
        letter = page.frame_locator("iframe.cz-mail")
        await expect(letter.get_by_text("Hi Ada")).to_be_visible()
        await page.get_by_label("Name or e-mail").fill("lindq")
        await page.get_by_role("link", name="Mia Lindqvist").click()
        await expect(letter.get_by_text("Hi Mia")).to_be_visible()
        await page.get_by_role("link", name="zh", exact=True).click()
        await expect(letter.get_by_text("Mia，您好")).to_be_visible()
        await page.get_by_role("button", name="Send me a test").click()
        await expect(page.get_by_text(f"Sent to {EMAIL}")).to_be_visible()


async def test_a_letter_fits_a_phone_and_the_dark(look: Look) -> None:
    async with look(phone=True, theme="dark", language="zh-CN") as page:
        await opened(page, "/templates/offer?view=inverted&width=phone")
        wide = "() => document.querySelector('.cz-body').scrollWidth - innerWidth"
        assert await page.evaluate(wide) <= 0
        frame = page.frame_locator("iframe.cz-mail")
        turned = "e => getComputedStyle(e).filter"
        assert await frame.locator("html").evaluate(turned) == "invert(1) hue-rotate(180deg)"
        await page.get_by_role("button", name="抽取 50 人").click()
        await expect(page.get_by_text("封可以写成")).to_be_visible()
