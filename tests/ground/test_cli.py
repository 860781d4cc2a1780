"""The command answers in sentences and exit codes."""

from __future__ import annotations

import pytest

from engine import cli
from engine.errors import NotFound, SettingsRefused, Unavailable
from engine.settings import load
from tests.servers import Databases

pytestmark = pytest.mark.usefixtures("logging_as_before")


def test_every_verb_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run_verb(["--help"]) == cli.OK
    listed = capsys.readouterr().out
    for verb in ("up", "serve", "worker", "migrate", "doctor", "mailbox", "bench", "new-key"):
        assert f"  {verb} " in listed
        assert cli.run_verb([verb, "--help"]) == cli.OK


def test_an_unknown_verb_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run_verb(["upp"]) == cli.WRONG_USE
    assert "No such command" in capsys.readouterr().err


def test_wrong_settings_stop_every_verb_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HTTP_PORT", "eighty")
    assert cli.run_verb(["serve"]) == cli.WRONG_USE
    told = capsys.readouterr().err
    assert 'HTTP_PORT: "eighty"' in told
    assert "Traceback" not in told


def test_serving_without_a_database_says_what_to_set(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DATABASE_URL", "SECRET_KEY", "TEMPORAL_ADDRESS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTP_PORT", "0")
    assert cli.run_verb(["serve"]) == cli.WRONG_USE
    told = capsys.readouterr().err
    assert "DATABASE_URL" in told
    assert "SECRET_KEY" in told


def test_migrating_twice_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], database_url: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    assert cli.run_verb(["migrate"]) == cli.OK
    assert "Nothing to do" in capsys.readouterr().out


def test_a_database_that_is_away_is_unavailable(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://ben:hunter2@127.0.0.1:1/crm")
    assert cli.run_verb(["migrate"]) == cli.UNAVAILABLE
    told = capsys.readouterr().err
    assert "DATABASE_URL" in told
    assert "hunter2" not in told


@pytest.mark.parametrize("verb", ["serve", "worker"])
def test_an_empty_database_is_told_to_migrate(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    databases: Databases,
    verb: str,
) -> None:
    name = f"{databases.template}_{verb}"
    databases.create(name)
    monkeypatch.setenv("DATABASE_URL", databases.url(name))
    monkeypatch.setenv("SECRET_KEY", "x" * 40)
    monkeypatch.setenv("HTTP_PORT", "0")
    assert cli.run_verb([verb]) == cli.REFUSED
    assert "cadenza migrate" in capsys.readouterr().err
    databases.drop(name)


def test_exit_codes_follow_the_kind_of_error() -> None:
    assert cli.exit_code(NotFound("x")) == cli.REFUSED
    assert cli.exit_code(SettingsRefused("x")) == cli.WRONG_USE
    assert cli.exit_code(Unavailable("x")) == cli.UNAVAILABLE


def test_new_keys_are_accepted_by_the_settings(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run_verb(["new-key"]) == cli.OK
    for line in capsys.readouterr().out.splitlines():
        name, _, value = line.partition("=")
        monkeypatch.setenv(name, value)
    assert len(load().security.keys()) == 1
