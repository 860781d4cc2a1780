"""`cadenza assignment` and `cadenza handover`, as typed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from engine.cli import run_verb
from engine.cli.handover import read_shares
from engine.errors import Refused

Cadenza = Callable[..., tuple[int, str]]
RULES = """
assignment: leads
rules: [{name: near, to: {users: [cleo@example.com, dan@example.com]}}]
"""


@pytest.fixture
def cadenza(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Cadenza:
    monkeypatch.setenv("DATABASE_URL", database_url.replace("+psycopg", ""))
    monkeypatch.setenv("SECRET_KEY", "a secret of the tests, long enough to be one")
    monkeypatch.setenv("COLUMNS", "220")

    def typed(*arguments: str) -> tuple[int, str]:
        code = run_verb(list(arguments))
        told = capsys.readouterr()
        return code, told.out + told.err

    return typed


def carry_out(database_url: str, *statements: str) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        for one in statements:
            connection.execute(text(one))
    engine.dispose()


def test_trying_the_queue_and_a_preview(
    cadenza: Cadenza, database_url: str, tmp_path: Path
) -> None:
    people = ", ".join(
        f"('{name}@example.com', '{name}@example.com', '{name}', '{name}', 'rep')"
        for name in ("ben", "cleo", "dan")
    )
    carry_out(
        database_url,
        "INSERT INTO role (key, label) VALUES ('rep', 'Rep')",
        f'INSERT INTO "user" (email, email_key, name, name_key, role) VALUES {people}',
        "INSERT INTO contact (first_name, owner_id) SELECT 'Ada', 1 FROM generate_series(1, 3)",
    )
    file = tmp_path / "leads.yaml"
    file.write_text(RULES, "utf-8")
    assert cadenza("definition", "publish", str(file))[0] == 0
    code, told = cadenza("assignment", "try", "leads", "--contact", "1", "--contact", "9")
    assert code == 0
    assert "cleo@example.com" in told
    assert "There is no contact 9." in told
    assert cadenza("assignment", "try", "leads")[0] == 1
    assert "Waits since" in cadenza("assignment", "queue")[1]
    assert "No two rules cross." in cadenza("assignment", "overlaps", "leads")[1]
    shares = ("--give", "contact=cleo@example.com,dan@example.com")
    code, told = cadenza("handover", "preview", "ben@example.com", *shares)
    assert (code, "cleo@example.com 2, dan@example.com 1" in told) == (0, True)
    assert "Number" in cadenza("handover", "show")[1]
    assert cadenza("handover", "show", "7") == (1, "cadenza: There is no handover 7.\n")


def test_shares_as_they_are_typed() -> None:
    assert read_shares(["all=team:Sales", "deal:load=ben@example.com, cleo@example.com"]) == {
        "contact": {"to": ["team:Sales"]},
        "deal": {"to": ["ben@example.com", "cleo@example.com"], "way": "load"},
        **{kind: {"to": ["team:Sales"]} for kind in ("ticket", "task", "approval", "case")},
    }
    with pytest.raises(Refused):
        read_shares(["contact"])
