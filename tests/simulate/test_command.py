"""`cadenza simulate` on a real database: what it prints, and that it leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import cli
from tests.simulate.simulating import START, WELCOME

AUDIENCE = WELCOME.replace(
    "{on: event, event: Signed Up}", "{on: segment, when: {is_set: [{var: contact.email}]}}"
)


@pytest.fixture
def flow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Path:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("SECRET_KEY", "s" * 40)
    (tmp_path / "people.csv").write_text(
        "email,first_name\nada@example.com,Ada\nben@example.com,Ben\n"
    )
    assert cli.run_verb(["import", str(tmp_path / "people.csv"), "--as", "contacts"]) == cli.OK
    path = tmp_path / "welcome.yaml"
    path.write_text(AUDIENCE)
    return path


def simulate(flow: Path, *options: str) -> int:
    return cli.run_verb(["simulate", str(flow), "--from", START.isoformat(), *options])


def test_it_prints_the_whole_picture(flow: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert simulate(flow, "--days", "5", "--person", "1") == cli.OK
    said = capsys.readouterr().out
    assert "2 people from 2026-03-02 09:00Z to 2026-03-07 09:00Z, 0 messages" in said
    # imported people never agreed to marketing mail
    assert "withheld 2" in said
    assert "never happened:" in said
    assert "entered" in said


def test_a_rule_narrows_the_audience(
    flow: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rule = tmp_path / "ada.json"
    rule.write_text('{"==": [{"var": "contact.first_name"}, "Ada"]}')
    capsys.readouterr()
    assert simulate(flow, "--whom", str(rule)) == cli.OK
    assert capsys.readouterr().out.startswith("1 person from")


@pytest.mark.parametrize(
    "options",
    [
        ["--habit", "nonsense"],
        ["--habit", "Opened=40%@soon"],
        ["--events", "nowhere.jsonl"],
        ["--from", "tomorrow"],
    ],
)
def test_what_cannot_be_read_is_refused(
    flow: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert simulate(flow, *options) == cli.REFUSED
    assert capsys.readouterr().err


def test_an_unknown_flow_is_refused(flow: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run_verb(["simulate", "nobodys_flow"]) == cli.REFUSED
    assert 'no file "nobodys_flow"' in capsys.readouterr().err
