"""Asking the API as roles and scopes allow, one change after the other."""

from __future__ import annotations

from typing import Any

import httpx2
from sqlalchemy import text

from crm_store.session import Store
from engine.api.app import create_app
from engine.services.plans import Plans
from engine.services.sharing import shared_of
from engine.settings import load
from tests.api.conftest import Parts
from tests.api.operation import Operation
from tests.api.people import bearer, key_for
from tests.clock import Clock
from tests.servers import Databases


async def call(client: httpx2.AsyncClient, what: Operation, key: str) -> int:
    answer = await client.request(
        what.method, what.path, json=what.body, headers=bearer(key) | what.headers
    )
    assert answer.status_code < 500
    return answer.status_code


class Exchanged:
    """A store whose database is another one from change to change: making the application anew for
    each costs more than all that it is asked."""

    def __init__(self) -> None:
        self.present: Store | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.present, name)


class Walk:
    """One application, over a fresh copy of the furnished database for each change. `state` is the
    statement that reads all that may change."""

    def __init__(self, databases: Databases, like: str, clock: Clock, state: str) -> None:
        self._databases, self._like, self._clock, self._state = databases, like, clock, state
        self._store = Exchanged()
        self._parts = Parts(load(), self._store, clock.now)  # type: ignore[arg-type]  # as if it were
        self._app = create_app(self._parts)

    async def change(self, what: Operation) -> tuple[int, bool]:
        """The status, and whether anything is different afterwards."""
        name = self._databases.fresh(self._like)
        store = self._store.present = Store(self._databases.url(name))
        # nothing is remembered of the database before
        self._parts.shared = shared_of(Plans())
        self._parts.__post_init__()
        try:
            role = "marketer" if "marketer" in what.roles else what.roles[0]
            key = await key_for(store, self._clock, role, sorted(what.needs))
            before = await self._read(store)
            transport = httpx2.ASGITransport(self._app, raise_app_exceptions=False)
            async with httpx2.AsyncClient(
                transport=transport, base_url="http://cadenza.test"
            ) as client:
                status = await call(client, what, key)
            return status, await self._read(store) != before
        finally:
            await store.close()
            self._databases.drop(name)

    async def _read(self, store: Store) -> list[tuple[object, ...]]:
        async with store.connection() as connection:
            return [tuple(row) for row in await connection.execute(text(self._state))]
