"""The clocks of a deal on a stage, whatever the moments at which somebody looks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.machines.pipeline import (
    Around,
    Deed,
    Stay,
    begin,
    look,
    pause,
    refused,
    resume,
    stay_from_json,
    stay_to_json,
)
from engine.pipelines import StagePlan, compile_pipeline
from engine.pipelines.model import PipelineModel
from engine.rules import Catalogue
from engine.working_time import CLOSED, WorkingCalendar, working_time_between

# Nine to five, Monday to Friday, in a zone whose clocks change on 29 March 2026.
OFFICE = WorkingCalendar((((540, 1020),),) * 5 + (CLOSED, CLOSED), zone="Europe/Berlin")
NEVER = WorkingCalendar((CLOSED,) * 7, zone="Europe/Berlin")
START = datetime(2026, 3, 23, 8, tzinfo=UTC)
NOTIFY = [{"do": "notify"}]
MODEL = PipelineModel.model_validate(
    {
        "stages": [
            {
                "key": "talk",
                "sla": [{"after": span, "then": NOTIFY} for span in ("4h", "1d", "5d")],
                "rot_after": "10d",
            },
            {"key": "won", "kind": "won"},
            {"key": "lost", "kind": "lost"},
        ],
        "transitions": [
            {"from": "talk", "to": "won"},
            {"from": "talk", "to": "lost", "automatic": {"after": "10d"}},
        ],
    }
)
TALK: StagePlan = compile_pipeline(MODEL, Catalogue.standard()).stages["talk"]
LIMITS = (timedelta(hours=4), timedelta(hours=8), timedelta(hours=40))
# Ten working days end on a Friday at five, which is an hour earlier by UTC than a week before.
AUTOMATIC_AT = datetime(2026, 4, 3, 15, tzinfo=UTC)
AUTOMATIC_MINUTE = int((AUTOMATIC_AT - START) / timedelta(minutes=1))
minutes = st.integers(0, 14 * 24 * 60 - 1)


def at(
    minute: int, alive: datetime | None = None, calendar: WorkingCalendar | None = OFFICE
) -> Around:
    return Around(START + timedelta(minutes=minute), calendar, "UTC", alive)


def looked(moments: Sequence[int]) -> tuple[Stay, list[tuple[Deed, datetime]]]:
    stay, deeds = begin("talk", START), []
    for minute in moments:
        seen = look(stay, TALK, at(minute))
        assert seen.due is None or seen.due > at(minute).now
        deeds += [(deed, at(minute).now) for deed in seen.deeds]
        stay = seen.stay
    return stay, deeds


@given(st.lists(minutes, max_size=30))
def test_each_alert_is_asked_for_once_and_not_before_its_working_time(moments: list[int]) -> None:
    _, deeds = looked(sorted(moments))
    told = [deed.alert for deed, _ in deeds if deed.trigger == "alert"]
    assert told == sorted(set(told))  # type: ignore[type-var]
    for deed, when in deeds:
        if deed.alert is not None:
            assert working_time_between(START, when, OFFICE, "UTC") >= LIMITS[deed.alert]
    last = max(moments, default=0)
    spent = working_time_between(START, at(last).now, OFFICE, "UTC")
    assert set(told) == {n for n, limit in enumerate(LIMITS) if moments and spent >= limit}


@given(st.lists(minutes, max_size=20), minutes)
def test_what_was_asked_for_does_not_hang_on_when_somebody_looked(
    moments: list[int], last: int
) -> None:
    often = sorted([*(one for one in moments if one <= last), last])
    many, _ = looked(often)
    once, _ = looked([last])
    assert many == once


@given(st.integers(0, AUTOMATIC_MINUTE - 1))
def test_following_the_due_times_alone_misses_nothing(last: int) -> None:
    stay, minute, looks = begin("talk", START), 0, 0
    while minute <= last:
        seen = look(stay, TALK, at(minute))
        stay, due = seen.stay, seen.due
        looks += 1
        assert due is not None
        minute = int((due - START) / timedelta(minutes=1))
    assert stay == looked([last])[0]
    assert looks <= 6


@given(st.lists(st.tuples(minutes, minutes), max_size=6), minutes)
def test_no_pause_loses_or_gains_working_time(pairs: list[tuple[int, int]], last: int) -> None:
    edges = sorted({edge for pair in pairs for edge in pair if edge < last})
    stay, paused = begin("talk", START), timedelta()
    for begins, ends in zip(edges[::2], edges[1::2], strict=False):
        stay = resume(pause(pause(stay, at(begins)), at(begins)), at(ends).now)
        paused += working_time_between(at(begins).now, at(ends).now, OFFICE, "UTC")
    spent = stay.watch.spent_at(at(last).now, OFFICE, "UTC")
    assert spent + paused == working_time_between(START, at(last).now, OFFICE, "UTC")


@given(st.lists(minutes, max_size=8), st.lists(minutes, max_size=20))
def test_rot_is_told_once_for_each_silence(signs: list[int], moments: list[int]) -> None:
    stay, told = begin("talk", START), []
    for minute in sorted(moments):
        alive = max((at(one).now for one in signs if one <= minute), default=None)
        seen = look(stay, TALK, at(minute, alive))
        stay = seen.stay
        for deed in seen.deeds:
            if deed.trigger == "rot":
                assert deed.silent_since == max(alive or START, START)
                assert at(minute).now - deed.silent_since >= timedelta(days=10)
                told.append(deed.silent_since)
    assert len(told) == len(set(told))


@settings(max_examples=50)
@given(st.lists(minutes, max_size=10))
def test_a_stay_is_the_same_after_it_was_written_down(moments: list[int]) -> None:
    stay, _ = looked(sorted(moments))
    assert stay_from_json(stay_to_json(stay)) == stay
    resting = pause(stay, at(14 * 24 * 60))
    assert stay_from_json(stay_to_json(resting)) == resting


def test_nothing_is_due_while_a_move_awaits_its_approval() -> None:
    resting = pause(begin("talk", START), at(30))
    assert look(resting, TALK, at(13 * 24 * 60)) == (look(resting, TALK, at(40)))
    assert look(resting, TALK, at(40)).due is None


def test_a_move_by_time_is_due_after_its_working_time_across_a_clock_change() -> None:
    stay = begin("talk", START)
    early = AUTOMATIC_AT - timedelta(minutes=1)
    assert look(stay, TALK, Around(early, OFFICE, "UTC")).way is None
    seen = look(stay, TALK, Around(AUTOMATIC_AT, OFFICE, "UTC"))
    assert seen.way is not None
    assert seen.way.to == "lost"
    assert working_time_between(START, AUTOMATIC_AT, OFFICE, "UTC") == timedelta(hours=80)


def test_a_calendar_without_work_stops_the_clocks_until_it_is_mended() -> None:
    stay = begin("talk", START)
    seen = look(stay, TALK, at(5_000, calendar=NEVER))
    assert seen.deeds == ()
    assert seen.way is None
    assert seen.due == at(5_000).now + timedelta(days=1)
    assert look(stay, TALK, at(5_000)).deeds


def test_without_any_calendar_a_day_has_24_hours() -> None:
    stay = begin("talk", START)
    assert not look(stay, TALK, at(239, calendar=None)).deeds
    assert len(look(stay, TALK, at(24 * 60, calendar=None)).deeds) == 2


def test_a_move_that_was_not_let_keeps_no_later_one_from_being_tried() -> None:
    model = PipelineModel.model_validate(
        {
            "stages": [
                {"key": "talk"},
                {"key": "offer", "needs": ["amount"]},
                {"key": "won", "kind": "won"},
                {"key": "lost", "kind": "lost"},
            ],
            "transitions": [
                {"from": "talk", "to": "offer", "automatic": {"after": "1d"}},
                {"from": "talk", "to": "lost", "automatic": {"after": "3d"}},
                {"from": "offer", "to": "won"},
            ],
        }
    )
    talk = compile_pipeline(model, Catalogue.standard()).stages["talk"]
    stay, tried = begin("talk", START), []
    for day in (2, 4, 6):
        way = look(stay, talk, at(day * 24 * 60)).way
        assert way is not None
        tried.append(way.to)
        stay = refused(stay, way.to)
    # once all were refused the first is tried again, as the deal may fit by now
    assert tried == ["offer", "lost", "offer"]
