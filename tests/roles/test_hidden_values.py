"""What is hidden stays so under other names and inside words."""

from __future__ import annotations

from datetime import date

from engine.services.roles.hidden_values import HIDDEN, without_hidden, words_without

ALL = frozenset({"email", "phone", "birthday", "city", "custom.shoe_size"})


def test_a_value_is_known_by_the_name_it_stands_under() -> None:
    said = {
        "email": "ada@example.com",
        "E-mail": "ada",
        "contact.city": "Ghent",
        "traits": {"Phone": 6591234567, "plan": "gold", "shoe_size": 41},
        "birthday": date(1990, 4, 1),
    }

    assert without_hidden(said, ALL) == {
        "email": HIDDEN,
        "E-mail": HIDDEN,
        "contact.city": HIDDEN,
        "traits": {"Phone": HIDDEN, "plan": "gold", "shoe_size": HIDDEN},
        "birthday": HIDDEN,
    }


def test_an_address_is_known_by_how_it_looks() -> None:
    said = {"note": "wrote to Ada <ada.o'neil+x@mail.example.com>, then called", "to": ["b@c.de"]}

    cleared = without_hidden(said, frozenset({"email"}))

    assert "example.com" not in cleared["note"]
    assert cleared["note"].endswith("then called")
    assert cleared["to"] == [HIDDEN]
    assert words_without("ada@example.com", frozenset({"phone"})) == "ada@example.com"
    assert words_without(None, ALL) is None


def test_a_list_of_what_was_read_names_the_field_beside_its_value() -> None:
    read = [
        {"field": "contact.city", "value": "Ghent"},
        {"field": "contact.country", "value": "BE"},
    ]

    assert without_hidden(read, ALL) == [
        {"field": "contact.city", "value": HIDDEN},
        {"field": "contact.country", "value": "BE"},
    ]


def test_nothing_hidden_changes_nothing() -> None:
    said = {"email": "ada@example.com"}
    assert without_hidden(said, frozenset()) is said
