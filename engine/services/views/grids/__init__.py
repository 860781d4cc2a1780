"""Lists of contacts, accounts and tickets: any page, in any order, narrowed in any way."""

from engine.services.views.grids.asking import (
    GridCount,
    GridLine,
    GridMark,
    GridPage,
    ListTooSlow,
    Turn,
    grid_count,
    grid_fields,
    grid_ids,
    grid_page,
    grid_tags,
    hidden_in,
    lines_of,
)
from engine.services.views.grids.fields import COLUMNS, ORDER, GridField, GridRecord
from engine.services.views.grids.finding import Moment
from engine.services.views.grids.state import (
    OPERATORS_OF,
    Condition,
    GridState,
    Operator,
    read_leniently,
    read_state,
    usual,
)

__all__ = [
    "COLUMNS",
    "OPERATORS_OF",
    "ORDER",
    "Condition",
    "GridCount",
    "GridField",
    "GridLine",
    "GridMark",
    "GridPage",
    "GridRecord",
    "GridState",
    "ListTooSlow",
    "Moment",
    "Operator",
    "Turn",
    "grid_count",
    "grid_fields",
    "grid_ids",
    "grid_page",
    "grid_tags",
    "hidden_in",
    "lines_of",
    "read_leniently",
    "read_state",
    "usual",
]
