"""Rulings on paper: clocks that change, holidays, caps, and what holds for every policy."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.local_time import local, start_of
from engine.sending import (
    EVERYTHING,
    About,
    Almanac,
    Answer,
    Cap,
    Circumstances,
    Counted,
    DigestRule,
    Holidays,
    Home,
    Policy,
    Priority,
    QuietHours,
    Rival,
    Ruling,
    Scope,
    SendingHours,
    Window,
    rivals_of,
    rule,
)
from engine.sending.caps import next_period
from engine.sending.reading import read_policy
from engine.sending.week import calendar_of
from engine.sending.zones import MAIN_ZONES, zone_of

NEWS = About("marketing", "news")
NIGHT = QuietHours(Window(time(21), time(8)))
ZONES = (
    *("UTC", "Pacific/Kiritimati", "Etc/GMT+11", "Asia/Kolkata", "Asia/Kathmandu"),
    *("Australia/Lord_Howe", "America/St_Johns", "Europe/Berlin", "America/New_York"),
    *("America/Havana", "Africa/Cairo", "Asia/Beirut", "America/Asuncion", "Pacific/Apia"),
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def ruled(policy: Policy, now: datetime, zone: str = "UTC", **known: Any) -> Ruling:
    home = Home(zone, known.pop("country", None))
    return rule(policy, NEWS, Circumstances(home, **known), now, ALMANAC)


def holidays(country: str | None, year: int) -> Collection[date]:
    return {date(year, 1, 1), date(year, 12, 31)} if country == "SG" else ()


ALMANAC = Almanac(holidays=holidays)


def test_the_hour_that_comes_twice_is_not_quiet_twice() -> None:
    """On 25 October 2026 Berlin's clocks show 02:00 to 03:00 twice."""
    policy = Policy((QuietHours(Window(time(23), time(2, 30))),))
    first = ruled(policy, at("2026-10-25T02:10+02:00"), "Europe/Berlin")
    assert first.until == at("2026-10-25T02:30+02:00")
    again = ruled(policy, at("2026-10-25T02:10+01:00"), "Europe/Berlin")
    assert again.answer is Answer.SEND


def test_a_night_that_would_end_in_a_skipped_hour_ends_with_the_gap() -> None:
    policy = Policy((QuietHours(Window(time(23), time(2, 30))),))
    ruling = ruled(policy, at("2026-03-29T01:00+01:00"), "Europe/Berlin")
    assert ruling.until == at("2026-03-29T03:00+02:00")


def test_a_half_hour_zone_has_its_own_morning() -> None:
    ruling = ruled(Policy((NIGHT,)), at("2026-03-02T00:00+05:30"), "Asia/Kolkata")
    assert ruling.until == at("2026-03-02T02:30+00:00")


def test_the_29th_of_february_is_a_day_like_any_other() -> None:
    daily = Policy(caps=(Cap(1, "day"),))
    sent = [Counted(at("2028-02-29T10:00+00:00"), NEWS)]
    full = ruled(daily, at("2028-02-29T12:00+00:00"), sent=sent)
    assert full.until == at("2028-03-01T00:00+00:00")
    monthly = Policy(caps=(Cap(1, "month"),), longest_wait=None)
    assert ruled(monthly, at("2028-02-29T12:00+00:00"), sent=sent).until == full.until


def test_holidays_in_a_row_are_passed_at_once_and_then_the_night() -> None:
    policy = Policy((NIGHT, Holidays()))
    ruling = ruled(policy, at("2026-12-31T09:00+08:00"), "Asia/Singapore", country="SG")
    assert (ruling.code, ruling.until) == ("holiday", at("2027-01-02T08:00+08:00"))
    elsewhere = ruled(policy, at("2026-12-31T09:00+08:00"), "Asia/Singapore", country="MY")
    assert elsewhere.answer is Answer.SEND


def test_working_days_only() -> None:
    shift = ((9 * 60, 18 * 60),)
    week = calendar_of((shift, shift, shift, shift, shift, (), ()))
    policy = Policy((SendingHours(week),))
    # 6 March 2026 is a Friday
    ruling = ruled(policy, at("2026-03-06T19:00+00:00"))
    assert (ruling.code, ruling.until) == ("sending_hours", at("2026-03-09T09:00+00:00"))


def test_hours_that_exclude_each_other_drop_the_message() -> None:
    shift = ((22 * 60, 23 * 60),)
    policy = Policy((NIGHT, SendingHours(calendar_of((shift,) * 7))))
    ruling = ruled(policy, at("2026-03-02T12:00+00:00"))
    assert (ruling.answer, ruling.code) == (Answer.DROP, "no_time_in_reach")
    assert ruling.read["because"] == "sending_hours"
    waited = ruled(policy, at("2026-03-02T12:00+00:00"), since=at("2026-03-01T12:00+00:00"))
    assert (waited.answer, waited.code) == (Answer.DROP, "waited_too_long")


def test_a_topic_has_a_cap_of_its_own() -> None:
    policy = Policy(caps=(Cap(1, "day", Scope(topics=frozenset({"offers"}))),))
    sent = [Counted(at("2026-03-02T09:00+00:00"), About("marketing", "offers"))]
    now = at("2026-03-02T12:00+00:00")
    known = Circumstances(Home("UTC"), sent=sent)
    assert rule(policy, NEWS, known, now).answer is Answer.SEND
    assert rule(policy, About("marketing", "offers"), known, now).code == "cap_per_day"


@pytest.mark.parametrize(
    ("known", "code"),
    [
        ({"granted": None}, "no_consent"),
        ({"granted": False}, "consent_withdrawn"),
        ({"suppressed": "bounced"}, "suppressed"),
        ({"topic_off": True}, "topic_off"),
        ({"granted": False, "suppressed": "bounced"}, "suppressed"),
    ],
)
def test_wishes_come_before_everything(known: dict[str, Any], code: str) -> None:
    ruling = ruled(Policy((NIGHT,)), at("2026-03-02T23:00+00:00"), **known)
    assert (ruling.answer, ruling.code) == (Answer.DROP, code)


def test_only_more_important_messages_are_rivals() -> None:
    now = at("2026-03-02T12:00+00:00")
    waiting = [Rival(now, priority, NEWS) for priority in (3, 5, 7)]
    assert rivals_of(5, waiting) == waiting[2:]
    policy = Policy(caps=(Cap(1, "day"),))
    assert ruled(policy, now, rivals=waiting[2:]).code == "outranked"
    # one that is to go on another day takes no room of this one
    far = [Rival(now + timedelta(days=1), 7, NEWS)]
    assert ruled(policy, now, rivals=far).answer is Answer.SEND


def test_a_digest_takes_what_is_about_its_topic() -> None:
    tips = DigestRule("news", "weekly", time(8), 4)
    ruling = ruled(Policy((NIGHT,), digests=(tips,)), at("2026-03-02T23:00+00:00"))
    assert (ruling.answer, ruling.digest) == (Answer.DIGEST, tips)
    service = About("service", "news")
    known = Circumstances(Home("UTC"))
    assert (
        rule(Policy(digests=(tips,)), service, known, at("2026-03-02T09:00+00:00")).digest is None
    )


def test_priorities_of_a_policy_come_before_those_of_flows() -> None:
    policy = Policy(
        priorities=(Priority(9, Scope(frozenset({"service"}))), Priority(2, EVERYTHING))
    )
    assert policy.priority_of(About("service"), 5) == 9
    assert policy.priority_of(NEWS, 8) == 2
    assert Policy().priority_of(NEWS, 8) == 8


def test_every_country_has_a_zone_that_exists() -> None:
    assert len(MAIN_ZONES) > 240
    assert zone_of(None, "us", "UTC") == "America/New_York"
    assert zone_of("Mars/Olympus", "JP", "UTC") == "Asia/Tokyo"
    assert zone_of("Europe/Paris", "JP", "UTC") == "Europe/Paris"
    assert zone_of(None, None, "Asia/Singapore") == "Asia/Singapore"


TIMES = st.times().map(lambda one: one.replace(second=0, microsecond=0))
WINDOWS = st.tuples(TIMES, TIMES).filter(lambda pair: pair[0] != pair[1]).map(lambda p: Window(*p))
CAPS = st.builds(
    Cap, st.integers(1, 3), st.sampled_from(["day", "week", "month"]), st.just(Scope())
)
INSTANTS = st.datetimes(datetime(2010, 1, 1), datetime(2030, 1, 1)).map(
    lambda one: one.replace(tzinfo=UTC, microsecond=0)
)
# Where clocks change or days are skipped, which chance alone would seldom meet.
AWKWARD = st.sampled_from(
    [
        at("2026-03-29T00:59:59+00:00"), at("2026-10-25T00:30:00+00:00"),
        at("2026-10-25T01:00:00+00:00"), at("2011-12-30T09:59:59+00:00"),
        at("2011-12-30T10:00:00+00:00"), at("2028-02-29T23:59:59+00:00"),
        at("2026-11-01T04:30:00+00:00"), at("2026-04-04T15:00:00+00:00"),
    ]
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(
    st.lists(WINDOWS, max_size=2), st.lists(CAPS, max_size=2), st.sampled_from(ZONES),
    st.one_of(INSTANTS, AWKWARD), st.lists(st.integers(0, 40 * 86_400), max_size=6),
)  # fmt: skip
def test_whoever_waits_may_go_when_the_time_has_come(
    windows: list[Window], caps: list[Cap], zone: str, now: datetime, ago: list[int]
) -> None:
    """A deferral lies ahead, nothing stands in the way then, and it is not longer than allowed."""
    policy = Policy(tuple(QuietHours(one) for one in windows), tuple(caps))
    sent = [Counted(now - timedelta(seconds=one), NEWS) for one in ago]
    known = Circumstances(Home(zone), sent=sent)
    ruling = rule(policy, NEWS, known, now)
    if ruling.answer is Answer.DEFER:
        assert ruling.until is not None
        assert now < ruling.until <= now + timedelta(days=7)
        assert rule(policy, NEWS, known, ruling.until).answer is Answer.SEND
        assert (
            rule(policy, NEWS, known, ruling.until - timedelta(seconds=1)).answer is not Answer.SEND
        )
    elif ruling.answer is Answer.SEND:
        for cap in caps:
            began = start_of(cap.per, now, zone)
            assert sum(began <= one.at for one in sent) < cap.most


@settings(max_examples=100, deadline=None)
@given(WINDOWS, st.sampled_from(ZONES), st.one_of(INSTANTS, AWKWARD))
def test_a_window_ends_ahead_and_where_its_clock_says(
    window: Window, zone: str, now: datetime
) -> None:
    over = window.over_at(now, zone)
    if over is not None:
        assert now < over <= now + timedelta(hours=49)
        assert window.over_at(over, zone) is None
        shown = local(over, zone).time()
        # or the end was skipped, and it is the first instant after the gap
        assert shown == window.end or local(over - timedelta(seconds=1), zone).time() < window.end


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(["day", "week", "month"]), st.sampled_from(ZONES),
    st.one_of(INSTANTS, AWKWARD),
)  # fmt: skip
def test_periods_follow_each_other_without_a_gap(unit: str, zone: str, now: datetime) -> None:
    began = start_of(unit, now, zone)  # type: ignore[arg-type]
    ended = next_period(unit, began, zone)  # type: ignore[arg-type]
    assert began <= now < ended
    assert start_of(unit, ended, zone) == ended  # type: ignore[arg-type]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["caps", "quiet_hours", "from", "until", "most", "per", "topic", "at", "x"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=80, deadline=None)
@given(JSON)
def test_any_document_is_read_or_refused(document: object) -> None:
    policy, problems = read_policy(document)
    assert problems or isinstance(policy, Policy)
