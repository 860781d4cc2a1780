"""Which column of a file probably is which field."""

from __future__ import annotations

from pathlib import Path

from engine.services.imports.guessing import guess, look_at
from engine.services.imports.mapping import Layout


def test_columns_are_known_by_their_names_in_several_languages(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("E-Mail;Vorname;Surname;公司;plan;Junk\nada@example.com;Ada;L;Mill;pro;x\n")
    seen = look_at(path, Layout())
    assert guess("contacts", seen, ["plan"]) == {
        "E-Mail": "email",
        "Vorname": "first_name",
        "Surname": "last_name",
        "公司": "account",
        "plan": "custom.plan",
    }
    assert seen.values_of(0) == ["ada@example.com"]
    assert "separated by ;" in seen.format


def test_a_column_of_addresses_is_the_address_whatever_it_is_called(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("who,where\nada@example.com,SG\nben@example.com,DE\n")
    assert guess("contacts", look_at(path, Layout())) == {"who": "email"}


def test_no_field_is_taken_twice(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("email,mail\na@example.com,b@example.com\n")
    assert guess("contacts", look_at(path, Layout())) == {"email": "email"}
