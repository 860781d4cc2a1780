"""What happens to everybody in a simulation, and the policy of the house as its arbiter."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from engine.sending import Almanac, Cap, Policy, QuietHours, Window
from engine.services.simulating import Happens, Question
from engine.services.simulating.house import PolicyRules

START = datetime(2026, 3, 2, 22, tzinfo=UTC)


def test_an_event_happens_to_each_of_them() -> None:
    question = Question(START, to_everybody=[Happens(timedelta(hours=1), "Signed Up", {"a": 1})])
    found = question.shared_occurrences({3, 1})
    assert [(one.person_id, one.at, one.properties) for one in found] == [
        (1, START + timedelta(hours=1), {"a": 1}),
        (3, START + timedelta(hours=1), {"a": 1}),
    ]


def test_the_policy_of_the_house_makes_marketing_wait() -> None:
    policy = Policy((QuietHours(Window(time(21), time(8))),), (Cap(1, "day"),), longest_wait=None)
    rules = PolicyRules(policy, Almanac())
    ruling = rules.rule("marketing", START, "UTC", [])
    assert (ruling.reason, ruling.until) == ("quiet_hours", START + timedelta(hours=10))
    assert ruling.read["hours"] == "21:00-08:00"
    assert rules.rule("service", START, "UTC", []).until is None
    morning = START + timedelta(hours=12)
    full = rules.rule("marketing", morning, "UTC", [morning - timedelta(hours=1)])
    assert full.reason == "cap_per_day"
