"""A real browser at a real server. Every page is watched: an error in it fails the test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import (
    Browser,
    ConsoleMessage,
    Page,
    Request,
    async_playwright,
    expect,
)

from tests.browser.house import FLAGS, House, browser_path, served
from tests.designer.seed import EMAIL, PASSWORD
from tests.servers import Databases

DESKTOP: Final = {"width": 1440, "height": 900}
PHONE: Final = {"width": 390, "height": 844}
# A busy machine is slow, not wrong.
expect.set_options(timeout=30_000)
Look = Callable[..., AbstractAsyncContextManager[Page]]


@dataclass
class Watched:
    """What went wrong on a page. `allowed` are pieces of messages that a test means to cause."""

    base: str
    allowed: tuple[str, ...] = ()
    faults: list[str] = field(default_factory=list)

    def note(self, fault: str) -> None:
        if not any(piece in fault for piece in self.allowed):
            self.faults.append(fault)

    def console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.note(f"{message.type}: {message.text}")

    def request(self, request: Request) -> None:
        ours = (self.base, self.base.replace("http", "ws"), "data:", "blob:", "about:")
        if not request.url.startswith(ours):
            self.note(f"foreign request: {request.url}")


@pytest.fixture(scope="session")
def house(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    name = databases.fresh()
    with served(databases.url(name), tmp_path_factory.mktemp("mail")) as furnished:
        yield furnished
    databases.drop(name)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=browser_path(), args=FLAGS)
        yield opened
        await opened.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def session_cookies(browser: Browser, house: House) -> list[dict[str, object]]:
    """Signing in once is enough; how it is done has a test of its own."""
    context = await browser.new_context(base_url=house.url)
    page = await context.new_page()
    await page.goto("/sign-in")
    await page.fill("input[name=email]", EMAIL)
    await page.fill("input[name=password]", PASSWORD)
    await page.click("form .is-main")
    await page.wait_for_url(f"{house.url}/")
    cookies = [dict(cookie) for cookie in await context.cookies()]
    await context.close()
    return cookies


@pytest.fixture
def look(browser: Browser, house: House, session_cookies: list[dict[str, object]]) -> Look:
    """`async with look() as page`: a fresh browser profile, signed in unless told otherwise."""

    @asynccontextmanager
    async def looking(
        *,
        phone: bool = False,
        signed_in: bool = True,
        language: str = "en",
        theme: str = "light",
        allowed: tuple[str, ...] = (),
    ) -> AsyncIterator[Page]:
        context = await browser.new_context(
            viewport=PHONE if phone else DESKTOP,  # type: ignore[arg-type]
            base_url=house.url,
            timezone_id="Europe/Berlin",
            locale="en-GB",
        )
        chosen = {"cadenza_language": language, "cadenza_theme": theme}
        chosen["cadenza_zone"] = "Europe/Berlin"
        await context.add_cookies(
            [{"name": name, "value": value, "url": house.url} for name, value in chosen.items()]
        )
        if signed_in:
            await context.add_cookies(session_cookies)  # type: ignore[arg-type]
        page = await context.new_page()
        watched = Watched(house.url, allowed)
        page.on("console", watched.console)
        page.on("pageerror", lambda error: watched.note(f"page error: {error}"))
        page.on("request", watched.request)
        try:
            yield page
        finally:
            await context.close()
        assert watched.faults == []

    return looking
