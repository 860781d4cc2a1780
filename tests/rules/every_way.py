"""Every way in which the random rules can be written, one after the other.

Chance alone forgets the rare ones: thousands of random rules were once drawn without one `max`.
"""

from __future__ import annotations

from hypothesis import strategies as st

from tests.rules import random_rules as some
from tests.rules.random_rules import Rules


def every_way() -> list[Rules]:
    """Strategies of which each writes another operator, or the same with other arguments."""
    instant, score = some.field("root", "datetime"), some.field("root", "number")
    worked_out = [
        *some.worked_out_ways("root", 1),
        *(way for name in some.LISTS for way in some.list_number_ways(name, 0)),
    ]
    orders = st.just({"var": "orders"})
    return [
        *some.text_ways("root"),
        *some.time_ways("root"),
        *(some.op(period, instant) for period in some.PERIODS),
        *(some.op(sign, score, some.numbers) for sign in ("==", "!=", "<", "<=", ">", ">=")),
        *some.small_ways("root"),
        *(way for name in some.LISTS for way in some.list_ways(name, 0)),
        *some.done_ways(),
        some.once(),
        *some.joined_ways(some.condition("root", 0)),
        *(some.signed(way, some.numbers) for way in worked_out),
        some.compared_numbers("root", 0),
        *(some.op("some", orders, way) for way in some.small_ways("orders")),
    ]
