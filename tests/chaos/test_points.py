"""The points at which things are killed are still places in the product."""

from __future__ import annotations

import pytest

from tests.chaos.armed import found
from tests.chaos.everybody_arrives import FEW
from tests.chaos.points import POINTS, Point


@pytest.mark.parametrize("point", POINTS, ids=lambda point: point.name)
def test_the_place_of_a_point_is_there(point: Point) -> None:
    assert found(point)


def test_points_have_names_of_their_own() -> None:
    names = [point.name for point in POINTS]
    assert len(set(names)) == len(names) >= 25
    assert set(FEW) <= set(names)
