"""Writing a template in a real browser: completions, the live letter, problems by their lines."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Look

pytestmark = pytest.mark.asyncio(loop_scope="session")
# The process in which drafts are written may have to be started first.
COLD = 30_000


async def begun(page: Page, name: str) -> None:
    await page.goto("/templates")
    await page.get_by_role("button", name="New template").click()
    await page.get_by_label("What is it called?").fill(name)
    await expect(page.get_by_label("Short name, which flows use")).to_have_value(name.lower())
    await page.get_by_role("button", name="Create", exact=True).click()
    await page.wait_for_url(f"**/templates/{name.lower()}/edit")


async def test_a_letter_is_written_mended_and_published(look: Look) -> None:
    async with look() as page:
        await begun(page, "Spring")
        letter = page.frame_locator("iframe.cz-mail")
        await expect(letter.get_by_text("Hi Ada")).to_be_visible(timeout=COLD)
        body = page.get_by_role("textbox", name="Letter (en)")
        await body.click()
        await page.keyboard.press("ControlOrMeta+End")
        await page.keyboard.type("{{ contact.ci")
        # By mouse: the list takes no Enter in the first moment, so that typing on is not caught.
        await page.get_by_role("option", name="contact.city").click()
        await expect(letter.get_by_text("Singapore")).to_be_visible(timeout=COLD)
        await page.keyboard.type("{{ contact.cty }}")
        problem = page.get_by_role("button", name="contact.city")
        await expect(problem).to_be_visible(timeout=COLD)
        await expect(page.locator(".te-line.is-problem")).to_have_count(1)
        await page.get_by_role("button", name="Sample").click()
        await problem.click()
        await expect(body).to_be_focused()
        await page.keyboard.press("Backspace")
        await expect(page.get_by_text("The check found nothing.")).to_be_visible(timeout=COLD)
        await expect(page.locator(".te-line.is-problem")).to_have_count(0)
        await expect(page.get_by_role("status")).to_contain_text("Saved")
        await page.reload()
        await expect(letter.get_by_text("What you want to say")).to_be_visible(timeout=COLD)
        await page.get_by_role("button", name="Publish").click()
        await page.get_by_role("dialog").get_by_role("button", name="Publish").click()
        await expect(page.get_by_text("Published as v1.")).to_be_visible(timeout=COLD)


async def test_the_editor_fits_a_phone(look: Look) -> None:
    async with look(phone=True, theme="dark", language="zh-CN") as page:
        await page.goto("/templates/offer/edit")
        await page.get_by_role("button", name="预览", exact=True).click()
        letter = page.frame_locator("iframe.cz-mail")
        await expect(letter.get_by_text("Hi Ada")).to_be_visible(timeout=COLD)
        wide = "() => document.documentElement.scrollWidth - innerWidth"
        assert await page.evaluate(wide) <= 0
        await expect(page.get_by_role("button", name="发布")).to_be_in_viewport()
