"""`cadenza user` and `cadenza key`, as typed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.cli import run_verb

Cadenza = Callable[..., tuple[int, str]]


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


def test_a_user_is_made_listed_given_a_password_and_deactivated(cadenza: Cadenza) -> None:
    code, told = cadenza("user", "add", "ben@example.com", "--role", "marketer")
    assert (code, "ben@example.com signs in once with the password" in told) == (0, True)

    assert "Marketer" in cadenza("user", "list")[1]
    assert "signs in once" in cadenza("user", "password", "ben@example.com")[1]
    assert cadenza("user", "deactivate", "ben@example.com")[0] == 0
    assert "deactivated" in cadenza("user", "list")[1]


def test_mistakes_are_sentences(cadenza: Cadenza) -> None:
    code, told = cadenza("user", "add", "ben", "--role", "king")
    assert code == 1
    assert '"ben" is not an e-mail address' in told
    assert "choose one of admin" in told

    assert cadenza("user", "password", "nobody@example.com") == (
        1,
        "cadenza: There is no user nobody@example.com.\n",
    )


def test_a_key_is_made_listed_and_revoked(cadenza: Cadenza) -> None:
    code, told = cadenza("key", "create", "website")
    key = told.split()[0]
    assert (code, key.startswith("cwk_")) == (0, True)

    code, told = cadenza("key", "list")
    assert "website" in told
    assert key not in told
    assert cadenza("key", "revoke", "website")[0] == 0
    assert "revoked" in cadenza("key", "list")[1]
    assert "There is no write key" in cadenza("key", "revoke", "shop")[1]
