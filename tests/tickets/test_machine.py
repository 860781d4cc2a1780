"""The ticket machine: which status follows, what its clocks count, and what is told of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.local_time import Span
from engine.machines.ticket import (
    STATUSES_BY_HAND,
    Alert,
    Breach,
    Clock,
    CustomerWrote,
    FirstAnswer,
    Happening,
    PrioritySet,
    StatusChanged,
    StatusSet,
    Terms,
    TicketState,
    TimeCame,
    TooLate,
    WeAnswered,
    after,
    due,
    opened,
    with_clocks,
)
from engine.working_time import WorkingCalendar, working_time_between

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
NINE_TO_FIVE = ((9 * 60, 17 * 60),)
WEEK = WorkingCalendar((NINE_TO_FIVE,) * 5 + ((), ()))
HOUR = timedelta(hours=1)
LIMITS = {
    ("normal", Clock.RESPONSE): 4 * HOUR,
    ("normal", Clock.RESOLUTION): 16 * HOUR,
    ("urgent", Clock.RESPONSE): HOUR,
    ("urgent", Clock.RESOLUTION): 4 * HOUR,
}
TERMS = Terms(LIMITS, (50, 75), Span(days=14), Span(days=5), WEEK, "Europe/Berlin")
DAY_AND_NIGHT = replace(TERMS, calendar=None)


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def test_the_first_public_answer_stops_the_response_clock() -> None:
    state = opened("normal", START)
    step = after(state, WeAnswered(), at(3), DAY_AND_NIGHT)
    assert step.state.first_response_at == at(3)
    assert step.state.response.spent == 3 * HOUR
    assert step.state.response.running_since is None
    assert Alert(Clock.RESPONSE, 75) in step.told
    assert step.told[-2:] == (FirstAnswer(), StatusChanged("new", "open"))
    again = after(step.state, WeAnswered(), at(9), DAY_AND_NIGHT)
    assert FirstAnswer() not in again.told


def test_both_clocks_stand_still_while_the_customer_must_answer() -> None:
    waiting = after(opened("normal", START), WeAnswered("pending"), at(1), DAY_AND_NIGHT).state
    assert due(waiting, DAY_AND_NIGHT) is None
    back = after(waiting, CustomerWrote(), at(500), DAY_AND_NIGHT)
    assert back.told == (StatusChanged("pending", "open"),)
    assert back.state.resolution.spent == HOUR
    # half of sixteen hours, of which one was spent
    assert due(back.state, DAY_AND_NIGHT) == at(500 + 7)


def test_on_hold_the_clock_of_the_solution_runs_on() -> None:
    state = after(opened("normal", START), StatusSet("on_hold"), at(1), DAY_AND_NIGHT).state
    assert due(state, DAY_AND_NIGHT) == at(2)


def test_a_breach_is_told_even_when_nobody_looked_in_time() -> None:
    late = after(opened("normal", START), WeAnswered(), at(5), DAY_AND_NIGHT)
    assert late.told[0] == Breach(Clock.RESPONSE)
    assert Alert(Clock.RESPONSE, 75) not in late.told


def test_a_higher_priority_may_be_over_at_once() -> None:
    step = after(opened("normal", START), PrioritySet("urgent"), at(2), DAY_AND_NIGHT)
    assert step.told == (
        Alert(Clock.RESPONSE, 50),
        Breach(Clock.RESPONSE),
        Alert(Clock.RESOLUTION, 50),
    )


def test_nights_and_weekends_do_not_count() -> None:
    friday = datetime(2026, 3, 6, 15, 0, tzinfo=UTC)  # 16:00 in Berlin
    state = opened("normal", friday)
    # an hour is left on Friday; half of four hours are over at 10:00 on Monday
    assert due(state, TERMS) == datetime(2026, 3, 9, 9, 0, tzinfo=UTC)


def test_a_solved_ticket_closes_and_an_answer_in_time_opens_it_again() -> None:
    solved = after(opened("normal", START), StatusSet("solved"), at(1), DAY_AND_NIGHT).state
    closes = due(solved, DAY_AND_NIGHT)
    assert closes == START + timedelta(days=5, hours=1)
    closed = after(solved, TimeCame(), closes, DAY_AND_NIGHT)
    assert closed.told == (StatusChanged("solved", "closed"),)
    assert closed.state.closed_at == closes
    assert due(closed.state, DAY_AND_NIGHT) is None
    again = after(closed.state, CustomerWrote(), closes + timedelta(days=14), DAY_AND_NIGHT)
    assert again.told == (StatusChanged("closed", "open"),)
    assert (again.state.reopened, again.state.solved_at, again.state.closed_at) == (1, None, None)
    assert again.state.resolution.spent == HOUR
    too_late = after(closed.state, CustomerWrote(), closes + timedelta(days=15), DAY_AND_NIGHT)
    assert too_late.told == (TooLate(),)
    assert too_late.state == closed.state


def test_clocks_come_back_from_the_database_as_they_were() -> None:
    state = after(opened("normal", START), WeAnswered("pending"), at(2.5), TERMS).state
    bare = replace(opened("normal", START), status="pending", first_response_at=at(2.5))
    assert with_clocks(bare, state.clocks()) == state


HAPPENINGS: st.SearchStrategy[Happening] = st.one_of(
    st.just(TimeCame()),
    st.just(CustomerWrote()),
    st.builds(WeAnswered, st.sampled_from((None, "pending", "solved"))),
    st.builds(StatusSet, st.sampled_from(STATUSES_BY_HAND)),
    st.builds(PrioritySet, st.sampled_from(("normal", "urgent", "low"))),
)
HISTORIES = st.lists(
    st.tuples(st.integers(min_value=0, max_value=3 * 24 * 60), HAPPENINGS), max_size=12
)


def played(
    history: list[tuple[int, Happening]], terms: Terms
) -> list[tuple[datetime, TicketState]]:
    """Every state with the moment it began; told marks are checked on the way."""
    now, state = START, opened("normal", START)
    states, told = [(now, state)], list[object]()
    for minutes, happening in history:
        now += timedelta(minutes=minutes)
        step = after(state, happening, now, terms)
        state = step.state
        told += [one for one in step.told if isinstance(one, Alert | Breach)]
        states.append((now, state))
    assert len(told) == len(set(told))
    return states


@given(HISTORIES, st.sampled_from((TERMS, DAY_AND_NIGHT)))
def test_no_clock_loses_or_gains_working_time(
    history: list[tuple[int, Happening]], terms: Terms
) -> None:
    states = played(history, terms)
    spent = dict.fromkeys(Clock, timedelta())
    for (begins, state), (ends, _) in pairwise(states):
        ours = state.status in ("new", "open", "on_hold")
        length = ends - begins
        if terms.calendar is not None:
            length = working_time_between(begins, ends, terms.calendar, terms.zone)
        spent[Clock.RESOLUTION] += length if ours else timedelta()
        spent[Clock.RESPONSE] += length if ours and not state.first_response_at else timedelta()
    now, last = states[-1]
    for clock in Clock:
        counted = last.watch(clock).spent_at(now, terms.calendar, terms.zone)
        assert counted == spent[clock]


@given(HISTORIES, st.lists(st.integers(min_value=1, max_value=5), max_size=4))
def test_every_breach_is_told_exactly_once_however_often_somebody_looks(
    history: list[tuple[int, Happening]], looks: list[int]
) -> None:
    """Looking in between changes nothing of what is told, except that alerts come in time."""
    seldom = played(history, DAY_AND_NIGHT)[-1][1]
    often = [
        part
        for minutes, happening in history
        for part in (
            *((minutes * look // 16, TimeCame()) for look in looks),
            (minutes - sum(minutes * look // 16 for look in looks), happening),
        )
        if sum(looks) <= 16
    ]
    looked = played(often or history, DAY_AND_NIGHT)[-1][1]
    breaches = {one for one in seldom.told if one.endswith("breach")}
    assert {one for one in looked.told if one.endswith("breach")} == breaches
    assert looked.status == seldom.status
    assert looked.resolution.spent == seldom.resolution.spent


@given(HISTORIES)
def test_what_is_due_lies_ahead_and_comes_to_an_end(history: list[tuple[int, Happening]]) -> None:
    now, state = played(history, TERMS)[-1]
    for _ in range(12):
        when = due(state, TERMS)
        if when is None:
            break
        assert when > now or after(state, TimeCame(), now, TERMS).state != state
        now = max(now, when)
        state = after(state, TimeCame(), now, TERMS).state
    assert due(state, TERMS) is None


@pytest.mark.parametrize("status", ["pending", "solved", "closed"])
def test_a_status_that_is_there_already_changes_nothing(status: str) -> None:
    state = after(opened("normal", START), StatusSet(status), at(1), TERMS).state  # type: ignore[arg-type]
    assert after(state, StatusSet(status), at(2), TERMS).told == ()  # type: ignore[arg-type]
