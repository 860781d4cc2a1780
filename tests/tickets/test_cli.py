"""`cadenza ticket`, as typed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from engine.cli import run_verb
from tests.tickets.conftest import PEOPLE
from tests.tickets.service_desk import POLICY

Cadenza = Callable[..., tuple[int, str]]
TICKET = """
INSERT INTO ticket (subject, contact_id, owner_id, opened_at)
VALUES ('The [printer] burns', 1, 1, now())
"""


@pytest.fixture
def cadenza(
    database_url: str,
    temporal_address: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Cadenza:
    monkeypatch.setenv("DATABASE_URL", database_url.replace("+psycopg", ""))
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal_address)
    monkeypatch.setenv("SECRET_KEY", "a secret of the tests, long enough to be one")
    monkeypatch.setenv("COLUMNS", "200")
    engine = create_engine(database_url)
    with engine.begin() as connection:
        for statement in (*PEOPLE, TICKET):
            connection.execute(text(statement))
    engine.dispose()

    def typed(*arguments: str) -> tuple[int, str]:
        code = run_verb(list(arguments))
        told = capsys.readouterr()
        return code, told.out + told.err

    return typed


def test_a_ticket_is_listed_answered_and_shown(cadenza: Cadenza) -> None:
    code, told = cadenza("ticket", "list")
    assert code == 0
    assert told.startswith("1\tnew\tnormal\t1\t")
    assert cadenza("ticket", "answer", "1", "Which [one]?", "--as", "ben@example.com")[0] == 0
    note = ("ticket", "answer", "1", "Hm", "--as", "ben@example.com", "--internal")
    assert cadenza(*note)[0] == 0
    assert cadenza("ticket", "status", "1", "solved", "--as", "ben@example.com")[0] == 0
    code, told = cadenza("ticket", "show", "1")
    assert code == 0
    assert "The [printer] burns" in told
    assert "solved, normal, of user 1" in told
    assert "Which [one]?" in told
    assert "Ben (internal)" in told
    assert cadenza("ticket", "list")[1] == ""
    code, told = cadenza("ticket", "status", "1", "gone", "--as", "ben@example.com")
    assert (code, "must be one of open" in told) == (1, True)
    assert cadenza("ticket", "show", "9")[0] == 1


def test_a_policy_is_shown_checked_and_counts(cadenza: Cadenza, tmp_path: Path) -> None:
    assert "targets:" in cadenza("ticket", "policy")[1]
    file = tmp_path / "promise.yaml"
    file.write_text("targets:\n  normal: {response: 4 hours}\nteam: nobody\n", "utf-8")
    code, told = cadenza("ticket", "policy", str(file), "--check")
    assert code == 1
    assert "promise.yaml:2:" in told
    file.write_text(POLICY, "utf-8")
    assert cadenza("ticket", "policy", str(file), "--check") == (0, "promise.yaml is right.\n")
    assert cadenza("ticket", "policy", str(file))[1].startswith("Version 1 of the ticket policy")
    assert cadenza("ticket", "policy")[1] == POLICY
