from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from engine.flows.goal import goal_deadline, reaches_goal
from engine.flows.holdout import is_held_out
from engine.flows.model import Goal

NOW = datetime(2026, 3, 6, 1, 0, tzinfo=UTC)


def held_out(percent: float, flow: str = "welcome") -> set[int]:
    return {subject for subject in range(4_000) if is_held_out(flow, subject, percent)}


def test_membership_never_changes() -> None:
    assert held_out(10) == held_out(10)


def test_the_share_is_about_right() -> None:
    # five standard deviations of a binomial with 4,000 draws at a tenth are about 95
    assert abs(len(held_out(10)) - 400) < 95


def test_raising_the_percentage_keeps_everybody_who_was_held_out() -> None:
    assert held_out(5) < held_out(20) < held_out(100)


def test_nobody_at_zero_and_everybody_at_a_hundred() -> None:
    assert held_out(0) == set()
    assert len(held_out(100)) == 4_000


def test_two_flows_hold_out_different_people() -> None:
    assert held_out(10) != held_out(10, "win_back")


@pytest.mark.parametrize("subject", [1, 42, 2**40])
def test_the_draw_is_the_one_that_sql_can_repeat(subject: int) -> None:
    digest = hashlib.sha256(f"holdout:welcome:{subject}".encode()).digest()
    number = sum(byte << shift for byte, shift in zip(digest, (24, 16, 8, 0), strict=False))
    for percent in (1, 50, 99):
        assert is_held_out("welcome", subject, percent) is (number * 100 < percent * 2**32)


def test_a_goal_counts_within_its_time_and_after_entering() -> None:
    goal = Goal("Order Completed", "P30D")

    def reached(name: str, after: timedelta) -> bool:
        return reaches_goal(goal, name, occurred_at=NOW + after, entered_at=NOW, zone="UTC")

    assert reached("Order Completed", timedelta())
    assert reached("Order Completed", timedelta(days=29))
    assert not reached("Order Completed", timedelta(days=30))
    assert not reached("Order Completed", -timedelta(seconds=1))
    assert not reached("Signed Up", timedelta(days=1))


def test_a_goal_without_a_limit_never_closes() -> None:
    goal = Goal("Order Completed")
    assert goal_deadline(goal, NOW, "UTC") is None
    later = NOW + timedelta(days=4_000)
    assert reaches_goal(goal, goal.event, occurred_at=later, entered_at=NOW, zone="UTC")
