from __future__ import annotations

from typing import Any

import pytest

from engine.effects import NOTIFY, Outcome, Receipt
from engine.flows.mentions import Mention
from engine.flows.problems import Code, SettingsRefused
from engine.services.people import ROLES as KNOWN_ROLES
from engine.steps import Notify
from engine.steps.moves import Hold, Leave, Perform
from engine.steps.people import ROLES, Addressee, addressee
from tests.steps.standing import ADA, CATALOGUE, standing

TELL = Notify.read(
    {"title": "Call {{ contact.first_name }}", "body": "From {{ contact.country }}."}
)


def test_the_text_is_worked_out_when_the_run_comes_here() -> None:
    move = TELL.enter(standing(TELL))
    assert isinstance(move, Perform)
    assert move.effect is NOTIFY
    assert move.ask == {"to": "owner", "said": {"title": "Call Ada", "body": "From SG."}}
    # what is said stays out of the journal
    assert move.why == {"to": "owner"}


def test_a_text_that_cannot_be_written_holds_the_run() -> None:
    move = TELL.enter(standing(TELL, contact={**ADA, "first_name": None}))
    assert isinstance(move, Hold)
    assert move.code == "task_text_failed"


@pytest.mark.parametrize(
    ("receipt", "exit_"),
    [
        (Receipt(Outcome.DONE, details={"told": 2}), "sent"),
        (Receipt(Outcome.MAYBE_DONE, "no_answer"), "sent"),
        (Receipt(Outcome.REFUSED, "nobody"), "nobody"),
        (Receipt(Outcome.REFUSED, "mailbox_unknown"), "failed"),
        (Receipt(Outcome.GAVE_UP), "failed"),
    ],
)
def test_each_answer_has_its_way(receipt: Receipt, exit_: str) -> None:
    move = TELL.answered(standing(TELL), receipt)
    assert isinstance(move, Leave)
    assert move.by == exit_


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("owner", Addressee("owner")),
        ("manager", Addressee("manager")),
        ("ben@example.com", Addressee("user", "ben@example.com")),
        ("role:rep", Addressee("role", "rep")),
        ("team: North Sea", Addressee("team", "North Sea")),
    ],
)
def test_people_are_written_in_five_ways(text: str, meant: Addressee) -> None:
    assert addressee(Notify.read({"title": "Look", "to": text}).to) == meant


def test_the_roles_are_those_that_people_have() -> None:
    assert set(ROLES) == set(KNOWN_ROLES)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"title": " "},
        {"title": "Look", "to": "Ben"},
        {"title": "Look", "to": "role:boss"},
        {"title": "Look", "to": "team: "},
        {"title": "Look", "to": ["owner"]},
        {"title": "Look", "template": "welcome"},
    ],
)
def test_wrong_settings_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(SettingsRefused):
        Notify.read(settings)


def test_unknown_facts_in_the_text_are_found_before_anybody_runs() -> None:
    problems = Notify.catalogue_problems({"title": "{{ contact.nickname }}"}, CATALOGUE)
    assert [(problem.path, problem.code) for problem in problems] == [
        (("title",), Code.BAD_TEMPLATE)
    ]


def test_a_team_must_exist() -> None:
    step = Notify.read({"title": "Look", "to": "team:North"})
    assert step.mentions() == (Mention("team", "North", ("to",)),)
    assert TELL.mentions() == ()


def test_it_says_which_facts_its_texts_may_need_and_what_the_canvas_shows() -> None:
    assert TELL.records() == ("contact", "account")
    assert TELL.summary().en == "owner: Call {{ contact.first_name }}"
