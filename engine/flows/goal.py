"""What a flow is made for, and whether a run reached it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from engine.local_time import add_span, parse_span

# How a run ends that leaves because it reached its goal.
GOAL_OUTCOME: Final = "goal"
# Instead of paths: the total of the order that the event is about.
ORDER_TOTAL: Final = "order_total"

Unit = Literal["major", "minor"]


@dataclass(frozen=True, slots=True)
class Revenue:
    """Where a goal's event says what it is worth.

    `amount` and `currency` are properties of the event; a `currency` of three capitals is that
    currency itself. With `of_order` both are those of the order that the event is about.
    """

    amount: str = ""
    currency: str = ""
    unit: Unit = "major"
    of_order: bool = False

    def written(self) -> str | dict[str, str]:
        if self.of_order:
            return ORDER_TOTAL
        said = {"amount": _path(self.amount), "currency": self.currency}
        if not is_currency(self.currency):
            said["currency"] = _path(self.currency)
        return said if self.unit == "major" else {**said, "unit": self.unit}

    @classmethod
    def from_written(cls, written: Any) -> Revenue:
        if written == ORDER_TOTAL:
            return cls(of_order=True)
        amount, currency = written["amount"], written["currency"]
        if not is_currency(currency):
            currency = property_in(currency) or ""
        return cls(property_in(amount) or "", currency, written.get("unit", "major"))


@dataclass(frozen=True, slots=True)
class Goal:
    """`within` is an ISO span from entering; `when` a rule that may read the event; a run that
    reaches the goal leaves when it `exits`.
    """

    event: str
    within: str | None = None
    when: Any = None
    revenue: Revenue | None = None
    exits: bool = False

    def written(self) -> dict[str, Any]:
        """As people write it: what is left out means the usual."""
        said: dict[str, Any] = {"event": self.event}
        if self.within is not None:
            said["within"] = self.within
        return said | self._more()

    def definition(self) -> dict[str, Any]:
        """The stored form. What came later than event and time is there only where it is used, so
        that the hashes of older versions stay.
        """
        return {"event": self.event, "within": self.within, **self._more()}

    def _more(self) -> dict[str, Any]:
        said: dict[str, Any] = {}
        if self.when is not None:
            said["when"] = self.when
        if self.revenue is not None:
            said["revenue"] = self.revenue.written()
        if self.exits:
            said["exits"] = True
        return said

    @classmethod
    def from_definition(cls, stored: Mapping[str, Any]) -> Goal:
        revenue = stored.get("revenue")
        return cls(
            stored["event"],
            stored.get("within"),
            stored.get("when"),
            None if revenue is None else Revenue.from_written(revenue),
            bool(stored.get("exits", False)),
        )


_PROPERTY: Final = "event.properties."


def property_in(path: str) -> str | None:
    """ "total" of "event.properties.total"; None for any other path."""
    name = path.removeprefix(_PROPERTY)
    return name if name and name != path else None


def is_currency(text: str) -> bool:
    """Whether it has the form of an ISO 4217 code."""
    return len(text) == 3 and text.isascii() and text.isalpha() and text.isupper()


def _path(name: str) -> str:
    return f"{_PROPERTY}{name}"


def goal_deadline(goal: Goal, entered_at: datetime, zone: str) -> datetime | None:
    """The first instant that is too late, or None when the goal has no time limit."""
    return add_span(entered_at, parse_span(goal.within), zone) if goal.within else None


def reaches_goal(
    goal: Goal, event_name: str, *, occurred_at: datetime, entered_at: datetime, zone: str
) -> bool:
    """Whether this event counts for a run that was entered at `entered_at`; the goal's rule, which
    only whoever has facts can ask, aside.

    An event from before the run entered does not count, whenever it was received.
    """
    if event_name != goal.event or occurred_at < entered_at:
        return False
    deadline = goal_deadline(goal, entered_at, zone)
    return deadline is None or occurred_at < deadline
