"""How smoothly a drawing of three hundred steps is pushed: frames per second, and work per move.

python -m tests.browser.frames [STEPS]
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from statistics import mean
from typing import Any, Final

from playwright.async_api import CDPSession, Page, async_playwright
from sqlalchemy import text

from crm_store.session import Store
from tests import servers
from tests.browser.conftest import DESKTOP
from tests.browser.house import FLAGS, House, browser_path, served
from tests.designer.seed import EMAIL, PASSWORD

PATIENCE: Final = 150_000
WORK: Final = ("ScriptDuration", "LayoutDuration", "RecalcStyleDuration")
WATCH: Final = """() => { window.gaps = []; let last = 0; const look = (now) => {
  if (last) window.gaps.push(now - last); last = now; requestAnimationFrame(look); };
  requestAnimationFrame(look); }"""


def long_flow(steps: int) -> str:
    """Groups of six: a branch, a letter, and the waits behind it."""
    lines = ["flow: long", "label: Long", "subject: contact", "purpose: service"]
    lines += ["trigger: {on: event, event: Signed Up}", "entry: once", "steps:"]
    groups = steps // 6
    for n in range(groups):
        after = f"b{n + 1}" if n + 1 < groups else "e"
        lines += [
            f"  b{n}:",
            "    do: branch",
            "    cases:",
            f"      - {{when: {{'==': [{{var: contact.country}}, NG]}}, next: m{n}}}",
            f"    else: w{n}",
            f"  m{n}: {{do: send_message, template: welcome,",
            f"    exits: {{sent: v{n}, undeliverable: x{n}, withheld: x{n}}}}}",
            *(f"  {name}{n}: {{do: wait, for: 1d, next: y{n}}}" for name in "wvx"),
            f"  y{n}: {{do: wait, for: 1h, next: {after}}}",
        ]
    return "\n".join([*lines, "  e: {do: exit, outcome: done}", ""])


async def drafted(house: House, source: str) -> None:
    store = Store(house.database_url)
    async with store.transaction() as session:
        await session.execute(
            text(
                "INSERT INTO flow (name, label, purpose, state, draft_source)"
                " VALUES ('long', 'Long', 'service', 'draft', :source)"
            ),
            {"source": source},
        )
    await store.close()


async def measured(house: House) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=browser_path(), args=FLAGS)
        context = await browser.new_context(
            viewport=DESKTOP,  # type: ignore[arg-type]
            base_url=house.url,
        )
        page = await context.new_page()
        await page.goto("/sign-in?next=/flows/long/edit", timeout=PATIENCE)
        await page.fill("input[name=email]", EMAIL)
        await page.fill("input[name=password]", PASSWORD)
        await page.click("form .is-main", no_wait_after=True)
        await page.locator(".fc.is-laid-out").wait_for(timeout=PATIENCE)
        await page.wait_for_timeout(1000)
        session = await context.new_cdp_session(page)
        await session.send("Performance.enable")
        before = await work(session)
        await page.evaluate(WATCH)
        moves = await push(page)
        gaps = sorted(await page.evaluate("window.gaps"))
        after = await work(session)
        spent = {name: round((after[name] - before[name]) * 1000 / moves, 1) for name in WORK}
        slow = gaps[int(len(gaps) * 0.95)]
        told = (
            f"{1000 / mean(gaps):.0f} frames/s, 95 in 100 within {slow:.0f} ms; ms a move {spent}\n"
        )
        sys.stdout.write(told)
        await browser.close()


async def work(session: CDPSession) -> dict[str, Any]:
    found = await session.send("Performance.getMetrics")
    return {one["name"]: one["value"] for one in found["metrics"]}


async def push(page: Page, moves: int = 120) -> int:
    """Up and down at the right edge, where no step stands."""
    box = await page.locator(".fc-stage").bounding_box()
    assert box is not None
    x, top = box["x"] + box["width"] - 12, box["y"] + 60
    for way in (1, -1):
        at = top if way > 0 else top + moves * 5
        await page.mouse.move(x, at)
        await page.mouse.down()
        for number in range(moves):
            await page.mouse.move(x, at + way * number * 5)
            await page.wait_for_timeout(8)
        await page.mouse.up()
    return 2 * moves


def main(steps: str = "300") -> None:
    with (
        servers.postgres() as server,
        closing(servers.Databases(server)) as own,
        tempfile.TemporaryDirectory() as mail,
        served(own.url(own.fresh()), Path(mail)) as house,
    ):
        asyncio.run(drafted(house, long_flow(int(steps))))
        asyncio.run(measured(house))


if __name__ == "__main__":
    main(*sys.argv[1:])
