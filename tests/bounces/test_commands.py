"""`cadenza message bounce`, `breaker`, `resume` and `results`, as typed."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text, update

from crm_store.models import Message
from crm_store.session import Store
from engine.channels.bounces import BounceAddresses
from engine.cli import run_verb
from engine.services.messages import Prepared, prepare
from tests.bounces.samples import OURS, dsn
from tests.messages.people import NOW, SETTINGS, add_asks, add_contacts, library

SECRET = "a secret of the tests, long enough to be one"
Cadenza = Callable[..., tuple[int, str]]


@pytest.fixture
def cadenza(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Cadenza:
    monkeypatch.setenv("DATABASE_URL", database_url.replace("+psycopg", ""))
    monkeypatch.setenv("SECRET_KEY", SECRET)
    monkeypatch.setenv("BOUNCE_ADDRESS", "bounces@mail.example.com")
    monkeypatch.setenv("COLUMNS", "200")

    def typed(*arguments: str) -> tuple[int, str]:
        code = run_verb(list(arguments))
        told = capsys.readouterr()
        return code, told.out + told.err

    return typed


async def sent(url: str) -> str:
    """The envelope sender of a mail that went out, from a domain that is paused."""
    store = Store(url)
    async with store.transaction() as session:
        (made,) = await prepare(
            session,
            await add_asks(session, await add_contacts(session, 1)),
            library=library(),
            sender_settings=SETTINGS,
            channel_name="smtp",
            now=NOW,
        )
        await session.execute(update(Message).values(state="sent"))
        await session.execute(
            text(
                "INSERT INTO sender_health (domain, state, since)"
                " VALUES ('a.example', 'paused', :n)"
            ),
            {"n": NOW},
        )
    await store.close()
    assert isinstance(made, Prepared)
    address = BounceAddresses("bounces@mail.example.com", [SECRET]).of(made.outgoing.provider_key)
    return address or ""


def test_what_comes_back_is_taken_in_and_shown(
    cadenza: Cadenza, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = dsn("5.1.1").replace(OURS, asyncio.run(sent(database_url))).encode()
    file = tmp_path / "bounce.eml"
    file.write_bytes(mail)
    assert cadenza("message", "bounce", str(file)) == (0, "report\t1\n1 new.\n")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(mail)))
    assert cadenza("message", "bounce", "-") == (0, "report\t1\n0 new.\n")
    (tmp_path / "mbox").write_bytes(b"From x\n" + mail + b"\nFrom x\nnothing: here\n\n")
    assert cadenza("message", "bounce", str(tmp_path / "mbox"))[1].startswith("other\t1\nreport\t1")
    assert cadenza("message", "bounce", str(tmp_path / "nowhere"))[0] != 0
    _results(cadenza, tmp_path / "figures.csv")
    _breaker(cadenza)


def _results(cadenza: Cadenza, file: Path) -> None:
    code, told = cadenza("message", "results", "--by", "template")
    assert (code, told.splitlines()[1].split("\t")[:4]) == (0, ["win_back", "1", "0", "0"])
    assert cadenza("message", "results", "--by", "weather")[0] != 0
    assert "168.0\t-\t0\t0" in cadenza("message", "results", "--by", "delay")[1]
    assert cadenza("message", "results", "--csv", str(file))[0] == 0
    (line,) = csv.DictReader(io.StringIO(file.read_text("utf-8-sig")))
    assert (line["template"], line["bounced"]) == ("win_back", "1")


def _breaker(cadenza: Cadenza) -> None:
    assert "a.example\tpaused\t" in cadenza("message", "breaker")[1]
    assert cadenza("message", "resume", "a.example") == (0, "a.example may go on.\n")
    assert cadenza("message", "resume", "a.example")[0] != 0
