from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.escalations.rotation import Override, Rotation, handoffs, next_change, on_duty
from engine.local_time import local
from engine.people import Absence
from tests.escalations.company import BEN, DORA, EVE, GIL, company

MEMBERS = ["ben@example.com", "eve@example.com", "Gil"]


def rotation(**more: Any) -> Rotation:
    known = {"turns": "weekly", "starts": "2026-03-02", "zone": "Europe/Berlin"}
    return Rotation.model_validate(known | {"members": MEMBERS} | more)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_weekly_turns_change_at_the_handoff_on_the_wall_clock() -> None:
    weekly, people = rotation(), company()
    # 9:00 in Berlin is 8:00 UTC in winter
    assert on_duty(weekly, at("2026-03-02T08:00"), people) == BEN
    assert on_duty(weekly, at("2026-03-09T07:59:59"), people) == BEN
    assert on_duty(weekly, at("2026-03-09T08:00"), people) == EVE
    assert on_duty(weekly, at("2026-03-16T08:00"), people) == GIL
    assert on_duty(weekly, at("2026-03-23T08:00"), people) == BEN
    assert on_duty(weekly, at("2026-03-02T07:59"), people) == GIL


def test_the_week_of_a_clock_change_is_an_hour_shorter_or_longer() -> None:
    spring = handoffs(rotation(), at("2026-03-23T08:00"), at("2026-04-06T07:00"))
    assert [turn.ends_at - turn.starts_at for turn in spring] == [
        timedelta(days=7, hours=-1),
        timedelta(days=7),
    ]
    autumn = handoffs(rotation(starts="2026-10-19"), at("2026-10-19T07:00"), at("2026-10-26T07:30"))
    assert [turn.ends_at - turn.starts_at for turn in autumn] == [timedelta(days=7, hours=1)]


def test_a_handoff_in_the_hour_that_is_skipped_or_comes_twice_happens_once() -> None:
    daily = rotation(turns="daily", handoff="02:30", starts="2026-03-28")
    turns = handoffs(daily, at("2026-03-28T12:00"), at("2026-03-30T12:00"))
    assert [turn.starts_at for turn in turns] == [
        at("2026-03-28T01:30"),
        # the clock goes from 2:00 to 3:00, which is 1:00 UTC
        at("2026-03-29T01:00"),
        at("2026-03-30T00:30"),
    ]
    turns = handoffs(
        rotation(turns="daily", handoff="02:30", starts="2026-10-24"),
        at("2026-10-24T12:00"),
        at("2026-10-26T12:00"),
    )
    assert [turn.starts_at for turn in turns] == [
        at("2026-10-24T00:30"),
        at("2026-10-25T00:30"),
        at("2026-10-26T01:30"),
    ]


def test_29_february_is_a_day_like_others() -> None:
    daily = rotation(turns="daily", starts="2028-02-28", zone="UTC")
    people = company()
    assert [
        on_duty(daily, at(f"{day}T10:00"), people)
        for day in ("2028-02-28", "2028-02-29", "2028-03-01")
    ] == [BEN, EVE, GIL]
    weekly = rotation(starts="2028-02-29", zone="UTC")
    [first, second] = handoffs(weekly, at("2028-02-29T10:00"), at("2028-03-08T10:00"))
    assert second.starts_at == at("2028-03-07T09:00")
    assert first.member == "ben@example.com"


def test_whoever_is_away_is_passed_over_and_has_the_duty_again_afterwards() -> None:
    weekly = rotation()
    people = company(Absence(BEN, at("2026-03-03T00:00"), at("2026-03-05T00:00")))
    assert on_duty(weekly, at("2026-03-02T12:00"), people) == BEN
    assert on_duty(weekly, at("2026-03-03T12:00"), people) == EVE
    assert on_duty(weekly, at("2026-03-05T00:00"), people) == BEN


def test_a_deputy_has_it_when_all_of_the_rotation_are_away() -> None:
    day = (at("2026-03-02T00:00"), at("2026-03-05T00:00"))
    gone = [Absence(BEN, *day, DORA), Absence(EVE, *day), Absence(GIL, *day)]
    assert on_duty(rotation(), at("2026-03-03T12:00"), company(*gone)) == DORA
    assert (
        on_duty(rotation(), at("2026-03-03T12:00"), company(*gone[1:], Absence(BEN, *day))) is None
    )


def test_an_override_goes_first_the_later_one_counts_and_it_ends() -> None:
    weekly = rotation(
        overrides=[{"from": "2026-03-03T09:00", "until": "2026-03-04T09:00", "who": "Gil"}]
    )
    people = company()
    assert on_duty(weekly, at("2026-03-03T07:59"), people) == BEN
    assert on_duty(weekly, at("2026-03-03T08:00"), people) == GIL
    assert on_duty(weekly, at("2026-03-04T08:00"), people) == BEN
    entered = Override(at("2026-03-03T10:00"), at("2026-03-03T12:00"), DORA)
    swapped = weekly.with_overrides([entered])
    assert on_duty(swapped, at("2026-03-03T11:00"), people) == DORA
    assert on_duty(swapped, at("2026-03-03T12:00"), people) == GIL
    away = company(Absence(DORA, at("2026-03-03T00:00"), at("2026-03-04T00:00")))
    assert on_duty(swapped, at("2026-03-03T11:00"), away) == GIL


def test_the_next_change_is_a_handoff_or_an_override() -> None:
    weekly = rotation().with_overrides(
        [Override(at("2026-03-03T10:00"), at("2026-03-03T12:00"), DORA)]
    )
    assert next_change(weekly, at("2026-03-02T09:00")) == at("2026-03-03T10:00")
    assert next_change(weekly, at("2026-03-03T10:00")) == at("2026-03-03T12:00")
    assert next_change(weekly, at("2026-03-03T12:00")) == at("2026-03-09T08:00")


ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Shanghai", "UTC")


@given(
    st.sampled_from(["daily", "weekly"]),
    st.integers(1, 3),
    st.times(),
    st.sampled_from(ZONES),
    st.dates(date(2024, 1, 1), date(2030, 12, 31)),
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31)),
)
def test_turns_follow_each_other_without_gap_and_everybody_has_as_many(
    turns: str, every: int, handoff: Any, zone: str, starts: date, now: datetime
) -> None:
    round_ = rotation(
        turns=turns,
        every=every,
        handoff=handoff.strftime("%H:%M"),
        zone=zone,
        starts=starts.isoformat(),
    )
    now = now.replace(tzinfo=UTC)
    days = (7 if turns == "weekly" else 1) * every
    found = handoffs(round_, now, now + timedelta(days=days * 6))
    assert found[0].starts_at <= now < found[0].ends_at
    for one, other in itertools.pairwise(found):
        assert one.ends_at == other.starts_at
        assert one.member != other.member
        middle = one.starts_at + (one.ends_at - one.starts_at) / 2
        assert round_.turn_at(middle) == round_.turn_at(one.starts_at)
    for one in found:
        wall = local(one.starts_at, zone)
        shown = wall.strftime("%H:%M")
        # unless that time is skipped on this day
        assert (
            shown == round_.handoff
            or wall.utcoffset() != local(one.starts_at - timedelta(hours=3), zone).utcoffset()
        )


@pytest.mark.parametrize(
    "wrong",
    [
        {"members": []},
        {"zone": "Mars/Base"},
        {"turns": "monthly"},
        {"handoff": "25:00"},
        {"starts": "yesterday"},
        {"every": 0},
    ],
)
def test_wrong_rotations_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        rotation(**wrong)
