"""Names of people, put together in memory: one person is never two, two are never one."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import Problem
from engine.rules.types import Type
from engine.services.contacts import Acquaintance, Circle, read_traits
from engine.services.custom_fields import DefinedField


def contact(contact_id: int, **values: Any) -> dict[str, Any]:
    email = values.get("email")
    nothing: dict[str, Any] = {"external_id": None, "email": None, "custom": {}}
    return {**nothing, "email_key": email.lower() if email else None, **values, "id": contact_id}


def meet(
    circle: Circle,
    user: str | None = None,
    browser: str | None = None,
    email: str | None = None,
    *,
    guess: bool = False,
) -> tuple[Acquaintance, list[Problem]]:
    return circle.meet(user, browser, email, guess=guess)


def test_a_batch_about_one_person_makes_one() -> None:
    circle = Circle([], {})
    met = [
        meet(circle, browser="a1")[0],
        meet(circle, user="u1", browser="a1")[0],
        meet(circle, user="u1", email="ada@example.com")[0],
        meet(circle, email="ADA@example.com")[0],
    ]
    assert len({id(person.now_known_as) for person in met}) == 1
    [ada] = circle.new_people()
    assert (ada.values["external_id"], ada.values["email"]) == ("u1", "ada@example.com")
    assert circle.new_aliases() == {"a1": ada}


def test_an_imported_contact_is_recognised_by_its_address() -> None:
    circle = Circle([contact(1, email="ada@example.com")], {})
    ada, problems = meet(circle, user="u1", email="Ada@example.com")
    assert (ada.id, ada.changed, problems) == (1, {"external_id"}, [])


def test_an_address_stays_with_the_user_who_has_it() -> None:
    circle = Circle([contact(1, external_id="u1", email="ada@example.com")], {})
    other, problems = meet(circle, user="u2", email="ada@example.com")
    assert other.is_new
    assert other.values.get("email") is None
    assert [problem.code for problem in problems] == ["address_taken"]


def test_a_visitor_who_signs_in_brings_along_what_was_known() -> None:
    visitor = contact(1, first_name="Ada", city="Bonn", custom={"plan": "gold", "seats": 3})
    user = contact(2, external_id="u1", city="Rome", custom={"plan": "free"})
    circle = Circle([visitor, user], {"a1": 1})
    person, _ = meet(circle, user="u1", browser="a1")
    assert (person.id, person.values["first_name"], person.values["city"]) == (2, "Ada", "Rome")
    assert person.values["custom"] == {"plan": "free", "seats": 3}
    assert [(v.id, p.id) for v, p in circle.joined()] == [(1, 2)]
    assert circle.changed_people() == [person]


def test_a_visitor_becomes_the_person_nobody_knew() -> None:
    circle = Circle([contact(1)], {"a1": 1})
    person, _ = meet(circle, user="u1", browser="a1", email="ada@example.com")
    assert (person.id, list(circle.joined())) == (1, [])


def test_a_shared_browser_joins_no_two_people() -> None:
    circle = Circle([contact(1, external_id="u1"), contact(2, external_id="u2")], {"a1": 1})
    person, _ = meet(circle, user="u2", browser="a1")
    assert (person.id, list(circle.joined()), circle.new_aliases()) == (2, [], {})


def test_an_address_guessed_from_the_user_id_replaces_none() -> None:
    circle = Circle([contact(1, external_id="old@example.com", email="new@example.com")], {})
    person, _ = meet(circle, user="old@example.com", email="old@example.com", guess=True)
    assert (person.id, person.changed) == (1, set())


def test_hearing_the_same_again_is_no_change() -> None:
    person = Acquaintance(1, {"city": "Bonn", "custom": {"plan": "gold"}})
    person.hear({"city": "Bonn", "custom": {"plan": "gold"}})
    assert person.changed == set()
    person.hear({"custom": {"seats": 5}})
    assert (person.changed, person.values["custom"]) == ({"custom"}, {"plan": "gold", "seats": 5})


def test_traits_are_read_by_segments_names_and_ours() -> None:
    traits = {
        "name": "Ada King Lovelace",
        "title": "Countess",
        "address": {"country": "Singapore", "city": "Singapore", "street": "x"},
        "timezone": "Asia/Singapore",
        "locale": "en-SG",
        "lifecycle_stage": "customer",
        "phone": None,
        "plan": "Gold",
        "unknown": [1, 2],
    }
    plan = DefinedField("contact", "plan", Type.TEXT, "Plan", None, ("gold",))
    columns, problems = read_traits(traits, [plan])
    assert problems == []
    assert columns == {
        "first_name": "Ada King",
        "last_name": "Lovelace",
        "job_title": "Countess",
        "country": "SG",
        "city": "Singapore",
        "time_zone": "Asia/Singapore",
        "language": "en-SG",
        "lifecycle_stage": "customer",
        "custom": {"plan": "gold"},
    }


@pytest.mark.parametrize("name", ["email", "birthday", "country", "timezone", "score"])
def test_a_wrong_trait_is_left_out_and_told(name: str) -> None:
    columns, problems = read_traits({name: "nonsense", "firstName": "Ada"}, [])
    assert columns == {"first_name": "Ada"}
    assert [problem.place for problem in problems] == [f"traits.{name}"]
