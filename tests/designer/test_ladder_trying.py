"""Trying rules of work on paper: who is asked for an amount, and what happens meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from designer.ladders.trying import what_happens, who_is_asked
from engine.approvals import Chain
from engine.escalations.policy import Policy
from engine.escalations.targets import Scene
from engine.machines.approval import Here
from engine.machines.escalation import Held, Skipped, Tell
from engine.people import Absence, Directory, Person, Team

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
ADA, BEN, CLEO, DAN = 1, 2, 3, 4


def directory(*absences: Absence) -> Directory:
    people = (
        Person(ADA, "Ada", "ada@example.test", "rep", manager_id=BEN),
        Person(BEN, "Ben", "ben@example.test", "sales_manager", manager_id=CLEO),
        Person(CLEO, "Cleo", "cleo@example.test", "admin"),
        Person(DAN, "Dan", "dan@example.test", "service"),
    )
    away: dict[int, tuple[Absence, ...]] = {}
    for one in absences:
        away[one.user_id] = (*away.get(one.user_id, ()), one)
    return Directory({one.id: one for one in people}, {"care": Team("care", BEN)}, away)


def chain(**more: Any) -> Chain:
    return Chain.model_validate(
        {
            "currency": "EUR",
            "calendar": "none",
            "bands": [
                {"from": 0, "to": 1000, "levels": ["manager"]},
                {"from": 1000, "levels": ["manager", "board"]},
            ],
            "levels": [
                {
                    "key": "manager",
                    "approvers": [{"manager_of": {"of": "requester"}}],
                    "timeout": {"after": "2d"},
                },
                {"key": "board", "approvers": [{"role": "admin"}]} | more,
            ],
        }
    )


def test_an_amount_goes_through_the_levels_of_its_band() -> None:
    here = Here(chain(), directory(), NOW, requester=ADA)
    assert [one.key for one in who_is_asked(here, 99_999, "EUR")] == ["manager"]
    small, large = who_is_asked(here, 100_000, "EUR")
    assert [voice.holder_id for voice in small.voices] == [BEN]
    assert small.until == NOW + timedelta(days=2)
    assert [voice.holder_id for voice in large.voices] == [CLEO]


def test_somebody_away_is_shown_with_who_stands_in() -> None:
    away = Absence(BEN, NOW - timedelta(1), NOW + timedelta(1), DAN)
    [level] = who_is_asked(Here(chain(), directory(away), NOW, requester=ADA), 1, "EUR")
    assert [(voice.holder_id, voice.acting_id) for voice in level.voices] == [(BEN, DAN)]


def test_a_voice_with_a_rule_is_asked_perhaps() -> None:
    rule = {"when": {"==": [{"var": "deal.stage"}, "won"]}}
    more = {"approvers": [{"role": "admin"}, {"user": "dan@example.test"} | rule]}
    here = Here(chain(**more), directory(), NOW, requester=ADA)
    _, board = who_is_asked(here, 500_000, "EUR")
    assert [(one.holder_id, one.perhaps) for one in board.voices] == [(CLEO, False), (DAN, True)]


def test_a_level_without_anybody_asks_above_or_nobody() -> None:
    own = {"approvers": [{"user": "ada@example.test"}]}
    here = Here(chain(**own), directory(), NOW, requester=ADA)
    _, board = who_is_asked(here, 500_000, "EUR")
    assert board.above
    assert [one.holder_id for one in board.voices] == [BEN]
    here = Here(chain(**own, nobody="hold"), directory(), NOW, requester=ADA)
    assert who_is_asked(here, 500_000, "EUR")[1].voices == ()


def test_a_case_that_nobody_takes_up_goes_to_its_end() -> None:
    policy = Policy.model_validate(
        {
            "time": "clock",
            "levels": [
                {"to": "owner", "repeat": {"every": "1h", "times": 1}},
                {"to": "team:empty", "after": "2h"},
                {"to": "manager", "after": "3h"},
            ],
            "wait": "4h",
        }
    )
    scene = Scene(directory(), policy.rotations, ADA)
    found = what_happens(policy, scene, {}, "UTC", NOW)
    hours = [(one.at - NOW) / timedelta(hours=1) for one in found]
    told = [[type(effect) for effect in one.effects] for one in found]
    assert hours == [0, 1, 2, 6]
    assert told == [[Tell], [Tell], [Skipped, Tell], [Held]]
