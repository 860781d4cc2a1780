"""`cadenza user invite` and its kin, `cadenza role` and `cadenza session`, as typed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.cli import run_verb
from engine.errors import Refused
from engine.services.roles.written import read_role

Cadenza = Callable[..., tuple[int, str]]


@pytest.fixture
def cadenza(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Cadenza:
    monkeypatch.setenv("DATABASE_URL", database_url.replace("+psycopg", ""))
    monkeypatch.setenv("SECRET_KEY", "a secret of the tests, long enough to be one")
    monkeypatch.setenv("DELIVERY_CHANNEL", "null")
    monkeypatch.setenv("COLUMNS", "200")

    def typed(*arguments: str) -> tuple[int, str]:
        code = run_verb(list(arguments))
        told = capsys.readouterr()
        return code, told.out + told.err

    return typed


def test_somebody_is_invited_asked_again_and_withdrawn(cadenza: Cadenza) -> None:
    code, told = cadenza("user", "invite", "mia@example.com", "--role", "rep")
    assert code == 0, told
    assert re.search(r"/set-password/[\w-]{43}\n", told)
    assert "shown only now" in told
    assert "mia@example.com" in cadenza("user", "invitations")[1]
    first = told.split()[0]
    again = cadenza("user", "reset", "mia@example.com", "--print")[1].split()[0]
    assert again != first
    assert cadenza("user", "withdraw", "mia@example.com")[0] == 0
    assert "Nobody is invited" in cadenza("user", "invitations")[1]
    assert "no invitation" in cadenza("user", "withdraw", "mia@example.com")[1]
    assert cadenza("user", "reactivate", "mia@example.com")[0] == 0
    assert "has the role viewer" in cadenza("user", "role", "mia@example.com", "viewer")[1]
    assert cadenza("user", "role", "mia@example.com", "king")[0] == 1
    told = cadenza("user", "take-second-factor", "mia@example.com")[1]
    assert "without a second factor" in told
    assert "was made" in cadenza("user", "service-account", "shop@example.com")[1]
    assert cadenza("user", "service-account", "x@example.com", "--role", "admin")[0] == 1


def test_a_role_is_copied_kept_shown_and_deleted(cadenza: Cadenza, tmp_path: Path) -> None:
    code, told = cadenza("role", "show", "rep")
    assert (code, "role:" in told) == (0, False)
    file = tmp_path / "desk.yaml"
    file.write_text(told.replace("label: Sales rep", "label: Desk", 1))
    assert cadenza("role", "put", str(file)) == (0, "The role desk was made.\n")
    shown = cadenza("role", "show", "desk")[1]
    assert shown.startswith("role: desk\nlabel: Desk\n")
    file.write_text(shown.replace("Desk", "Front desk"))
    assert "was changed" in cadenza("role", "put", str(file))[1]
    assert "Front desk" in cadenza("role", "list")[1]
    assert cadenza("role", "delete", "desk")[0] == 0
    assert cadenza("role", "show", "desk") == (1, 'cadenza: There is no role "desk".\n')
    assert "comes with Cadenza" in cadenza("role", "delete", "rep")[1]


def test_sign_ins_are_listed_and_ended(cadenza: Cadenza) -> None:
    cadenza("user", "add", "ben@example.com")
    assert cadenza("session", "list") == (0, "Nobody is signed in.\n")
    assert cadenza("session", "end", "--of", "ben@example.com") == (0, "0 sign-ins ended.\n")
    assert "There is no such sign-in" in cadenza("session", "end", "7")[1]
    assert "name one sign-in" in cadenza("session", "end")[1]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("- a\n", [""]),
        ("label: [\n", ["line 2"]),
        ("label: &a x\nallow: [*a]\n", ["line 2"]),
        ("label: 7\nallow: read\nrights: []\n", ["rights", "label", "allow"]),
        ("description: x\n", ["label", "allow"]),
        ("label: x\nallow: [{a: b}]\nhidden: no\n", ["allow", "hidden"]),
        ("x" * 70_000, [""]),
    ],
)
def test_all_mistakes_in_a_file_come_with_their_places(text: str, places: list[str]) -> None:
    with pytest.raises(Refused) as refusal:
        read_role(text)
    assert [one.place for one in refusal.value.problems] == places
