from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from engine.effects import ESCALATE, Outcome, Receipt
from engine.flows.problems import SettingsRefused
from engine.steps import Escalate
from engine.steps.moves import Hold, Leave, Move, Perform, Wait
from tests.steps.standing import ADA, FRIDAY, standing

LEVELS = [{"to": "owner"}, {"to": "manager", "after": "PT4H"}, {"to": "ben@example.com"}]
RAISE = Escalate.read({"title": "Call {{ contact.first_name }}", "levels": LEVELS, "timeout": "1d"})
TOLD = Receipt(Outcome.DONE, details={"told": 1})
NOBODY = Receipt(Outcome.REFUSED, "nobody")
TAKEN = Receipt(Outcome.DONE, "acknowledged", details={"case": 3, "by": 9})


def level(move: Move) -> tuple[str, int, bool, Mapping[str, Any]]:
    assert isinstance(move, Perform)
    assert move.effect is ESCALATE
    return move.ask["to"], move.ask["level"], move.again, move.memo


def until(move: Move) -> datetime:
    assert isinstance(move, Wait)
    assert move.until is not None
    return move.until


def test_from_the_first_level_to_the_last() -> None:
    to, number, again, memo = level(RAISE.enter(standing(RAISE)))
    assert (to, number, again) == ("owner", 1, False)
    late = FRIDAY + timedelta(minutes=20)
    waiting = RAISE.answered(standing(RAISE, memo=memo, now=late), TOLD)
    second = FRIDAY + timedelta(hours=4)
    # from when it was asked, not from when the mail had got through
    assert until(waiting) == second
    assert isinstance(waiting, Wait)
    to, number, again, memo = level(RAISE.time_came(standing(RAISE, memo=waiting.memo, now=second)))
    assert (to, number, again) == ("manager", 2, True)
    to, number, again, memo = level(RAISE.answered(standing(RAISE, memo=memo, now=second), TOLD))
    assert (to, number, again) == ("ben@example.com", 3, True)
    last = RAISE.answered(standing(RAISE, memo=memo, now=second), TOLD)
    assert until(last) == second + timedelta(days=1)
    assert isinstance(last, Wait)
    end = RAISE.time_came(standing(RAISE, memo=last.memo, now=until(last)))
    assert isinstance(end, Leave)
    assert (end.by, end.why) == ("exhausted", {"levels": 3})


def test_every_level_belongs_to_the_case_of_the_first() -> None:
    place = standing(RAISE)._replace(visit=5)
    move = RAISE.enter(place)
    assert isinstance(move, Perform)
    assert move.ask["case"] == 5
    again = RAISE.answered(place._replace(visit=6, memo={**move.memo, "next": 2}), TOLD)
    assert isinstance(again, Perform)
    assert again.ask["case"] == 5


def test_taking_it_up_ends_it_at_any_time() -> None:
    for memo in ({}, {"case": 1, "next": 2, "since": FRIDAY.isoformat()}):
        move = RAISE.answered(standing(RAISE, memo=memo), TAKEN)
        assert isinstance(move, Leave)
        assert (move.by, move.why) == ("acknowledged", {"case": 3, "by": 9})


def test_levels_without_anybody_are_passed_over_at_once() -> None:
    memo: Mapping[str, Any]
    *_, memo = level(RAISE.enter(standing(RAISE)))
    to, number, _, memo = level(RAISE.answered(standing(RAISE, memo=memo), NOBODY))
    assert (to, number) == ("manager", 2)
    *_, memo = level(RAISE.answered(standing(RAISE, memo=memo), NOBODY))
    last = RAISE.answered(standing(RAISE, memo=memo), NOBODY)
    assert isinstance(last, Wait)
    assert until(last) == FRIDAY + timedelta(days=1)
    assert last.why["reason"] == "nobody"
    end = RAISE.time_came(standing(RAISE, memo=last.memo, now=until(last)))
    assert isinstance(end, Leave)
    assert (end.by, end.why["reason"]) == ("exhausted", "nobody")


def test_who_was_told_is_waited_for_though_the_last_level_is_empty() -> None:
    memo = {"case": 1, "next": 3, "since": FRIDAY.isoformat(), "asked": True, "told": True}
    assert until(RAISE.answered(standing(RAISE, memo=memo), NOBODY)) == FRIDAY + timedelta(days=1)


def test_the_first_level_may_have_to_wait_too() -> None:
    step = Escalate.read({"title": "x", "levels": [{"to": "owner", "after": "2h"}]})
    move = step.enter(standing(step))
    assert until(move) == FRIDAY + timedelta(hours=2)
    assert step.shortest_stay("exhausted") == timedelta(days=1, hours=2)


def test_a_text_that_cannot_be_written_holds_the_run() -> None:
    assert isinstance(RAISE.enter(standing(RAISE, contact={**ADA, "first_name": None})), Hold)


@pytest.mark.parametrize(
    "settings",
    [
        {"title": "x"},
        {"title": "x", "levels": []},
        {"title": "x", "levels": [{"to": "owner"}] * 11},
        {"title": "x", "levels": [{"to": "somebody"}]},
        {"title": "x", "levels": [{"to": "owner", "after": "later"}]},
        {"title": "x", "levels": [{"after": "4h"}]},
        {"levels": [{"to": "owner"}]},
    ],
)
def test_wrong_settings_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(SettingsRefused):
        Escalate.read(settings)


def test_its_stay_and_its_words_for_the_canvas() -> None:
    # the four hours pass only when somebody was told before
    assert RAISE.shortest_stay("exhausted") == timedelta(days=1)
    assert RAISE.shortest_stay("acknowledged") == timedelta()
    assert RAISE.summary().en == "3 levels, then 1 day"
    assert RAISE.summary().zh == "3 级，之后等待 1 天"
