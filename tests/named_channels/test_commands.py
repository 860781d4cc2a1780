"""`cadenza channel`, as typed."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date

import pytest

from engine.cli import run_verb
from engine.cli._channel_text import limits_text, read_limits, read_warm_up, settings_of
from engine.errors import Refused
from engine.services.channels import Limits

Cadenza = Callable[..., tuple[int, str]]


@pytest.fixture
def cadenza(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Cadenza:
    monkeypatch.setenv("DATABASE_URL", database_url.replace("+psycopg", ""))
    monkeypatch.setenv("SECRET_KEY", "a secret of the tests, long enough to be one")
    monkeypatch.setenv("DELIVERY_CHANNEL", "null")
    monkeypatch.setenv("COLUMNS", "220")

    def typed(*arguments: str, given: str = "") -> tuple[int, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(given))
        code = run_verb(["channel", *arguments])
        told = capsys.readouterr()
        return code, told.out + told.err

    return typed


def test_a_channel_from_its_first_day_to_its_last(cadenza: Cadenza) -> None:
    code, said = cadenza("add", "team", "wecom", given="keyOfTheTest\n")
    assert (code, "team" in said) == (0, True)
    assert cadenza("sender", "set", "shop", "Shop <hello@shop.test>", "--warm-up", "5,10")[0] == 0
    code, said = cadenza(
        *("limit", "team", "--per-second", "2", "--domain", "Example.com=1", "--sender", "shop"),
        *("--warm-up", "50,100", "--begins", "2026-03-02"),
    )
    assert code == 0
    assert "2 a second; 1 a second to example.com; warm-up from 2026-03-02: 50,100" in said
    listed = cadenza("list")[1]
    assert "wecom" in listed
    assert "keyOfTheTest" not in listed
    assert cadenza("test", "default", "--to", "ada@example.com") == (
        0,
        "default took the message.\n",
    )


def test_a_mistake_is_a_sentence_without_the_secret(cadenza: Cadenza) -> None:
    code, said = cadenza("add", "team", "wecom", given="a&b=keyOfTheTest\n")
    assert code == 1
    assert "key" in said
    assert "keyOfTheTest" not in said


def test_every_kind_is_shown_with_its_fields(cadenza: Cadenza) -> None:
    said = cadenza("kinds")[1]
    for word in ("twilio", "account_sid", "auth_token", "wecom", "webhook"):
        assert word in said


def test_settings_are_read_as_they_are_written() -> None:
    assert settings_of(["host=mail.test", "port=587", "sandbox=true", "x=", "y=0123456789"]) == {
        "host": "mail.test",
        "port": 587,
        "sandbox": True,
        "x": "",
        "y": "0123456789",
    }
    for wrong in ("host", "=x"):
        with pytest.raises(Refused):
            settings_of([wrong])


def test_what_is_no_rate_and_no_plan_is_refused() -> None:
    for wrong in ("gmail.com", "gmail.com=fast"):
        with pytest.raises(Refused):
            read_limits([wrong])
    for wrong in ("", "50,,100", "fifty", "-1"):
        with pytest.raises(Refused):
            read_warm_up(wrong, date(2026, 3, 2))
    assert limits_text(Limits()) == ""
