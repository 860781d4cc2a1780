"""`cadenza file`, `cadenza seed` and `cadenza message preview|proof|test`, as typed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from crm_store.session import Store
from engine.cli import run_verb
from tests.files import samples
from tests.messages.people import add_contacts

Cadenza = Callable[..., tuple[int, str]]


@pytest.fixture
def cadenza(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Cadenza:
    monkeypatch.setenv("DATABASE_URL", database_url.replace("+psycopg", ""))
    monkeypatch.setenv("SECRET_KEY", "a secret of the tests, long enough to be one")
    monkeypatch.setenv("DELIVERY_CHANNEL", "null")
    monkeypatch.setenv("COLUMNS", "200")

    def typed(*arguments: str) -> tuple[int, str]:
        code = run_verb(list(arguments))
        told = capsys.readouterr()
        return code, told.out + told.err

    return typed


async def fill(url: str) -> None:
    store = Store(url)
    async with store.transaction() as session:
        await add_contacts(session, 3, language="zh")
    await store.close()


def test_files_are_added_shown_and_removed(cadenza: Cadenza, tmp_path: Path) -> None:
    path = tmp_path / "Our terms.pdf"
    path.write_bytes(samples.PDF)
    assert cadenza("file", "add", "terms", str(path)) == (
        0,
        "terms is kept as version 1: Our terms.pdf.\n",
    )
    assert "was there already" in cadenza("file", "add", "terms", str(path))[1]
    assert "Our terms.pdf" in cadenza("file", "list")[1]
    assert "application/pdf" in cadenza("file", "show", "terms")[1]
    assert "with 1 version." in cadenza("file", "remove", "terms")[1]
    assert cadenza("file", "show", "terms")[0] == 1
    (tmp_path / "run.exe").write_bytes(samples.EXE)
    assert cadenza("file", "add", "run", str(tmp_path / "run.exe"))[0] == 1
    assert cadenza("file", "add", "gone", str(tmp_path / "gone.pdf"))[0] == 1


def test_messages_are_tried(cadenza: Cadenza, database_url: str, tmp_path: Path) -> None:
    asyncio.run(fill(database_url))
    saved = tmp_path / "letter.html"
    person = ("--contact", "ada0@example.com")
    code, told = cadenza("message", "preview", "win_back", *person, "--save", str(saved))
    assert (code, "Subject: Ada，好久不见" in told) == (0, True)
    assert "好久不见" in saved.read_text("utf-8")
    english = cadenza("message", "preview", "win_back", "--language", "en", "--part", "headers")
    assert "List-Unsubscribe: " in english[1]
    code, told = cadenza("message", "proof", "win_back", "--people", "2")
    assert (code, "2 of 2 letters can be written" in told, "zh 2" in told) == (0, True, True)
    assert cadenza("message", "test", "win_back")[0] == 1
    assert cadenza("message", "test", "win_back", "--to", "nobody@example.com")[0] == 1
    assert cadenza("message", "test", "win_back", "--seeds")[0] == 1
    assert cadenza("seed", "add", "proofs@example.com", "--note", "ours")[0] == 0
    assert "proofs@example.com" in cadenza("seed", "list")[1]
    code, told = cadenza("message", "test", "win_back", "--seeds", "--every-language")
    assert (code, told.count("proofs@example.com"), told.count("[Test]")) == (0, 2, 2)
    assert "is off" in cadenza("seed", "remove", "proofs@example.com")[1]
