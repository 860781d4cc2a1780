"""`cadenza import` and `cadenza demo` as typed."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import structlog
from sqlalchemy import make_url

from engine import cli
from tests.plain_logs import plain_logs


@pytest.fixture(autouse=True)
def connected(monkeypatch: pytest.MonkeyPatch, database_url: str) -> Iterator[None]:
    """The verbs use this test's database; the next test's logs go their own way again."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("SECRET_KEY", "a secret of forty characters for tests, no more")
    root = logging.getLogger()
    level = root.level
    yield
    ours = structlog.stdlib.ProcessorFormatter
    root.handlers = [one for one in root.handlers if not isinstance(one.formatter, ours)]
    root.setLevel(level)
    plain_logs()


def count(database_url: str, table: str) -> int:
    address = make_url(database_url).set(drivername="postgresql")
    with psycopg.connect(address.render_as_string(hide_password=False)) as connection:
        row = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
    assert row is not None
    return int(row[0])


def test_a_file_goes_in_and_wrong_lines_come_back(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, database_url: str
) -> None:
    file = tmp_path / "people.csv"
    file.write_text("email,first_name\nada@example.com,Ada\nnonsense,Ben\n")
    assert cli.run_verb(["import", str(file), "--as", "contacts"]) == cli.OK
    told = capsys.readouterr().out
    assert "2 lines of contacts: 1 created, 0 updated, 0 unchanged, 1 rejected." in told
    assert "line 3, email:" in told
    rejects = (tmp_path / "people.csv.rejected.csv").read_text(encoding="utf-8-sig")
    assert "nonsense" in rejects
    assert count(database_url, "contact") == 1


def test_a_preview_shows_and_writes_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, database_url: str
) -> None:
    file = tmp_path / "people.csv"
    file.write_text("email,first_name\nada@example.com,[red]Ada[/red]\n")
    assert cli.run_verb(["import", str(file), "--as", "contacts", "--preview"]) == cli.OK
    told = capsys.readouterr().out
    assert "[red]Ada" in told
    assert "Nothing was written." in told
    assert count(database_url, "contact") == 0


def test_a_shipped_mapping_is_found_by_name(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, database_url: str
) -> None:
    file = tmp_path / "CDNOW.txt"
    file.write_text(" 00004 0001 19970101  2   29.33\n 00004 0001 19970118  2   29.73\n")
    for name in ("cdnow_contacts", "cdnow_orders"):
        assert cli.run_verb(["import", str(file), "--map", name]) == cli.OK
    assert (count(database_url, "contact"), count(database_url, '"order"')) == (1, 2)
    assert cli.run_verb(["import", str(file), "--map", "nothing"]) == cli.REFUSED
    assert "cdnow_contacts" in capsys.readouterr().err


def test_mistakes_end_with_a_sentence(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    missing = str(tmp_path / "none.csv")
    assert cli.run_verb(["import", missing, "--as", "contacts"]) == cli.REFUSED
    assert "There is no file" in capsys.readouterr().err
    assert cli.run_verb(["import", missing]) == cli.REFUSED
    assert "one of contacts, accounts" in capsys.readouterr().err
    assert cli.run_verb(["import", missing, "--as", "pets"]) == cli.REFUSED
    assert '"pets" cannot be imported' in capsys.readouterr().err


def test_a_demo_of_any_size_goes_into_an_empty_database(
    capsys: pytest.CaptureFixture[str], database_url: str
) -> None:
    assert cli.run_verb(["demo", "--contacts", "40", "--seed", "3"]) == cli.OK
    assert "40 contacts" in capsys.readouterr().out
    assert count(database_url, "contact") == 40
    assert cli.run_verb(["demo"]) == cli.REFUSED
    assert "There are contacts already" in capsys.readouterr().err
