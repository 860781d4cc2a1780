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
    code, told = cadenza("user", "deactivate", "ben@example.com")
    assert (code, "cadenza handover preview ben@example.com" in told) == (0, True)
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


def test_an_api_key_is_made_listed_rotated_and_revoked(cadenza: Cadenza) -> None:
    cadenza("user", "add", "ben@example.com", "--role", "marketer")
    code, told = cadenza(
        *("key", "create", "[red]reports", "--for-user", "ben@example.com"),
        *("--scope", "read:contact", "--scope", "write:segment", "--expires", "90d"),
    )
    key = told.split()[0]
    assert (code, key.startswith("cad_")) == (0, True)
    assert "may read:contact, write:segment" in told

    listed = cadenza("key", "list")[1]
    assert "[red]reports" in listed
    assert "read:contact, write:segment" in listed
    assert key not in listed
    prefix = key.rpartition("_")[0]
    code, told = cadenza("key", "rotate", prefix, "--overlap", "2h")
    assert (code, told.startswith(prefix), key in told) == (0, True, False)
    assert "old secret not" in cadenza("key", "list")[1]
    assert cadenza("key", "revoke", prefix)[0] == 0
    assert "revoked" in cadenza("key", "list")[1]


MISTAKES = (
    (("create", "x", "--for-user", "ben@example.com"), "at least one scope"),
    (("create", "x", "--for-user", "ben@example.com", "--scope", "fly"), '"fly" is no scope'),
    (("create", "x", "--for-user", "cleo@example.com", "--scope", "read:*"), "no active user"),
    (("create", "x", "--scope", "read:*"), "say whose with --for-user"),
    (
        ("create", "x", "--for-user", "ben@example.com", "--scope", "read:*", "--expires", "x"),
        "write a duration",
    ),
    (("rotate", "cad_000000000000"), "no such API key"),
    (("revoke", "cad_000000000000"), "no such API key"),
)


def test_what_is_wrong_with_an_api_key_is_a_sentence(cadenza: Cadenza) -> None:
    cadenza("user", "add", "ben@example.com", "--role", "viewer")
    for arguments, told in MISTAKES:
        code, said = cadenza("key", *arguments)

        assert (code, told in said) == (1, True), said
