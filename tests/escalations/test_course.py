from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.escalations.rotation import Rotation
from engine.machines.escalation import (
    Acknowledged,
    Around,
    Held,
    HeldFor,
    Opened,
    Over,
    Paused,
    Reassigned,
    Reopened,
    Resolved,
    Resumed,
    Skipped,
    Status,
    StoodIn,
    Taken,
    Tell,
    TimeCame,
)
from engine.people import Absence
from engine.working_time import WorkingCalendar
from tests.escalations.company import BEN, DORA, EVE, GIL, NINE_TO_SIX, Life, around, company


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# a Thursday; 9:00 in Berlin is 8:00 UTC
THURSDAY = at("2026-03-12T10:00")


def case(policy: Mapping[str, Any], place: Around | None = None, now: datetime = THURSDAY) -> Life:
    life = Life(policy, place or around(), now)
    life.meet(Opened())
    return life


def told(life: Life) -> list[tuple[datetime, list[int]]]:
    return [
        (when, [one.user_id for one in effect.people])
        for when, effect in life.log
        if isinstance(effect, Tell)
    ]


def effects(life: Life, kind: type) -> list[Any]:
    return [effect for _, effect in life.log if isinstance(effect, kind)]


THREE = {"levels": [{"to": "owner"}, {"to": "manager", "after": "4h"}, {"to": "role:admin"}]}


def test_levels_come_in_working_time_and_one_without_a_time_at_once() -> None:
    life = case(THREE, now=at("2026-03-12T15:00"))
    life.until(at("2026-03-20T00:00"), TimeCame())
    # 16:00 to 18:00 on Thursday in Berlin, then 9:00 to 11:00 on Friday
    assert told(life) == [
        (at("2026-03-12T15:00"), [BEN]),
        (at("2026-03-13T10:00"), [EVE]),
        (at("2026-03-13T10:00"), [DORA]),
    ]


def test_time_of_the_clock_passes_at_night_too_and_levels_may_differ() -> None:
    levels = [
        {"to": "owner"},
        {"to": "manager", "after": "4h", "time": "clock"},
        {"to": "role:admin", "after": "1h"},
    ]
    life = case({"levels": levels}, now=at("2026-03-12T17:30"))
    life.until(at("2026-03-20T00:00"), TimeCame())
    assert [when for when, _ in told(life)] == [
        at("2026-03-12T17:30"),
        at("2026-03-12T21:30"),
        at("2026-03-13T09:00"),
    ]


def test_a_level_is_told_again_as_often_as_it_says_until_the_next_one() -> None:
    repeat = {"every": "1h", "times": 5}
    levels = [{"to": "owner", "repeat": repeat}, {"to": "manager", "after": "3h30m"}]
    life = case({"levels": levels, "wait": "10h", "time": "clock"})
    life.later(timedelta(hours=12), TimeCame())
    hours = [(when - THURSDAY) / timedelta(hours=1) for when, _ in told(life)]
    assert hours == [0, 1, 2, 3, 3.5]
    assert [one.telling for one in effects(life, Tell)] == [0, 1, 2, 3, 0]


def test_whoever_is_away_is_stood_in_for_and_the_log_says_so() -> None:
    day = timedelta(days=1)
    away = company(Absence(BEN, THURSDAY - day, THURSDAY + day, GIL))
    life = case(THREE, around(away))
    [first] = effects(life, Tell)
    assert [(one.user_id, one.why) for one in first.people] == [(GIL, "deputy of owner")]


def test_nobody_is_told_twice_of_one_level() -> None:
    life = case({"levels": [{"to": ["team_head", "manager", "team:North", "owner"]}]})
    assert told(life) == [(THURSDAY, [EVE, BEN])]


def test_an_empty_level_is_passed_over_at_once() -> None:
    life = case(THREE, around(owner_id=None))
    assert told(life) == [(THURSDAY, [DORA])]
    assert [one.level for one in effects(life, Skipped)] == [0, 1]


def test_a_level_that_holds_waits_until_somebody_comes_back() -> None:
    back = at("2026-03-17T08:00")
    away = company(Absence(BEN, at("2026-03-11T00:00"), back))
    levels = [{"to": "owner", "if_empty": "hold"}, {"to": "manager", "after": "1h"}]
    life = case({"levels": levels}, around(away))
    [held] = effects(life, Held)
    assert (held.reason, held.level) == (HeldFor.NOBODY, 0)
    life.until(at("2026-03-17T09:30"), TimeCame())
    assert told(life) == [(back, [BEN]), (at("2026-03-17T09:00"), [EVE])]
    assert len(effects(life, Held)) == 1


def test_a_case_for_which_nobody_at_all_is_there_is_held_whatever_the_end_is() -> None:
    end = at("2026-04-01T00:00")
    gone = company(*(Absence(one, at("2026-03-01T00:00"), end) for one in (BEN, EVE, DORA)))
    life = case({**THREE, "at_the_end": "resolve"}, around(gone))
    life.until(end - timedelta(minutes=1), TimeCame())
    assert life.state.status is Status.HELD
    assert [one.reason for one in effects(life, Held)] == [HeldFor.NOBODY]
    life.until(end + timedelta(minutes=1), TimeCame())
    assert told(life)[0] == (end, [BEN])


def test_the_rounds_are_gone_through_and_then_it_is_held_for_all_to_see() -> None:
    policy = {"levels": [{"to": "owner"}], "rounds": 3, "wait": "2h", "time": "clock"}
    life = case(policy)
    life.later(timedelta(days=30), TimeCame())
    hours = [(when - THURSDAY) / timedelta(hours=1) for when, _ in told(life)]
    assert hours == [0, 2, 4]
    assert [one.round for one in effects(life, Tell)] == [1, 2, 3]
    assert life.state.held_for is HeldFor.UNANSWERED
    assert life.due is None
    life.meet(Acknowledged(GIL))
    life.meet(Resolved(GIL))
    assert effects(life, Over) == [Over(Status.RESOLVED, GIL)]


def test_a_policy_may_let_a_case_end_unanswered() -> None:
    life = case({"levels": [{"to": "owner"}], "at_the_end": "resolve", "wait": "9h"})
    life.until(at("2026-03-20T00:00"), TimeCame())
    assert life.log[-1] == (at("2026-03-13T10:00"), Over(Status.UNANSWERED))


def test_a_held_case_that_somebody_lets_go_of_is_held_again() -> None:
    policy = {"levels": [{"to": "owner"}], "wait": "1h", "acknowledged_for": "2h"}
    life = case({**policy, "time": "clock"})
    life.later(timedelta(hours=1), TimeCame())
    life.meet(Acknowledged(EVE))
    life.later(timedelta(hours=5), TimeCame())
    assert effects(life, Reopened) == [Reopened(EVE, "expired")]
    assert [one.reason for one in effects(life, Held)] == [HeldFor.UNANSWERED] * 2
    assert life.state.status is Status.HELD


def test_what_is_left_before_the_next_level_is_kept_through_acknowledgement_and_pause() -> None:
    life = case({**THREE, "acknowledged_for": "3h"})  # 11:00 in Berlin
    life.until(at("2026-03-12T11:00"), TimeCame())
    life.meet(Acknowledged(BEN))  # an hour is spent, three are left
    life.until(at("2026-03-12T12:00"), TimeCame())
    life.meet(Paused())
    life.until(at("2026-03-16T09:00"), TimeCame())  # Monday, 10:00 in Berlin
    life.meet(Resumed())  # two hours of the acknowledgement are left
    life.until(at("2026-03-16T10:59"), TimeCame())
    assert life.state.status is Status.ACKNOWLEDGED
    life.until(at("2026-03-16T13:59"), TimeCame())
    assert effects(life, Reopened) == [Reopened(BEN, "expired")]
    assert told(life)[-1] == (at("2026-03-16T11:00"), [BEN])  # again
    life.until(at("2026-03-16T14:00"), TimeCame())
    assert told(life)[-2] == (at("2026-03-16T14:00"), [EVE])


def test_a_case_comes_back_from_somebody_who_leaves_without_a_deputy() -> None:
    life = case(THREE)
    life.meet(Acknowledged(GIL))
    gone = THURSDAY + timedelta(days=1)
    life.around = around(company(Absence(GIL, gone, gone + timedelta(days=9))))
    life.meet(TimeCame())  # the absence is entered
    life.until(gone + timedelta(minutes=1), TimeCame())
    assert life.log[-2:] == [
        (gone, Reopened(GIL, "away")),
        (gone, Tell(1, 0, 1, effects(life, Tell)[0].people, None)),
    ]


def test_whoever_stands_in_for_somebody_that_has_a_case_is_told_once() -> None:
    life = case({**THREE, "acknowledged_for": "20h"})
    life.meet(Acknowledged(BEN))
    gone, back = THURSDAY + timedelta(days=1), THURSDAY + timedelta(days=2)
    then = back + timedelta(days=4)
    away = [Absence(BEN, gone, then, GIL), Absence(GIL, back, then, EVE)]
    life.around = around(company(*away))
    life.meet(TimeCame())  # the absence is entered
    life.until(back + timedelta(hours=3), TimeCame())
    assert effects(life, StoodIn) == [StoodIn(BEN, GIL), StoodIn(BEN, EVE)]
    assert [when for when, one in life.log if isinstance(one, StoodIn)] == [gone, back]
    assert (life.state.status, life.state.acknowledged_by) == (Status.ACKNOWLEDGED, BEN)
    life.until(then + timedelta(days=3), TimeCame())
    assert effects(life, Reopened) == [Reopened(BEN, "expired")]
    assert life.state.stood_in_by is None


def test_a_case_in_hand_stays_so_when_its_calendar_loses_its_hours() -> None:
    never = WorkingCalendar(((), (), (), (), (), (), ()))
    life = case({**THREE, "acknowledged_for": "3h"})
    life.around = around(calendars={"": never})
    life.meet(Acknowledged(BEN))
    assert (life.state.status, life.state.acknowledged_by) == (Status.ACKNOWLEDGED, BEN)
    assert life.state.held_for is None
    assert life.due is not None
    life.later(timedelta(days=3), TimeCame())
    assert effects(life, Held) == []
    life.around = around(calendars={"": NINE_TO_SIX})
    life.later(timedelta(days=5), TimeCame())
    assert effects(life, Reopened) == [Reopened(BEN, "expired")]


def test_a_case_is_given_to_somebody_else() -> None:
    life = case(THREE)
    life.meet(Acknowledged(BEN))
    life.meet(Reassigned(EVE, BEN))
    assert effects(life, Taken) == [Taken(BEN), Taken(EVE, BEN)]
    assert life.state.acknowledged_by == EVE


def test_taking_it_up_may_end_it() -> None:
    life = case({**THREE, "once_taken_up": "resolve"})
    life.meet(Acknowledged(EVE))
    assert effects(life, Taken) == [Taken(EVE)]
    assert effects(life, Over) == [Over(Status.RESOLVED, EVE)]
    assert life.due is None


def test_on_duty_is_whoever_has_the_turn_when_the_level_is_told() -> None:
    turns = Rotation.model_validate(
        {
            "turns": "daily",
            "starts": "2026-03-12",
            "zone": "UTC",
            "handoff": "12:00",
            "members": ["ben@example.com", "gil@example.com"],
        }
    )
    repeat = {"every": "1h", "times": 2}
    policy = {"levels": [{"to": "on_duty:first", "repeat": repeat}], "time": "clock"}
    life = case(policy, around(rotations={"first": turns}), at("2026-03-12T11:30"))
    life.later(timedelta(hours=3), TimeCame())
    # the turn before the first one is the last member's
    assert [people for _, people in told(life)] == [[GIL], [BEN], [BEN]]


def test_a_level_that_holds_for_duty_goes_on_at_the_handoff() -> None:
    turns = Rotation.model_validate(
        {
            "turns": "daily",
            "starts": "2026-03-12",
            "zone": "UTC",
            "handoff": "12:00",
            "members": ["fred@example.com"],
        }
    )
    level = {"to": "on_duty:first", "if_empty": "hold"}
    life = case({"levels": [level]}, around(rotations={"first": turns}))
    assert life.due == at("2026-03-12T12:00")


def test_a_calendar_that_lost_its_hours_holds_the_case_until_it_is_mended() -> None:
    never = WorkingCalendar(((), (), (), (), (), (), ()))
    life = case(THREE, around(calendars={"": never}))
    assert life.state.held_for is HeldFor.NO_WORKING_TIME
    life.later(timedelta(days=3), TimeCame())
    assert len(effects(life, Held)) == 1
    life.around = around(calendars={"": NINE_TO_SIX})
    life.later(timedelta(days=3), TimeCame())
    assert [people for _, people in told(life)] == [[BEN], [EVE], [DORA]]


def test_time_that_nobody_looked_is_not_caught_up_with() -> None:
    life = case(THREE)
    life.now = at("2026-03-17T10:00")
    life.meet(TimeCame())
    assert told(life)[1:] == [(life.now, [EVE]), (life.now, [DORA])]
    life = case(
        {
            "levels": [
                {"to": "owner"},
                {"to": "manager", "after": "1h"},
                {"to": "role:admin", "after": "1h"},
            ],
            "time": "clock",
        }
    )
    life.now = THURSDAY + timedelta(hours=10)
    life.meet(TimeCame())
    assert [people for _, people in told(life)] == [[BEN], [EVE]]
    assert life.due == life.now + timedelta(hours=1)


def test_what_is_over_stays_over() -> None:
    life = case(THREE)
    life.meet(Resolved())
    for happening in (Acknowledged(BEN), Resumed(), Resolved(EVE), TimeCame(), Opened()):
        assert life.meet(happening).effects == ()
    assert life.due is None
