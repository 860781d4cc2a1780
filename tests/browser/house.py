"""A furnished database, a mailbox with mail, and a server process over both."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.error import URLError
from urllib.request import urlopen

from argon2 import PasswordHasher
from sqlalchemy import text

from crm_store.session import Store
from engine.channels.mailbox_store import Arrival, MailboxStore
from engine.embedded.ports import any_free_port
from tests.designer.seed import PASSWORD, seed
from tests.designer.seeded_runs import NOW

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
HOSTILE: Final = (
    "<html><body><h1>We miss you, Ada</h1><script>top.document.title='pwned'</script>"
    '<img src="https://tracker.test/pixel.png"><form action="/sign-out"></form></body></html>'
)
MORE_CONTACTS: Final = 120


@dataclass
class House:
    """The server's address, its database, and the folder of its mailbox. What the process that
    serves it knows is in these, so it may be killed and started again at any time."""

    url: str
    database_url: str
    mail: Path
    server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        port = self.url.rpartition(":")[2]
        command = [sys.executable, "-m", "tests.browser.serve", port]
        command += [self.database_url, str(self.mail)]
        self.server = subprocess.Popen(command, cwd=ROOT)
        _await(self.url, self.server)

    def kill(self) -> None:
        if self.server is not None:
            self.server.kill()
            self.server.wait(20)
            self.server = None


def browser_path() -> str | None:
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


@contextmanager
def served(database_url: str, mail: Path) -> Iterator[House]:
    """Furnish an empty database and mailbox, and serve them from a process of its own."""
    asyncio.run(_furnish(database_url))
    _drop_mail(mail)
    house = House(f"http://127.0.0.1:{any_free_port()}", database_url, mail)
    try:
        house.start()
        yield house
    finally:
        house.kill()


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
    until = time.monotonic() + 150
    while time.monotonic() < until and server.poll() is None:
        try:
            with urlopen(f"{url}/sign-in") as answer:
                if answer.status == 200:
                    return
        except URLError:
            time.sleep(0.05)
    raise RuntimeError("the designer did not come up")
