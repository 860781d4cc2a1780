"""python -m tests.browser.screenshots [folder] [name ...]"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, Page, async_playwright

from tests.browser.house import FLAGS, browser_path
from tests.browser.screenshots.demo import Demo, demo_company, sign_in
from tests.browser.screenshots.shots import SHOTS, Shot
from tests.browser.screenshots.small_png import smaller

DESKTOP: Final = {"width": 1440, "height": 900}
PHONE: Final = {"width": 390, "height": 844}
MOST_BYTES: Final = 150_000
# Canvases glide to their place, and charts grow.
_SETTLES_MILLISECONDS: Final = 1_500
_STILL: Final = "*{caret-color:transparent!important}.q-notification{display:none!important}"


async def take(demo: Demo, folder: Path, names: frozenset[str]) -> list[str]:
    """The names of pictures that are larger than they should be."""
    folder.mkdir(parents=True, exist_ok=True)
    large = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=browser_path(), args=FLAGS)
        context = await browser.new_context(base_url=demo.url)
        await sign_in(await context.new_page(), demo)
        cookies = [dict(one) for one in await context.cookies()]
        empty = await context.new_page()
        for shot in SHOTS:
            if names and shot.name not in names:
                continue
            picture = await smaller(empty, await _taken(browser, demo, shot, cookies))
            (folder / f"{shot.name}.png").write_bytes(picture)
            sys.stderr.write(f"{shot.name}.png {len(picture) // 1000} kB\n")
            if len(picture) > MOST_BYTES:
                large.append(shot.name)
        await browser.close()
    return large


async def _taken(
    browser: Browser, demo: Demo, shot: Shot, cookies: list[dict[str, object]]
) -> bytes:
    context = await browser.new_context(
        viewport=PHONE if shot.phone else DESKTOP,  # type: ignore[arg-type]
        base_url=demo.url,
        timezone_id="UTC",
        locale="en-GB",
        reduced_motion="reduce",
    )
    chosen = {"language": shot.language, "theme": shot.theme, "zone": "UTC"}
    await context.add_cookies(cookies)  # type: ignore[arg-type]
    await context.add_cookies(
        [
            {"name": f"cadenza_{name}", "value": value, "url": demo.url}
            for name, value in chosen.items()
        ]
    )
    page = await context.new_page()
    try:
        return await _pictured(page, shot)
    finally:
        await context.close()


async def _pictured(page: Page, shot: Shot) -> bytes:
    await page.goto(shot.address)
    await page.locator(shot.seen).first.wait_for()
    if shot.prepare is not None:
        await shot.prepare(page)
    # nothing is pointed at, so that no help hangs over the picture
    await page.mouse.move(0, 0)
    await page.evaluate("document.fonts.ready")
    await page.wait_for_timeout(_SETTLES_MILLISECONDS)
    return await page.screenshot(style=_STILL)


def main(folder: str, *names: str) -> int:
    with demo_company() as demo:
        large = asyncio.run(take(demo, Path(folder), frozenset(names)))
    if large:
        sys.stderr.write(f"larger than {MOST_BYTES // 1000} kB: {', '.join(large)}\n")
    return 1 if large else 0


if __name__ == "__main__":
    sys.exit(main(*(sys.argv[1:] or ["docs/images"])))
