"""A real browser at a real server. Every page is watched: an error in it fails the test."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.error import URLError
from urllib.request import urlopen

import pytest
import pytest_asyncio
from argon2 import PasswordHasher
from playwright.async_api import Browser, ConsoleMessage, Page, Request, async_playwright
from sqlalchemy import text

from crm_store.session import Store
from engine.channels.mailbox_store import Arrival, MailboxStore
from engine.embedded.ports import any_free_port
from tests.designer.seed import EMAIL, NOW, PASSWORD, seed
from tests.servers import Databases

ROOT: Final = Path(__file__).parents[2]
# Debian's names first; without any of them Playwright looks for its own.
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
FLAGS: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP: Final = {"width": 1440, "height": 900}
PHONE: Final = {"width": 390, "height": 844}
HOSTILE: Final = (
    "<html><body><h1>We miss you, Ada</h1><script>top.document.title='pwned'</script>"
    '<img src="https://tracker.test/pixel.png"><form action="/sign-out"></form></body></html>'
)
MORE_CONTACTS: Final = 120

Look = Callable[..., AbstractAsyncContextManager[Page]]


@dataclass(frozen=True)
class House:
    """The server's address and its database."""

    url: str
    database_url: str


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
    mail = tmp_path_factory.mktemp("mail")
    asyncio.run(_furnish(databases.url(name)))
    _drop_mail(mail)
    port = any_free_port()
    command = [
        sys.executable,
        "-m",
        "tests.browser.serve",
        str(port),
        databases.url(name),
        str(mail),
    ]
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, cwd=ROOT) as server:
        try:
            _await(url, server)
            yield House(url, databases.url(name))
        finally:
            server.terminate()
            server.wait(20)
    databases.drop(name)


async def _furnish(url: str) -> None:
    store = Store(url)
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    await seed(store, password_hash=hasher.hash(PASSWORD))
    async with store.transaction() as session:
        await session.execute(
            text(
                "INSERT INTO contact (first_name, last_name, email, email_key, name_key) "
                "SELECT 'Person', lpad(n::text, 4, '0'), 'p' || n || '@example.test', "
                "'p' || n || '@example.test', 'person ' || lpad(n::text, 4, '0') "
                "FROM generate_series(1, :count) n"
            ),
            {"count": MORE_CONTACTS},
        )
    await store.close()


def _drop_mail(folder: Path) -> None:
    store = MailboxStore(folder / "mail.db")
    for key, to, subject in (
        ("key-1", "ada@example.test", "We miss you, Ada"),
        ("key-2", "li.wei@example.test", "李伟，好久不见"),
    ):
        raw = (
            f"From: hello@cadenza.test\r\nTo: {to}\r\nSubject: {subject}\r\n"
            f"Message-ID: <{key}@cadenza.test>\r\nMIME-Version: 1.0\r\n"
            "Content-Type: text/html; charset=utf-8\r\n\r\n" + HOSTILE
        ).encode()
        at = NOW - timedelta(days=12)
        message_id = f"<{key}@cadenza.test>"
        store.add([Arrival(message_id, at, "hello@cadenza.test", (to,), subject, raw)])
    store.close()


def _await(url: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and server.poll() is None:
        try:
            with urlopen(f"{url}/sign-in") as answer:
                if answer.status == 200:
                    return
        except URLError:
            time.sleep(0.05)
    raise RuntimeError("the designer did not come up")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=found, args=FLAGS)
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
