"""What a dashboard is asked for, as it stands in the address. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from designer.i18n.translator import N_
from engine.services.boards import LONGEST, Stretch

PATH: Final = "/dashboards"
VIEWS: Final[Mapping[str, str]] = {
    "campaigns": N_("Campaigns"),
    "cohorts": N_("Cohorts and lift"),
    "messages": N_("Messages"),
    "volume": N_("Send volume"),
    "service": N_("Service levels"),
}
USUAL_VIEW: Final = "campaigns"
PERIODS: Final[Mapping[str, tuple[int, str]]] = {
    "7": (7, N_("7 days")),
    "30": (30, N_("30 days")),
    "90": (90, N_("90 days")),
    "365": (365, N_("A year")),
}
USUAL_PERIOD: Final = "30"
OWN: Final = "own"


@dataclass(frozen=True, slots=True)
class Asked:
    """`query` keeps what is not the usual, for links."""

    view: str
    period: str
    flow: str | None
    stretch: Stretch

    @property
    def query(self) -> dict[str, str | None]:
        own = self.period == OWN
        return {
            "view": None if self.view == USUAL_VIEW else self.view,
            "period": None if self.period in (USUAL_PERIOD, OWN) else self.period,
            "from": self.stretch.first.isoformat() if own else None,
            "to": self.stretch.last.isoformat() if own else None,
            "flow": self.flow,
        }


def asked_by(given: Mapping[str, str], today: date, zone: str) -> Asked:
    """What is not understood counts as the usual."""
    view = given.get("view", "")
    flow = given.get("flow", "")[:100] or None
    first, last = _day(given.get("from")), _day(given.get("to"))
    shown = view if view in VIEWS else USUAL_VIEW
    if first and last and timedelta() <= last - first <= LONGEST:
        return Asked(shown, OWN, flow, Stretch(first, last, zone))
    period = given.get("period", "")
    period = period if period in PERIODS else USUAL_PERIOD
    days = PERIODS[period][0]
    return Asked(shown, period, flow, Stretch(today - timedelta(days=days - 1), today, zone))


def _day(written: str | None) -> date | None:
    try:
        day = date.fromisoformat(written or "")
    except ValueError:
        return None
    return day if 1990 <= day.year <= 2200 else None
