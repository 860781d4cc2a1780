"""`cadenza segment`, as typed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from crm_store.session import Store
from engine.cli import run_verb
from tests.driving.world import CrashingStore, RememberingChannel
from tests.segments.segment_world import SegmentWorld

Cadenza = Callable[..., tuple[int, str]]
SINGAPORE = {"==": [{"var": "contact.country"}, "SG"]}


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


def test_segments_are_listed_shown_and_explained(cadenza: Cadenza, database_url: str) -> None:
    async def people() -> None:
        store = Store(database_url)
        world = SegmentWorld(CrashingStore(store), RememberingChannel())
        await world.people(2, country="SG")
        await world.counted("singapore", SINGAPORE)
        await store.close()

    asyncio.run(people())
    assert "singapore" in cadenza("segment", "list")[1]
    assert "members: 2" in cadenza("segment", "show", "singapore")[1]
    assert cadenza("segment", "members", "singapore")[1].count("@example.com") == 2
    code, told = cadenza("segment", "why", "singapore", "person0@example.com")
    assert (code, "is in singapore since" in told) == (0, True)
    assert cadenza("segment", "show", "nobody")[0] == 1
    assert cadenza("segment", "delete", "singapore")[0] == 0


def test_a_file_is_checked_by_line(cadenza: Cadenza, tmp_path: Path) -> None:
    file = tmp_path / "mars.yaml"
    file.write_text('name: mars\nrule: {"==": [{var: contact.planet}, Mars]}\n')
    code, told = cadenza("segment", "check", str(file))
    assert (code, "mars.yaml:2:" in told) == (1, True)
    file.write_text('name: mars\nrule: {"==": [{var: contact.country}, SG]}\n')
    assert cadenza("segment", "check", str(file)) == (0, '"mars" can be saved.\n')
