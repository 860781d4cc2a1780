"""Every room as everybody meets it: two languages, light and dark, with a keyboard, on a phone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from designer.rooms import GROUPS
from tests.browser.conftest import DESKTOP, PHONE, Look
from tests.browser.test_designer import BLOCKED, opened

pytestmark = pytest.mark.asyncio(loop_scope="session")

# Rooms within rooms; those of the rail come by themselves.
INSIDE: Final = (
    "/flows/win_back",
    "/flows/win_back?view=steps",
    "/flows/win_back?view=versions",
    "/flows/win_back/edit",
    "/new-flow",
    "/flows/welcome",
    "/flows/win_back/try?contact=1",
    "/send-calendar",
    "/dashboards?view=messages&period=90",
    "/runs/1",
    "/runs/2",
    "/messages/1",
    "/templates/offer",
    "/templates/offer/edit",
    "/templates/offer/versions",
    "/definitions/pipeline/b2b",
    "/contacts/1",
    "/accounts/1",
    "/imports",
    "/merge",
    "/merge?keep=1&lose=3",
    "/mailbox/1",
)
ROOMS: Final = (*(room.address for group in GROUPS for room in group.rooms), *INSIDE)
WCAG: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
# What keeps somebody out; lesser findings are advice.
SERIOUS: Final = {"critical", "serious"}

NAMELESS: Final = """() => [...document.querySelectorAll('a, button, input, iframe, [role=button]')]
  .filter((e) => e.offsetParent && !(e.innerText || '').trim() && !e.getAttribute('aria-label')
    && !e.getAttribute('title') && !e.labels?.length && !e.querySelector('img[alt]'))
  .map((e) => e.outerHTML.slice(0, 120))"""


WIDE: Final = """() => [...document.querySelectorAll('body *')]
  .filter((e) => e.getBoundingClientRect().right > 391)
  .map((e) => e.outerHTML.slice(0, 100)).slice(0, 8)"""
# The colours of code are its theme's; what a run did not touch is dimmed on purpose.
NOT_OURS: Final = [[".cm-content"], [".is-untouched"]]


async def barriers(page: Page, *, rules: list[str] | None = None) -> list[str]:
    """What axe finds of weight, each with the first element it is about. Mails are shown as their
    senders made them."""
    only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": WCAG}
    options = {"resultTypes": ["violations"], "iframes": False, "runOnly": only}
    everything = [["body"]]
    found = await Axe().run(page, {"include": everything, "exclude": NOT_OURS}, options)
    return [
        f"{one['id']} x{len(one['nodes'])}: {one['nodes'][0]['html'][:160]}"
        for one in found.response["violations"]
        if one["impact"] in SERIOUS
    ]


def assert_none(told: Mapping[str, Sequence[str]]) -> None:
    lines = [f"{path}: {one}" for path, found in told.items() for one in found]
    assert not lines, "\n".join(lines)


async def hangs_over(page: Page) -> list[str]:
    """The same page on a phone: what is wider than it."""
    await page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    width = await page.evaluate("document.documentElement.scrollWidth")
    wide = (await page.evaluate(WIDE) or ["?"]) if width > PHONE["width"] else []
    await expect(page.locator(".cz-rail")).to_be_in_viewport()
    await page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    return [f"hangs over a phone's edge, {width} wide: {one}" for one in wide]


async def test_every_room_opens_without_a_fault_and_without_a_barrier_and_fits_a_phone(
    look: Look,
) -> None:
    told: dict[str, list[str]] = {}
    async with look(allowed=BLOCKED) as page:
        for path in ROOMS:
            await opened(page, path)
            told[path] = [*await page.evaluate(NAMELESS), *await barriers(page)]
            told[path] += await hangs_over(page)
    assert_none(told)


async def test_in_chinese_and_in_the_dark_every_room_can_be_read(look: Look) -> None:
    told: dict[str, list[str]] = {}
    async with look(language="zh-CN", theme="dark", allowed=BLOCKED) as page:
        for path in ROOMS:
            await opened(page, path)
            contrast = await barriers(page, rules=["color-contrast"])
            told[path] = [*await page.evaluate(NAMELESS), *contrast]
    assert_none(told)
