"""What a board shows, as its address says it and people choose it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final, cast, get_args

from designer.components.filter_tabs import address
from designer.i18n import N_
from engine.local_time import Span, add_to_date, first_day
from engine.services.deals.board import BoardFilter, Sorting

SORTINGS: Final[Mapping[Sorting, str]] = {
    "newest": N_("Came last on top"),
    "oldest": N_("Longest here on top"),
    "amount": N_("Largest on top"),
    "close": N_("Closes soonest on top"),
}
CLOSES: Final[Mapping[str, str]] = {
    "overdue": N_("Overdue"),
    "month": N_("This month"),
    "quarter": N_("This quarter"),
    "next": N_("Next quarter"),
}
LONGEST_TEXT: Final = 100
_ME: Final = "me"
_NOBODY: Final = "none"


@dataclass(frozen=True, slots=True)
class Chosen:
    """`owner` is "me", "none" or the id of a person; `closes` one of CLOSES."""

    pipeline: str = ""
    owner: str = ""
    team: str = ""
    text: str = ""
    closes: str = ""
    stuck: bool = False
    sort: Sorting = "newest"

    def at(self, path: str) -> str:
        """The address that shows the same."""
        query = {
            "pipeline": self.pipeline,
            "owner": self.owner,
            "team": self.team,
            "text": self.text,
            "closes": self.closes,
            "stuck": "1" if self.stuck else "",
            "sort": "" if self.sort == "newest" else self.sort,
        }
        return address(path, query)

    def wanted(self, me: int | None, today: date) -> BoardFilter:
        found = BoardFilter(text=self.text or None, stuck=self.stuck)
        if self.owner == _NOBODY:
            found = replace(found, no_owner=True)
        elif self.owner:
            found = replace(found, owner_id=me if self.owner == _ME else int(self.owner))
        if self.team:
            found = replace(found, team_id=int(self.team))
        begins, ends = _days(self.closes, today)
        return replace(found, closes_from=begins, closes_until=ends)

    @property
    def narrows(self) -> bool:
        return bool(self.owner or self.team or self.text or self.closes or self.stuck)


def chosen_of(query: Mapping[str, str]) -> Chosen:
    """What an address asks for; what cannot be meant is left out."""
    owner, team = query.get("owner", ""), query.get("team", "")
    closes, sort = query.get("closes", ""), query.get("sort", "")
    return Chosen(
        pipeline=query.get("pipeline", "")[:LONGEST_TEXT],
        owner=owner if owner in (_ME, _NOBODY) or _is_id(owner) else "",
        team=team if _is_id(team) else "",
        text=query.get("text", "").replace("\x00", "").strip()[:LONGEST_TEXT],
        closes=closes if closes in CLOSES else "",
        stuck=query.get("stuck") == "1",
        sort=cast(Sorting, sort) if sort in get_args(Sorting) else "newest",
    )


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and 0 < len(text) < 19


def _days(closes: str, today: date) -> tuple[date | None, date | None]:
    """The first and the last day."""
    quarter = first_day(today, "quarter")
    match closes:
        case "overdue":
            return None, today - timedelta(days=1)
        case "month":
            first = first_day(today, "month")
            return first, _before(add_to_date(first, Span(months=1)))
        case "quarter":
            return quarter, _before(add_to_date(quarter, Span(months=3)))
        case "next":
            after = add_to_date(quarter, Span(months=3))
            return after, _before(add_to_date(quarter, Span(months=6)))
        case _:
            return None, None


def _before(day: date) -> date:
    return day - timedelta(days=1)
