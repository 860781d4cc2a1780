"""`cadenza table` and `cadenza score`, as typed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from crm_store.session import Store
from engine.cli import run_verb
from engine.services.actor import SYSTEM
from engine.services.scoring.files import save_file

Cadenza = Callable[..., tuple[int, str]]
TEMPLATES = Path(__file__).parents[2] / "templates"


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


@pytest.fixture
def ada(database_url: str) -> str:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO contact (email, email_key, country, phone) "
                "VALUES ('ada@example.com', 'ada@example.com', 'CN', '1')"
            )
        )
    engine.dispose()
    return "ada@example.com"


def test_a_table_is_checked_asked_saved_and_written_back(
    cadenza: Cadenza, ada: str, tmp_path: Path
) -> None:
    file = str(TEMPLATES / "tables" / "lead_routing.csv")
    assert cadenza("table", "check", file) == (0, '"lead_routing" can be saved: 7 rows.\n')
    code, told = cadenza("table", "evaluate", file, ada)
    assert (code, told.startswith('row 3: because country is "CN", one of')) == (0, True)
    assert "greater_china" in told
    assert cadenza("table", "save", file)[0] == 0
    assert "7 rows" in cadenza("table", "list")[1]
    kept = tmp_path / "kept.csv"
    kept.write_text(cadenza("table", "export", "lead_routing")[1], "utf-8", newline="")
    assert cadenza("table", "check", str(kept))[0] == 0
    assert cadenza("table", "delete", "lead_routing")[0] == 0


def test_a_wrong_table_is_refused_by_row_and_column(cadenza: Cadenza, tmp_path: Path) -> None:
    file = tmp_path / "wrong.csv"
    file.write_text("table,t\nwhen contact.score,then a: number\nmany,1\n", "utf-8")
    code, told = cadenza("table", "check", str(file))
    assert code == 1
    assert told.startswith('row 1, column "contact.score": "many" is not a number')


def test_a_model_is_checked_and_a_contact_shown_rule_by_rule(
    cadenza: Cadenza, ada: str, database_url: str
) -> None:
    file = TEMPLATES / "scoring" / "lead_score.yaml"
    assert cadenza("score", "check", str(file)) == (0, "lead_score.yaml can be saved.\n")
    assert cadenza("score", "why", "lead_score", ada)[0] == 1
    asyncio.run(_saved(database_url, file))
    assert "nobody scored yet" in cadenza("score", "list")[1]
    code, told = cadenza("score", "why", "lead_score", ada)
    assert (code, told.splitlines()[0]) == (0, "5 points, cold")
    assert "+5\treachable\tbecause phone is known" in told


async def _saved(database_url: str, file: Path) -> None:
    store = Store(database_url)
    async with store.transaction() as session:
        now = datetime(2026, 3, 2, tzinfo=UTC)
        await save_file(session, SYSTEM, file.read_bytes(), file.name, now)
    await store.close()
