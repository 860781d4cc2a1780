from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from engine.flows.problems import Code, SettingsRefused
from engine.steps import WaitUntil, moves
from engine.working_time import WorkingCalendar
from tests.steps.standing import ADA, CATALOGUE, FRIDAY, standing

BIRTHDAY = {"date": "birthday", "offset": "-3d", "at": "09:00", "yearly": True}
RENEWAL = {"date": "custom.renewal_on", "at": "08:00", "offset": "-1mo"}


def waits(settings: Mapping[str, Any], **place: Any) -> moves.Wait:
    step = WaitUntil.read(settings)
    move = step.enter(standing(step, **place))
    assert isinstance(move, moves.Wait), move
    return move


def leaves(settings: Mapping[str, Any], **place: Any) -> str:
    step = WaitUntil.read(settings)
    move = step.enter(standing(step, **place))
    assert isinstance(move, moves.Leave), move
    return move.by


def born(day: date | None) -> dict[str, Any]:
    return {**ADA, "birthday": day}


def test_it_waits_for_the_local_time() -> None:
    step = WaitUntil.read({"at": "10:30"})
    assert waits({"at": "10:30"}).until == FRIDAY + timedelta(hours=1, minutes=30)
    assert step.time_came(standing(step)) == moves.Leave("reached")


def test_inside_opening_hours_it_goes_on_at_once() -> None:
    assert leaves({"at": "08:00", "until": "18:00"}) == "reached"
    hours = {"at": "08:00", "until": "18:00", "weekdays": ["mon", "tue"]}
    assert waits(hours).until == datetime(2026, 3, 9, 0, 0, tzinfo=UTC)


def test_it_waits_until_three_days_before_the_birthday() -> None:
    move = waits(BIRTHDAY, contact=born(date(1990, 5, 4)))
    assert move.until == datetime(2026, 5, 1, 1, 0, tzinfo=UTC)
    assert move.listens == ("Contact Updated",)


def test_a_birthday_on_29_february_is_kept_on_the_28th() -> None:
    settings = {"date": "birthday", "at": "09:00", "yearly": True}
    move = waits(settings, contact=born(date(2000, 2, 29)))
    assert move.until == datetime(2027, 2, 28, 1, 0, tzinfo=UTC)


def test_the_local_hour_holds_across_a_clock_change() -> None:
    settings = {"date": "birthday", "at": "09:00", "yearly": True}
    move = waits(settings, contact=born(date(1990, 3, 29)), zone="Europe/Berlin")
    assert move.until == datetime(2026, 3, 29, 7, 0, tzinfo=UTC)


def test_a_custom_date_is_read_from_its_text() -> None:
    contact = {**ADA, "custom": {"renewal_on": "2026-05-31"}}
    move = waits(RENEWAL, contact=contact)
    assert move.until == datetime(2026, 4, 30, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "contact",
    [
        ADA,
        {**ADA, "custom": {}},
        {**ADA, "custom": {"renewal_on": "soon"}},
        {**ADA, "custom": {"renewal_on": 7}},
        {**ADA, "custom": {"renewal_on": "2026-01-01"}},
    ],
)
def test_an_unknown_or_past_date_is_missed(contact: Mapping[str, Any]) -> None:
    assert leaves(RENEWAL, contact=contact) == "missed"


@pytest.mark.parametrize(
    ("day", "settings"),
    [
        (date(9999, 12, 31), {"offset": "3d"}),
        (date(9999, 12, 31), {"offset": "3d", "yearly": True}),
        (date(9999, 12, 31), {}),
        (date(1, 1, 1), {"offset": "-3d"}),
    ],
)
def test_a_date_that_stands_for_never_is_missed(day: date, settings: dict[str, Any]) -> None:
    waiting = {"date": "birthday", "at": "20:00", **settings}
    assert leaves(waiting, contact=born(day), zone="America/Los_Angeles") == "missed"


def test_where_the_day_is_on_no_calendar_it_is_not_reached() -> None:
    """31 December 9999 at eight in the evening in Los Angeles has no instant any more."""
    settings, contact = {"date": "birthday", "at": "20:00"}, born(date(9999, 12, 31))
    memo = waits(settings, contact=contact, zone="UTC").memo
    step = WaitUntil.read(settings)
    moved = standing(step, contact=contact, memo=memo, zone="America/Los_Angeles")
    move = step.happened(moved)
    assert isinstance(move, moves.Leave)
    assert move.by == "missed"


def test_the_wait_follows_the_date() -> None:
    step = WaitUntil.read(BIRTHDAY)
    first = waits(BIRTHDAY, contact=born(date(1990, 5, 4)))
    here = standing(step, contact=born(date(1990, 6, 4)), memo=first.memo)
    moved = step.happened(here)
    assert isinstance(moved, moves.Wait)
    assert moved.until == datetime(2026, 6, 1, 1, 0, tzinfo=UTC)


def test_another_change_leaves_the_moment_alone() -> None:
    step = WaitUntil.read(BIRTHDAY)
    first = waits(BIRTHDAY, contact=born(date(1990, 5, 4)))
    here = standing(step, contact=born(date(1990, 5, 4)), memo=first.memo)
    again = step.happened(here)
    assert isinstance(again, moves.Wait)
    assert (again.until, again.memo) == (first.until, first.memo)


def test_a_date_that_is_emptied_is_missed() -> None:
    step = WaitUntil.read(BIRTHDAY)
    first = waits(BIRTHDAY, contact=born(date(1990, 5, 4)))
    move = step.happened(standing(step, contact=born(None), memo=first.memo))
    assert isinstance(move, moves.Leave)
    assert move.by == "missed"


def test_a_date_that_moved_unheard_is_seen_when_the_time_comes() -> None:
    step = WaitUntil.read(BIRTHDAY)
    first = waits(BIRTHDAY, contact=born(date(1990, 5, 4)))
    assert first.until is not None
    on_time = standing(step, now=first.until, contact=born(date(1990, 5, 4)), memo=first.memo)
    assert step.time_came(on_time) == moves.Leave("reached")
    moved = standing(step, now=first.until, contact=born(date(1990, 8, 4)), memo=first.memo)
    assert isinstance(step.time_came(moved), moves.Wait)


def test_a_birthday_by_the_moon_is_waited_for_by_the_moon() -> None:
    settings = {"date": "birthday", "at": "09:00", "yearly": True}
    # the fifteenth of the eighth month
    moon = {**born(date(1986, 9, 18)), "birthday_calendar": "lunar"}
    move = waits(settings, contact=moon)
    assert move.until == datetime(2026, 9, 25, 1, 0, tzinfo=UTC)
    step = WaitUntil.read(settings)
    sun = {**moon, "birthday_calendar": "gregorian"}
    moved = step.happened(standing(step, contact=sun, memo=move.memo))
    assert isinstance(moved, moves.Wait)
    assert moved.until == datetime(2026, 9, 18, 1, 0, tzinfo=UTC)


def test_the_wait_follows_the_contact_to_another_zone() -> None:
    step = WaitUntil.read(BIRTHDAY)
    first = waits(BIRTHDAY, contact=born(date(1990, 5, 4)))
    moved = standing(step, contact=born(date(1990, 5, 4)), memo=first.memo, zone="Europe/Berlin")
    move = step.happened(moved)
    assert isinstance(move, moves.Wait)
    assert move.until == datetime(2026, 5, 1, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"at": "9:00"}, Code.BAD_VALUE),
        ({"at": "24:00"}, Code.BAD_VALUE),
        ({"at": 9}, Code.BAD_VALUE),
        ({}, Code.MISSING_KEY),
        ({"at": "09:00", "offset": "-3d"}, Code.MISSING_KEY),
        ({"at": "09:00", "yearly": True}, Code.MISSING_KEY),
        ({"at": "09:00", "date": "birthday", "until": "10:00"}, Code.BAD_VALUE),
        ({"at": "09:00", "date": "birthday", "weekdays": ["mon"]}, Code.BAD_VALUE),
        ({"at": "09:00", "weekdays": ["mon", "mon"]}, Code.BAD_VALUE),
        ({"at": "09:00", "weekdays": ["someday"]}, Code.BAD_VALUE),
        ({"at": "09:00", "date": "birthday", "offset": "soon"}, Code.BAD_SPAN),
        ({"at": "09:00", "date": "birthday", "offset": "2y", "yearly": True}, Code.BAD_SPAN),
    ],
)
def test_what_makes_no_sense_is_refused(settings: dict[str, Any], code: Code) -> None:
    with pytest.raises(SettingsRefused) as caught:
        WaitUntil.read(settings)
    assert [problem.code for problem in caught.value.problems] == [code]


def test_what_is_no_date_is_refused_with_a_hint() -> None:
    [problem] = WaitUntil.catalogue_problems({"date": "birthdy", "at": "09:00"}, CATALOGUE)
    assert problem.code is Code.UNKNOWN_FIELD
    assert "birthday" in problem.message
    assert not WaitUntil.catalogue_problems({"date": "birthday", "at": "09:00"}, CATALOGUE)


@pytest.mark.parametrize(
    ("settings", "english", "chinese"),
    [
        ({"at": "09:00"}, "09:00", "09:00"),
        (
            {"at": "09:00", "until": "18:00", "weekdays": ["tue", "mon"]},
            "Mon Tue 09:00–18:00",
            "周一、二 09:00–18:00",
        ),
        (BIRTHDAY, "-3d birthday, 09:00", "-3d birthday，09:00"),
    ],
)
def test_the_canvas_says_until_when(settings: dict[str, Any], english: str, chinese: str) -> None:
    words = WaitUntil.read(settings).summary()
    assert (words.en, words.zh) == (english, chinese)


@pytest.mark.parametrize("settings", [{}, {"at": "09:00"}])
def test_a_calendar_in_which_nobody_works_holds_the_run(settings: dict[str, Any]) -> None:
    step = WaitUntil.read({"in": "working_time", **settings})
    nobody = WorkingCalendar(((), (), (), (), (), (), ()))
    move = step.enter(standing(step)._replace(calendars={"": nobody}))
    assert isinstance(move, moves.Hold)
    assert move.code == "no_working_time"
