"""A person at the designer without a browser: pages are built and events handled as usual."""

from __future__ import annotations

import gc
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from nicegui import Client, ui
from nicegui.functions.navigate import Navigate
from nicegui.functions.notify import notify
from nicegui.testing import User
from nicegui.testing.general import nicegui_reset_globals

from crm_store.session import Store
from designer.app import mount
from engine.services.sign_in import SignIns
from tests.browser.serve import FixedRuntime
from tests.designer.seed import EMAIL, PASSWORD, seed

_SET_ASIDE: Final = count(1)
Opened = Callable[..., AbstractAsyncContextManager["Visit"]]


class Patient(User):
    """Waits five seconds for what a busy machine shows late; what is there is seen at once."""

    async def should_see(self, target: Any = None, *, retries: int = 50, **wanted: Any) -> None:
        await super().should_see(target, retries=retries, **wanted)

    async def should_not_see(self, target: Any = None, *, retries: int = 50, **wanted: Any) -> None:
        await super().should_not_see(target, retries=retries, **wanted)


@dataclass
class Visit:
    """`user` looks at pages, `http` sees the plain answers; both carry the same cookies."""

    user: User
    http: httpx.AsyncClient
    runtime: FixedRuntime
    pokes: list[Any] = field(default_factory=list)

    async def sign_in(self, email: str = EMAIL, password: str = PASSWORD) -> httpx.Response:
        return await self.http.post(
            "/sign-in", data={"email": email, "password": password, "next": "/"}
        )


@pytest.fixture(scope="session")
def password_hash() -> str:
    """As cheap as argon2 gets; what it costs in earnest is tested where it is made."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


@pytest.fixture
async def seeded(store: Store, password_hash: str) -> Store:
    await seed(store, password_hash=password_hash)
    return store


def _set_aside_what_stays() -> None:
    """NiceGUI's reset and start look through every object of the process, three times a test. The
    millions that other tests left behind need no look: it was two thirds of these tests' time.
    Now and then all of it is looked through, else what is dead would stay."""
    if next(_SET_ASIDE) % 50 == 0:
        gc.unfreeze()
        gc.collect()
    gc.collect(1)
    gc.freeze()


@asynccontextmanager
async def opened(store: Store, **parts: Any) -> AsyncIterator[Visit]:
    """The designer over `store`; NiceGUI keeps one application per process."""
    runtime = FixedRuntime(store, **({"mailbox": None} | parts))
    _set_aside_what_stays()
    with nicegui_reset_globals():
        os.environ["NICEGUI_USER_SIMULATION"] = "true"
        try:
            app = FastAPI()
            app.state.sign_ins = SignIns(store, runtime.now, lifetime=timedelta(days=14))
            mount(app, runtime)
            async with (
                app.router.lifespan_context(app),
                httpx.AsyncClient(
                    transport=httpx.ASGITransport(app),
                    base_url="http://test",
                    headers={"accept": "text/html", "accept-language": "en"},
                ) as http,
            ):
                yield Visit(Patient(http), http, runtime)
        finally:
            # Else the reset drops our modules, and the next test meets second copies of them.
            Client.page_routes.clear()
            os.environ.pop("NICEGUI_USER_SIMULATION", None)
            ui.navigate = Navigate()
            ui.notify = notify


@pytest.fixture
async def visit(seeded: Store, tmp_path: Path) -> AsyncIterator[Visit]:
    """Signed in as Ben, the admin, over the seeded world."""
    async with opened(seeded) as found:
        answer = await found.sign_in()
        assert answer.status_code == 303, answer.text
        yield found
