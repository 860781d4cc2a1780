"""`cadenza why`, `cadenza contact` and `cadenza flow pause --node`, as typed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from crm_store.session import Store
from engine.cli import run_verb
from tests.driving.world import CrashingStore, RememberingChannel, World
from tests.run_care.test_why import PICKY

Cadenza = Callable[..., tuple[int, str]]


@pytest.fixture
def cadenza(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Cadenza:
    monkeypatch.setenv("DATABASE_URL", database_url.replace("+psycopg", ""))
    monkeypatch.setenv("SECRET_KEY", "a secret of the tests, long enough to be one")
    monkeypatch.setenv("COLUMNS", "200")

    def typed(*arguments: str) -> tuple[int, str]:
        code = run_verb(list(arguments))
        told = capsys.readouterr()
        return code, told.out + told.err

    return typed


def test_why_merge_and_erase_without_writing_anything(cadenza: Cadenza, database_url: str) -> None:
    async def people() -> None:
        store = Store(database_url)
        world = World(CrashingStore(store), RememberingChannel())
        await world.people(2)
        await world.publish(PICKY)
        await store.close()

    asyncio.run(people())
    code, said = cadenza("why", "picky", "person0@example.com")
    assert code == 0
    assert "Person 0 has not done what lets people in." in said
    assert "- No event “Signed Up” was ever received." in said
    code, said = cadenza("why", "picky", "1", "--language", "zh")
    assert "从未收到事件“Signed Up”。" in said
    code, said = cadenza("contact", "merge", "1", "2", "--dry-run")
    assert (code, "would be part of contact 1" in said) == (0, True)
    code, said = cadenza("contact", "erase", "2", "--dry-run")
    assert (code, "Contact 2 would be erased; 0 runs end." in said) == (0, True)
    assert cadenza("contact", "erase", "9", "--dry-run")[0] == 1
    assert cadenza("contact", "readmit", "nobody@example.com")[0] == 1
    code, said = cadenza("contact", "erase", "2")
    assert (code, "Contact 2 is erased" in said) == (0, True)
    assert cadenza("contact", "readmit", "PERSON1@example.com")[0] == 0
