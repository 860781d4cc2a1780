"""`cadenza backtest`: what it prints, as text and as JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crm_store.session import Store
from engine import cli
from tests.backtesting.history import History, flow

MARCH = datetime(2026, 3, 1, tzinfo=UTC)
STRETCH = ["--from", "2026-03-01", "--to", "2026-04-01"]
FROM_SG = '{on: event, event: Signed Up, when: {"==": [{var: contact.country}, SG]}}'


@pytest.fixture
async def file(
    store: Store, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Ada of Singapore signed up in March; the flow is published for everybody."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("SECRET_KEY", "s" * 40)
    history = History(store)
    await history.publish(flow("{on: event, event: Signed Up}"))
    for name, country in (("Ada", "SG"), ("Cleo", "DE")):
        who = await history.contact(name, MARCH - timedelta(days=90), country=country)
        await history.event(who, "Signed Up", MARCH + timedelta(days=who))
    path = tmp_path / "welcome.yaml"
    path.write_text(flow(FROM_SG))
    return path


def test_it_says_who_is_removed_and_why(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run_verb(["backtest", str(file), *STRETCH]) == cli.OK
    said = capsys.readouterr().out
    assert "compared with the published version" in said
    assert "removed: contact 2 Cleo, 2026-03-03 00:00Z, rule_does_not_hold" in said
    assert 'stays out because country is "DE", not "SG"' in said
    assert "what this cannot know:" in said


def test_it_gives_everything_as_json(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run_verb(["backtest", "welcome", *STRETCH, "--against", "life", "--json"]) == cli.OK
    told = json.loads(capsys.readouterr().out)
    # the draft of the flow of that name, which lets everybody in
    assert told["would_enter"] == {"people": 2, "entries": 2}
    assert told["added"]["people"] == 2
    assert told["entries_by_day"] == {"2026-03-02": 1, "2026-03-03": 1}


@pytest.mark.parametrize(
    "options",
    [
        ["--from", "yesterday"],
        [*STRETCH, "--against", "me"],
        [*STRETCH, "--clock", "sundial"],
    ],
)
def test_what_cannot_be_read_is_refused(
    file: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run_verb(["backtest", str(file), *options]) == cli.REFUSED
    assert capsys.readouterr().err
