"""The goal and the entry policy of a flow file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.flows.goal import ORDER_TOTAL, Goal, Revenue, is_currency, property_in
from engine.flows.problems import Code, shown
from engine.flows.read_nodes import NodeReader
from engine.flows.reading import Reader

GOAL_KEYS: Final = ("event", "within", "when", "revenue", "exits")
REVENUE_KEYS: Final = ("amount", "currency", "unit")
MOST_AT_ONCE: Final = 1_000
_REVENUE_ADVICE: Final = (
    f'write "{ORDER_TOTAL}", or {{amount: event.properties.<name>, currency: <code or '
    "event.properties.<name>>}."
)


def read_goal(reader: Reader, nodes: NodeReader, top: Mapping[str, Any]) -> Goal | None:
    """None when there is no goal, or none that could be read; the reader knows what is wrong."""
    if top.get("goal") is None:
        return None
    given = reader.mapping(top["goal"], ("goal",), '"goal"')
    if given is None:
        return None
    reader.only(given, ("goal",), GOAL_KEYS)
    reader.required(given, "event", ("goal",))
    event = reader.line(given, "event", ("goal",))
    within = reader.span(given, "within", ("goal",))
    if given.get("when") is not None:
        nodes.check_rule(given["when"], ("goal", "when"), event_rule=True)
    revenue = _revenue(reader, given)
    exits = given.get("exits", False)
    if not isinstance(exits, bool):
        message = f'"exits" is true or false, not {shown(exits)}.'
        reader.refuse(Code.WRONG_TYPE, ("goal", "exits"), message)
    return Goal(event, within, given.get("when"), revenue, exits is True) if event else None


def _revenue(reader: Reader, given: Mapping[str, Any]) -> Revenue | None:
    written, path = given.get("revenue"), ("goal", "revenue")
    if written is None:
        return None
    if written == ORDER_TOTAL:
        return Revenue(of_order=True)
    if not isinstance(written, dict):
        message = f'"revenue" cannot be {shown(written)}; {_REVENUE_ADVICE}'
        reader.refuse(Code.BAD_CHOICE, path, message)
        return None
    reader.only(written, path, REVENUE_KEYS)
    for key in ("amount", "currency"):
        reader.required(written, key, path)
    amount, currency = reader.line(written, "amount", path), reader.line(written, "currency", path)
    if amount is not None and property_in(amount) is None:
        message = f'"amount" cannot be {shown(amount)}; {_REVENUE_ADVICE}'
        reader.refuse(Code.BAD_VALUE, (*path, "amount"), message)
    if currency is not None and not (is_currency(currency) or property_in(currency)):
        message = f'"currency" cannot be {shown(currency)}; {_REVENUE_ADVICE}'
        reader.refuse(Code.BAD_VALUE, (*path, "currency"), message)
    unit = reader.choice(written, "unit", path, ("major", "minor")) or "major"
    if amount is None or currency is None:
        return None
    return Revenue.from_written({"amount": amount, "currency": currency, "unit": unit})


def read_at_most(reader: Reader, given: Any) -> int | None:
    """The limit in `{always: {at_most: 3}}`."""
    path = ("entry", "always")
    written = reader.mapping(given, path, '"always"')
    if written is None or not reader.required(written, "at_most", path):
        return None
    reader.only(written, path, ("at_most",))
    limit = written["at_most"]
    if isinstance(limit, int) and not isinstance(limit, bool) and 1 <= limit <= MOST_AT_ONCE:
        return limit
    message = f'"at_most" is a whole number from 1 to {MOST_AT_ONCE:,}, not {shown(limit)}.'
    reader.refuse(Code.BAD_VALUE, (*path, "at_most"), message)
    return None
