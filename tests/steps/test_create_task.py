from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.flows.problems import Code, SettingsRefused
from engine.steps import CreateTask
from engine.steps.moves import AddTask, Hold, Leave
from tests.steps.standing import ADA, CATALOGUE, FRIDAY, standing

CALL = CreateTask.read(
    {
        "title": "Call {{ contact.first_name }}",
        "body": "Lives in {{ contact.country }}.",
        "due": "P1D",
        "assign": {"to": "owner"},
    }
)


def task_of(step: CreateTask, **contact: Any) -> AddTask:
    move = step.enter(standing(step, contact={**ADA, **contact}))
    assert isinstance(move, Leave)
    assert move.by == "done"
    (change,) = move.changes
    assert isinstance(change, AddTask)
    return change


def test_the_task_speaks_of_the_contact_and_has_a_time_limit() -> None:
    due_at = FRIDAY + timedelta(days=1)
    assert task_of(CALL) == AddTask("Call Ada", "Lives in SG.", due_at, "owner")


def test_a_task_needs_no_more_than_a_title() -> None:
    step = CreateTask.read({"title": "Look"})
    assert task_of(step) == AddTask("Look", None, None, "owner")


def test_a_task_may_go_to_a_user_by_address() -> None:
    step = CreateTask.read({"title": "Look", "assign": {"to": "ben@example.com"}})
    assert task_of(step).assign_to == "ben@example.com"


def test_a_missing_name_holds_the_run_unless_the_text_has_a_default() -> None:
    move = CALL.enter(standing(CALL, contact={**ADA, "first_name": None}))
    assert isinstance(move, Hold)
    assert move.code == "task_text_failed"
    kind = CreateTask.read({"title": 'Call {{ contact.first_name | default("them") }}'})
    assert task_of(kind, first_name=None).title == "Call them"


def test_unknown_facts_in_the_text_are_found_before_anybody_runs() -> None:
    problems = CreateTask.catalogue_problems(
        {"title": "Call {{ contact.firstname }}", "body": "{% include 'x' %}"}, CATALOGUE
    )
    assert [(problem.path, problem.code) for problem in problems] == [
        (("title",), Code.BAD_TEMPLATE),
        (("body",), Code.BAD_TEMPLATE),
    ]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"title": " "},
        {"title": "x" * 201},
        {"title": "Look", "due": "tomorrow"},
        {"title": "Look", "assign": "owner"},
        {"title": "Look", "assign": {"to": "Ben"}},
        {"title": "Look", "assign": {"to": "owner", "from": "Ada"}},
        {"title": "Look", "due_at": "1d"},
    ],
)
def test_wrong_settings_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(SettingsRefused):
        CreateTask.read(settings)


def test_it_says_which_facts_its_texts_may_need() -> None:
    assert CALL.records() == ("contact", "account")


def test_the_canvas_shows_the_title_and_the_limit() -> None:
    assert CALL.summary().en == "Call {{ contact.first_name }}, due in 1 day"
    assert CALL.summary().zh == "Call {{ contact.first_name }}，期限 1 天"
