"""How much may go now: plain arithmetic, no database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from heapq import heappop, heappush

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.services.channels.allowance import (
    Bucket,
    Day,
    Later,
    Wanted,
    WarmUp,
    allowance,
    burst_of,
)

NOW = datetime(2026, 3, 2, 22, 0, tzinfo=UTC)
ONE = Wanted(rates=("all",))


def bucket(per_second: float, tokens: float | None = None) -> Bucket:
    return Bucket(per_second, burst_of(per_second) if tokens is None else tokens, NOW, NOW, NOW)


def test_a_full_bucket_lets_ten_seconds_worth_through_and_lines_up_the_rest() -> None:
    buckets = {"all": bucket(2)}
    answers = allowance([ONE] * 25, buckets, {}, NOW)
    assert answers[:20] == [None] * 20
    waits = [one.at - NOW for one in answers[20:] if one is not None]
    assert waits == [timedelta(seconds=0.5 * n) for n in range(1, 6)]
    assert buckets["all"].lined_up_until == NOW + timedelta(seconds=2.5)


def test_newcomers_do_not_pass_those_who_wait() -> None:
    buckets = {"all": bucket(2, 0)}
    allowance([ONE] * 4, buckets, {}, NOW)
    later = NOW + timedelta(seconds=1)
    newcomer, waiter = allowance([ONE, Wanted(("all",), waited=True)], buckets, {}, later)
    assert waiter is None
    assert newcomer is not None
    assert newcomer.at > NOW + timedelta(seconds=2)


def test_a_backlog_comes_back_at_about_the_rate() -> None:
    """A thousand at once under ten a second are gone within little more than 100 seconds."""
    buckets, now, left, tries = {"all": bucket(10)}, NOW, 0, 0
    due = [(NOW, False)] * 1_000
    while due:
        due.sort(key=lambda one: one[0])
        now = due[0][0]
        group = [one for one in due if one[0] <= now][:50]
        due = due[len(group) :]
        wanted = [Wanted(("all",), waited=waited) for _, waited in group]
        for answer in allowance(wanted, buckets, {}, now):
            tries += 1
            if answer is None:
                left += 1
            else:
                due.append((answer.at, True))
    assert left == 1_000
    assert now - NOW < timedelta(seconds=115)
    assert tries < 2_500


def test_a_herd_that_waited_for_anything_else_is_lined_up_too() -> None:
    """Two thousand whose night ended at once, under ten a second: about two looks for each."""
    buckets, now, left, looks = {"all": bucket(10)}, NOW, 0, 0
    due = [(NOW, number) for number in range(2_000)]
    while due:
        now = max(now, due[0][0])
        group: list[int] = []
        while due and len(group) < 16 and due[0][0] <= now:
            group.append(heappop(due)[1])
        now += timedelta(milliseconds=len(group))  # what deciding costs
        answers = allowance([Wanted(("all",), waited=True)] * len(group), buckets, {}, now)
        looks += len(group)
        left += answers.count(None)
        for number, answer in zip(group, answers, strict=True):
            if answer is not None:
                heappush(due, (answer.at, number))
    assert left == 2_000
    assert looks < 2.2 * left
    assert now - NOW < timedelta(seconds=230)


SERVICE = Wanted(("all",), service=True)


def test_service_messages_do_not_stand_behind_a_campaign() -> None:
    buckets = {"all": bucket(1)}
    allowance([ONE] * 100_000, buckets, {}, NOW)
    [at_once] = allowance([SERVICE], buckets, {}, NOW)
    assert at_once == Later(NOW + timedelta(seconds=1), "rate")
    # when both come, the token is the service message's, and the other goes to the end
    waiter, service = allowance(
        [Wanted(("all",), waited=True), replace(SERVICE, waited=True)], buckets, {}, at_once.at
    )
    assert service is None
    assert waiter is not None
    assert waiter.at > NOW + timedelta(hours=27)


def test_others_leave_what_service_messages_are_lined_up_for() -> None:
    buckets = {"all": bucket(1, 0)}
    allowance([SERVICE] * 2, buckets, {}, NOW)
    soon = NOW + timedelta(seconds=1)
    assert allowance([Wanted(("all",), waited=True)], buckets, {}, soon) != [None]
    assert allowance([replace(SERVICE, waited=True)], buckets, {}, soon) == [None]


def test_those_who_were_cancelled_keep_no_place() -> None:
    buckets = {"all": bucket(1)}
    allowance([ONE] * 100_000, buckets, {}, NOW)
    later = NOW + timedelta(hours=1)
    answers = allowance([ONE] * 11, buckets, {}, later)
    assert answers == [None] * 10 + [Later(later + timedelta(seconds=1), "rate")]


def test_a_message_that_waits_takes_nothing_from_other_rates() -> None:
    buckets = {"all": bucket(10), "slow.example": bucket(1, 0)}
    answers = allowance([Wanted(("all", "slow.example")), ONE], buckets, {}, NOW)
    assert answers[0] == Later(NOW + timedelta(seconds=1), "rate")
    assert answers[1] is None
    assert buckets["all"].tokens == burst_of(10) - 1


def test_a_day_that_is_full_waits_for_the_next_one() -> None:
    days = {"plan": Day(most=3, taken=1)}
    answers = allowance([Wanted(plans=("plan",))] * 4, {}, days, NOW)
    midnight = datetime(2026, 3, 3, tzinfo=UTC)
    assert answers == [None, None, Later(midnight, "warm_up"), Later(midnight, "warm_up")]
    assert days["plan"].taken == 3


@pytest.mark.parametrize(
    ("day", "most"),
    [
        (date(2026, 3, 1), 50),
        (date(2026, 3, 2), 50),
        (date(2026, 3, 3), 100),
        (date(2026, 3, 4), 500),
        (date(2026, 3, 5), None),
    ],
)
def test_a_plan_says_the_most_of_each_day_and_ends(day: date, most: int | None) -> None:
    assert WarmUp(date(2026, 3, 2), (50, 100, 500)).most_on(day) == most


def test_a_clock_that_was_set_back_gives_nothing_away() -> None:
    buckets = {"all": bucket(1, 0)}
    [answer] = allowance([ONE], buckets, {}, NOW - timedelta(hours=1))
    assert answer is not None
    assert buckets["all"].tokens == 0


@settings(max_examples=60, deadline=None)
@given(
    st.floats(0.1, 50),
    st.lists(st.tuples(st.floats(0, 5), st.integers(1, 40)), min_size=1, max_size=20),
)
def test_no_more_ever_go_than_the_bucket_and_the_time_allow(
    per_second: float, groups: list[tuple[float, int]]
) -> None:
    buckets, now, gone = {"all": bucket(per_second)}, NOW, 0
    for pause, size in groups:
        now += timedelta(seconds=pause)
        answers = allowance([ONE] * size, buckets, {}, now)
        gone += answers.count(None)
        assert all(one.at > now for one in answers if one is not None)
    seconds = (now - NOW).total_seconds()
    assert gone <= burst_of(per_second) + seconds * per_second + 1e-6
