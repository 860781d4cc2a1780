"""The API in process, with keys of an admin and of a marketer, and the shell."""

from __future__ import annotations

import io
from collections.abc import Callable

import httpx2
import pytest

from crm_store.session import Store
from engine.cli import run_verb
from engine.services.jobs import JobMeans, carry_out_next
from tests.api.conftest import (  # noqa: F401
    SECRET,
    Parts,
    api,
    app,
    client,
    filled,
    parts,
    rows,
)
from tests.api.people import EVERYTHING, bearer, key_for
from tests.clock import Clock

Typed = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def secret_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", SECRET)


@pytest.fixture
async def admin(api: httpx2.AsyncClient, store: Store, clock: Clock) -> httpx2.AsyncClient:  # noqa: F811
    """A client with the key of an admin."""
    api.headers.update(bearer(await key_for(store, clock, "admin", EVERYTHING)))
    return api


@pytest.fixture
def means(parts: Parts) -> JobMeans:  # noqa: F811
    return JobMeans(parts.store, parts.shared, parts.pokes, parts.now)


async def finished(means: JobMeans) -> None:
    while (await carry_out_next(means)).did:
        pass


@pytest.fixture
def cadenza(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Typed:
    """What a command ends with, prints, and says beside it."""
    monkeypatch.setenv("DATABASE_URL", database_url.replace("+psycopg", ""))
    monkeypatch.setenv("DELIVERY_CHANNEL", "null")
    monkeypatch.setenv("COLUMNS", "200")

    def typed(*arguments: str, given: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(given))
        code = run_verb(list(arguments))
        told = capsys.readouterr()
        return code, told.out, told.err

    return typed
