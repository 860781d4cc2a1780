"""What is certain about windows is certain at every moment in every zone: tried at the very borders
of the windows, on days when clocks change, months end or a zone skips a day.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from engine.local_time import Span
from engine.rules import Rule, RuleRefused, parse
from engine.rules.analysis import Verdict, verdict
from engine.rules.analysis.cuts import Cut, chains, cut
from engine.rules.ir import Moment
from engine.rules.moments import resolver
from engine.rules.types import Type
from tests.rules.adversarial import CATALOGUE, NOW, ZONE
from tests.rules.random_rules import FIELDS, time_tests

MOMENTS = [
    (NOW, ZONE),
    (datetime(2024, 2, 29, 11, 30, tzinfo=UTC), "Pacific/Kiritimati"),
    (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "Europe/Berlin"),
    (datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC), "America/St_Johns"),
    (datetime(2011, 12, 30, 9, 59, tzinfo=UTC), "Pacific/Apia"),
    (datetime(2026, 3, 31, 22, 0, tzinfo=UTC), "America/Sao_Paulo"),
    (datetime(2025, 12, 31, 12, 0, tzinfo=UTC), "Pacific/Pago_Pago"),
]
_TICK = timedelta(microseconds=1)
TIMES, DATES = FIELDS["root"]["datetime"], FIELDS["root"]["date"]


def about_one_value(document: Any) -> Any:
    """The same rule, with every time and every date read from one field."""
    text = json.dumps(document)
    for path in TIMES:
        text = text.replace(f'"{path}"', '"contact.last_seen_at"')
    for path in DATES:
        text = text.replace(f'"{path}"', '"contact.birthday"')
    return json.loads(text)


windows = st.lists(time_tests("root").map(about_one_value), min_size=2, max_size=4)


def borders(rule: Rule, now: datetime, zone: str) -> Iterator[dict[str, Any]]:
    """Facts just before, at and just after every moment that the rule names."""
    yield {"contact": {}}
    for one in {now, *rule.instants(now, zone)}:
        if isinstance(one, datetime):
            days = {one.date()}
            times = {one - _TICK, one, one + _TICK}
        else:
            days = {one - timedelta(days=1), one, one + timedelta(days=1)}
            times = {now}
        for day in days:
            for time in times:
                yield {"contact": {"last_seen_at": time, "birthday": day}}


@given(windows, st.sampled_from(["and", "or"]))
@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_a_verdict_on_windows_holds_at_their_borders(parts: list[Any], joined: str) -> None:
    try:
        rule = parse({joined: parts}, CATALOGUE, event_rule=False)
    except RuleRefused:
        assume(False)
        raise
    found = verdict(rule.root)
    if found not in (Verdict.IMPOSSIBLE, Verdict.ALWAYS):
        return
    for now, zone in MOMENTS:
        for facts in borders(rule, now, zone):
            assert rule.holds(facts, now, zone) is (found is Verdict.ALWAYS), (facts, now, zone)


def _moment(kind: Type) -> st.SearchStrategy[Moment]:
    """Moments as rules make them: now moved by seconds or by the calendar, days by the calendar."""
    calendar = st.builds(
        Span, st.sampled_from([0, 0, 1, -1, 2, 3, -12, 12]), st.integers(-40, 40), st.just(0)
    )
    seconds = st.integers(-45 * 24, 45 * 24).map(lambda hours: Span(seconds=hours * 3_600))
    by_day = st.builds(
        Moment,
        st.just(kind),
        st.sampled_from(["day", "week", "month", "quarter", "year"]),
        calendar,
    )
    if kind is Type.DATE:
        return by_day
    from_now = st.builds(Moment, st.just(kind), st.just("now"), st.one_of(seconds, calendar))
    return st.one_of(by_day, from_now)


moments = st.sampled_from([Type.DATE, Type.DATETIME]).flatmap(
    lambda kind: st.lists(_moment(kind), min_size=2, max_size=5)
)
# A moment in every week of two years, at hours that go round the clock.
MANY = [
    (datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=433 * week), zone)
    for week, zone in zip(
        range(40),
        ["Europe/Berlin", "Pacific/Kiritimati", "America/Sao_Paulo", "UTC"] * 10,
        strict=True,
    )
]


@given(moments)
@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_the_order_of_moments_is_right_at_every_moment(given_moments: list[Moment]) -> None:
    cuts = [cut(one, after=after) for one in given_moments for after in (False, True)]
    for row in chains(one for one in cuts if one is not None):
        for now, zone in (*MOMENTS, *MANY) if len(row) > 1 else ():
            placed = [(_place(one, now, zone), one.after) for one in row]
            assert placed == sorted(placed), (row, now, zone)


def _place(one: Cut, now: datetime, zone: str) -> date | datetime:
    assert isinstance(one.at, Moment)
    return resolver(one.at)(now, zone)


@pytest.mark.parametrize("unit", ["day", "week", "month", "quarter", "year"])
def test_a_period_holds_now_and_its_end_lies_ahead(unit: str) -> None:
    seen = {"var": "contact.last_seen_at"}
    name = "today" if unit == "day" else f"this_{unit}"
    far = {"day": 50, "week": 200, "month": 800, "quarter": 2300, "year": 8900}[unit]
    rule = {"and": [{name: [seen]}, {"more_than_ago": [seen, far, "hours"]}]}
    assert verdict(parse(rule, CATALOGUE, event_rule=False).root) is Verdict.IMPOSSIBLE
