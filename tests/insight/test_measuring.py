"""Lengths of time and forecasts, measured: plain arithmetic against plain arithmetic."""

from __future__ import annotations

import random
from fractions import Fraction
from statistics import median, quantiles

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.measuring.durations import (
    FRACTIONS,
    Durations,
    Trend,
    drift,
    proposed_limit,
)
from engine.measuring.forecasts import Said, accuracy, weighted


def of(values: list[float]) -> Durations:
    """As a database with percentile_cont would answer."""
    points = sorted(quantiles(values, n=100, method="inclusive"))
    return Durations(len(values), sum(values), tuple(points))


def scattered(seed: int, cases: int, times: float = 1.0) -> Durations:
    chance = random.Random(seed)
    return of([times * chance.lognormvariate(10, 0.8) for _ in range(cases)])


def test_percentiles_are_read_back() -> None:
    values = [float(n) for n in range(1, 1001)]
    found = of(values)
    assert found.p50 == pytest.approx(median(values))
    assert found.p75 == pytest.approx(750.25)
    assert found.p90 == pytest.approx(900.1)
    assert found.mean == 500.5
    assert found.at(0.505) == pytest.approx((found.points[49] + found.points[50]) / 2)
    assert (Durations().p50, Durations().mean, Durations().median_interval()) == (None,) * 3


def test_the_interval_holds_the_true_median_as_often_as_it_says() -> None:
    chance, held = random.Random(7), 0
    for _ in range(400):
        interval = of([chance.expovariate(1) for _ in range(60)]).median_interval()
        assert interval is not None
        held += interval.low <= 0.6931 <= interval.high
    assert held > 400 * 0.92


def test_twice_as_long_is_slower_and_the_same_is_not() -> None:
    before = scattered(1, 200)
    assert drift(scattered(2, 200, 2.0), before).trend is Trend.SLOWER
    assert drift(scattered(3, 200, 0.5), before).trend is Trend.FASTER
    assert drift(scattered(4, 200), before).trend is Trend.UNCLEAR
    assert drift(scattered(5, 19, 9.0), before).trend is Trend.TOO_FEW
    assert drift(Durations(), before) == drift(before, Durations())
    found = drift(of([20.0] * 30), of([10.0] * 30))
    assert (found.trend, found.ratio) == (Trend.SLOWER, 2.0)


def test_a_limit_is_round_and_three_of_four_kept_it() -> None:
    found = proposed_limit(of([hours * 3600.0 for hours in range(1, 101)]))
    assert found is not None
    assert (found.span, found.cases) == ("4d", 100)
    assert found.kept == pytest.approx(0.95, abs=0.02)
    assert proposed_limit(of([60.0] * 19)) is None


def test_in_working_time_a_day_is_as_long_as_somebody_works() -> None:
    taken = of([float(hours * 3600) for hours in range(1, 41)])
    found = proposed_limit(taken, day_seconds=8 * 3600)
    assert found is not None
    assert (found.span, found.seconds) == ("4d", 4 * 8 * 3600)
    assert proposed_limit(of([7 * 60.0] * 30), day_seconds=8 * 3600).span == "10m"  # type: ignore[union-attr]


@given(
    st.lists(st.integers(1, 10**8), min_size=20, max_size=60),
    st.sampled_from([86_400.0, 28_800.0, 27_000.0]),
)
def test_a_proposed_limit_is_never_shorter_than_what_most_took(
    values: list[int], day: float
) -> None:
    taken = of([float(one) for one in values])
    found = proposed_limit(taken, day_seconds=day)
    assert found is not None
    assert taken.p75 is not None
    assert found.seconds >= taken.p75 - 1e-6
    assert 0.74 <= found.kept <= 1
    assert len(taken.points) == len(FRACTIONS)


@given(st.integers(0, 10**15), st.integers(0, 100), st.integers(1, 10_000))
def test_an_amount_by_a_chance_is_rounded_once_and_exactly(amount: int, won: int, of_: int) -> None:
    assert weighted(amount, won, of_) == round(Fraction(amount * won, of_))


def test_nothing_to_go_by_weighs_nothing() -> None:
    assert weighted(500, 0, 0) == 0


def test_errors_are_added_before_they_are_divided() -> None:
    found = accuracy([Said(150, 100), Said(50, 100)])
    assert (found.periods, found.off, found.bias) == (2, 0.5, 0.0)
    assert accuracy([Said(5, 0)]).off is None
    assert Said(150, 100).error == 0.5
    assert Said(1, 0).error is None
