"""The ticket policy: what may stand in it, and where a mistake is."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from engine.definitions import DefinitionKind, World
from engine.people import Directory
from engine.tickets import STANDARD, check_policy, read_policy, subject_key
from tests.tickets.service_desk import POLICY

WORLD = World(
    calendars={},
    directory=Directory(),
    names={DefinitionKind.ESCALATION: frozenset({"sla"}), DefinitionKind.ASSIGNMENT: frozenset()},
)


def mistakes(document: Any, world: World = WORLD) -> list[tuple[str, str]]:
    policy, problems = read_policy(document)
    if policy is not None:
        problems = check_policy(policy, world)
    return [(one.place, one.code) for one in problems]


@pytest.mark.parametrize("source", [STANDARD, POLICY, "{}"])
def test_these_are_right(source: str) -> None:
    assert mistakes(yaml.safe_load(source)) == []


@pytest.mark.parametrize(
    ("document", "place", "code"),
    [
        ([], "", "wrong_type"),
        ({"targets": {"soon": {}}}, "/targets/soon", "bad_choice"),
        ({"targets": {"low": {"response": "4 hours"}}}, "/targets/low/response", "bad_span"),
        ({"targets": {"low": {"answer": "4h"}}}, "/targets/low/answer", "unknown_key"),
        ({"alerts": [50, 50]}, "", "bad_value"),
        ({"alerts": [0]}, "/alerts/0", "bad_value"),
        ({"survey": {"low": 5}}, "/survey/low", "bad_value"),
        ({"reopen_within": "-3d"}, "/reopen_within", "bad_span"),
        ({"calendar": "moon"}, "/calendar", "unknown_calendar"),
        ({"team": "nobody"}, "/team", "unknown_team"),
        ({"assign": "nothing"}, "/assign", "unknown_definition"),
        ({"survey": {"escalate": "none"}}, "/survey/escalate", "unknown_definition"),
        ({"on_breach": {"response": "sla"}}, "/on_breach/response", "never"),
        (
            {"priorities": [{"when": {"==": [{"var": "deal.name"}, "x"]}, "priority": "low"}]},
            "/priorities/0/when/==/0/var",
            "field_out_of_reach",
        ),
    ],
)
def test_a_mistake_is_told_at_its_place(document: Any, place: str, code: str) -> None:
    assert mistakes(document) == [(place, code)]


def test_all_mistakes_come_at_once() -> None:
    found = mistakes({"calendar": "moon", "team": "nobody", "assign": "nothing"})
    assert len(found) == 3


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Re: Printer", "printer"),
        ("RE[2]: Fwd: Printer  on fire", "printer on fire"),
        ("回复：打印机", "打印机"),
        ("Ｐｒｉｎｔｅｒ", "Printer"),
        ("AW: WG: Rechnung", "Rechnung"),
    ],
)
def test_these_subjects_are_about_the_same(one: str, other: str) -> None:
    assert subject_key(one) == subject_key(other)


@pytest.mark.parametrize(("one", "other"), [("Refund", "fund"), ("Re: A", "Re: B"), ("Tr1", "1")])
def test_and_these_are_not(one: str, other: str) -> None:
    assert subject_key(one) != subject_key(other)


def test_nothing_but_reply_marks_is_like_no_other() -> None:
    assert subject_key("Re: Fwd:") == ""
