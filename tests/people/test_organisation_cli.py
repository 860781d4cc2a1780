"""Teams, absences, managers and profiles, as typed; and what an import brings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.cli import run_verb

Cadenza = Callable[..., tuple[int, str]]
IMPORT = Path(__file__).parents[2] / "templates" / "imports" / "crm_sales_teams.yaml"
POLICY = "escalation_policy: night\nlabel: Night\nlevels:\n  - {to: owner, after: 1h}\n"
FALLING = """pipeline: falling
stages:
  - {key: talk, probability: 50}
  - {key: offer, probability: 10}
  - {key: won, kind: won}
  - {key: lost, kind: lost}
"""


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


def test_an_imported_team_is_led_and_has_people_who_go_and_come_back(
    cadenza: Cadenza, tmp_path: Path
) -> None:
    file = tmp_path / "sales_teams.csv"
    file.write_text(
        "sales_agent,manager,regional_office\nAgent One,Manager One,East\n"
        "Agent Two,Agent Two,West\n"
    )
    code, told = cadenza("import", str(file), "--map", str(IMPORT))
    assert code == 0, told
    assert "East" in cadenza("team", "list")[1]
    code, told = cadenza("team", "check")
    assert (code, "Agent Two reports to themselves" in told) == (1, True)

    for email in ("mei@example.com", "jonas@example.com"):
        assert cadenza("user", "add", email, "--role", "rep")[0] == 0
    assert cadenza("team", "join", "East", "jonas@example.com")[0] == 0
    code, told = cadenza("team", "set", "East", "--head", "mei@example.com", "--rename", "Asia")
    assert (code, told) == (0, 'Team "Asia" changed.\n')
    assert cadenza("user", "manager", "jonas@example.com", "mei@example.com")[0] == 0
    code, told = cadenza("user", "manager", "mei@example.com", "jonas@example.com")
    assert (code, "jonas reports to mei" in told) == (1, True)
    code, told = cadenza(
        *("user", "profile", "jonas@example.com", "--zone", "Asia/Shanghai", "--skill", "Mandarin")
    )
    assert "Asia/Shanghai; the team's calendar; skills: mandarin" in told

    code, told = cadenza("absence", "add", "jonas@example.com", "2099-08-03", "2099-08-14")
    assert (code, "back on 2099-08-15 00:00 (Asia/Shanghai)" in told) == (0, True)
    assert "there is no deputy" in told
    assert "2099-08-03 00:00" in cadenza("absence", "list")[1]
    assert cadenza("absence", "cancel", "1")[0] == 0
    assert "2099-08-03" not in cadenza("absence", "list")[1]
    assert cadenza("team", "remove", "Asia")[0] == 1


def test_definitions_are_checked_published_compared_and_written_out(
    cadenza: Cadenza, tmp_path: Path
) -> None:
    file = tmp_path / "night.yaml"
    file.write_text(POLICY.replace("owner", "nobody at all"))
    code, told = cadenza("definition", "check", str(tmp_path))
    assert (code, f"{file}:4:" in told) == (1, True)
    for hours in ("1h", "2h"):
        file.write_text(POLICY.replace("1h", hours))
        code, told = cadenza("definition", "publish", str(file), "--note", f"after {hours}")
        assert code == 0, told
    assert "version 2 was in force already" in cadenza("definition", "publish", str(file))[1]
    assert "after 1h" in cadenza("definition", "versions", "escalation_policy/night")[1]
    code, told = cadenza("definition", "diff", "escalation_policy/night", "1", "2")
    assert (code, told) == (1, '/levels/0/after: "1h" -> "2h"\n')
    out = tmp_path / "out.yaml"
    called = ("escalation_policy/night", "--version", "1", "--out", str(out))
    assert cadenza("definition", "export", *called)[0] == 0
    assert out.read_text() == POLICY
    assert cadenza("definition", "retire", "escalation_policy/night")[0] == 0
    assert "retired" in cadenza("definition", "list", "escalation_policy")[1]
    code, told = cadenza("definition", "show", "night")
    assert (code, "write one such as pipeline/night" in told) == (1, True)


def test_what_may_be_meant_is_said_and_stops_nobody(cadenza: Cadenza, tmp_path: Path) -> None:
    file = tmp_path / "falling.yaml"
    file.write_text(FALLING)
    for verb in ("check", "publish"):
        code, told = cadenza("definition", verb, str(file))
        assert (code, f"warning: {file}:4:" in told) == (0, True), told
        assert "less likely to be won" in told
