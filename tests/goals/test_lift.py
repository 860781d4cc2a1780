"""Intervals agree with published figures, and small numbers say so."""

from __future__ import annotations

import pytest

from engine.measuring import Group, Says, difference, lift_of, ratio, wilson


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        # R. G. Newcombe, Statistics in Medicine 17 (1998), table II, method 10
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((10, 10, 0, 20), 0.6791, 1.0000),
        ((10, 10, 0, 10), 0.6075, 1.0000),
        ((5, 56, 0, 29), -0.0381, 0.1926),
    ],
)
def test_differences_are_those_of_newcombe(
    counts: tuple[int, int, int, int], low: float, high: float
) -> None:
    assert list(difference(*counts)) == pytest.approx([low, high], abs=6e-5)


def test_a_share_is_that_of_wilson() -> None:
    # R. G. Newcombe, Statistics in Medicine 17 (1998) 857-872, table I: 81 of 263, 15 of 148
    assert list(wilson(81, 263)) == pytest.approx([0.2553, 0.3662], abs=6e-5)
    assert list(wilson(15, 148)) == pytest.approx([0.0624, 0.1605], abs=6e-5)
    assert wilson(0, 20)[0] == 0.0
    assert wilson(20, 20)[1] == 1.0
    assert wilson(0, 0) == (0.0, 1.0)


def test_a_ratio_holds_its_estimate_and_is_unknown_over_nothing() -> None:
    found = ratio(120, 1000, 80, 1000)
    assert found is not None
    assert found.low < 1.5 < found.high
    # close to the large-sample interval of the logarithm: 1.5 times or by exp(1.96 * 0.1342)
    assert list(found) == pytest.approx([1.153, 1.951], abs=0.02)
    assert ratio(5, 10, 0, 10) is None
    assert ratio(0, 10, 10, 10) is not None


def test_more_less_unclear_and_too_few() -> None:
    control = Group(1000, 80)
    assert lift_of(Group(9000, 1080), control).says is Says.MORE  # type: ignore[union-attr]
    assert lift_of(Group(9000, 400), control).says is Says.FEWER  # type: ignore[union-attr]
    assert lift_of(Group(9000, 760), control).says is Says.UNCLEAR  # type: ignore[union-attr]
    assert lift_of(Group(90, 10), Group(10, 0)).says is Says.TOO_FEW  # type: ignore[union-attr]
    assert lift_of(Group(9000, 9), control) is not None
    assert lift_of(Group(0, 0), control) is None


def test_relative_lift_is_unknown_while_nobody_of_the_holdout_came() -> None:
    found = lift_of(Group(1000, 50), Group(100, 0))
    assert found is not None
    assert found.relative is None
    assert found.relative_interval is None
