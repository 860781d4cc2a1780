"""A demo company on a folder of its own, and somebody who has signed in."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from playwright.async_api import Page

from engine.embedded.ports import any_free_port
from tests.servers import temporary_folder

PATIENCE_SECONDS: Final = 300
_EMAIL: Final = "admin@cadenza.test"
_PASSWORD: Final = "a password for the pictures"
_ONCE: Final = re.compile(r"Password\s+(\S+)")


@dataclass(frozen=True, slots=True)
class Demo:
    """Where it is, and the password that works once."""

    url: str
    password: str


@contextmanager
def demo_company() -> Iterator[Demo]:
    """Started like anybody starts it; everything is gone afterwards."""
    with temporary_folder("demo") as folder:
        log = folder / "up.log"
        port = any_free_port()
        environment = {**os.environ, "CADENZA_DATA_DIR": str(folder / "data")}
        command = [sys.executable, "-m", "engine.cli", "up", "--demo", "--port", str(port)]
        with (
            log.open("wb") as said,
            subprocess.Popen(command, env=environment, stdout=said, stderr=said) as product,
        ):
            try:
                yield Demo(f"http://127.0.0.1:{port}", _awaited(log, product))
            finally:
                product.terminate()
                product.wait(60)


def _awaited(log: Path, product: subprocess.Popen[bytes]) -> str:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until and product.poll() is None:
        if found := _ONCE.search(log.read_text(errors="replace")):
            return found[1]
        time.sleep(0.5)
    raise RuntimeError(f"the demo company did not come up:\n{log.read_text(errors='replace')}")


async def sign_in(page: Page, demo: Demo) -> None:
    await page.goto("/sign-in")
    await page.fill("input[name=email]", _EMAIL)
    await page.fill("input[name=password]", demo.password)
    await page.click("form .is-main")
    await page.wait_for_url("**/password*")
    for name, word in (("current", demo.password), ("new", _PASSWORD), ("again", _PASSWORD)):
        await page.fill(f"input[name={name}]", word)
    await page.click("form .is-main")
    await page.wait_for_url(f"{demo.url}/")


def list_address(room: str, **document: object) -> str:
    """A list seen in some way, as its own address says it."""
    return f"{room}?{urlencode({'list': json.dumps(document)})}"
