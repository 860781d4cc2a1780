"""A month of sending as a calendar: each day a button with its total, its flows, its warnings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from babel.dates import format_date, get_day_names

from designer.visitor import Visitor
from designer.widgets import block, icon, words
from engine.services.boards import CalendarDay, SendCalendar

# Flows with a colour of their own; the others share the last.
COLOURS: Final = 6


class Month:
    """`chosen` is told of the day that was clicked."""

    def __init__(
        self, found: SendCalendar, month: date, visitor: Visitor, chosen: Callable[[date], None]
    ) -> None:
        self._found, self._month, self._visitor, self._chosen = found, month, visitor, chosen
        self._crowded = Counter(one.day for one in found.crowded)
        self._colours = colours_of(found)
        self._build()

    def _build(self) -> None:
        t = self._visitor.t
        names = get_day_names("abbreviated", locale=self._visitor.formats.locale)
        with block("cz-month", tag="ul") as grid:
            grid.props["aria-label"] = t("Days of the month")
            for place in range(7):
                head = words(str(names[place]), "cz-month__head", tag="li")
                head.props["aria-hidden"] = "true"
            for day in self._found.days:
                with block(tag="li").style("display: grid"):
                    self._day(day)
        self._key()

    def _day(self, day: CalendarDay) -> None:
        classes = "cz-day"
        classes += " is-other" if day.day.month != self._month.month else ""
        classes += " is-today" if day.day == self._found.today else ""
        classes += " is-past" if day.day < self._found.today else ""
        t, number = self._visitor.t, self._visitor.formats.number
        with block(classes, tag="button") as place:
            place.mark(f"day-{day.day.isoformat()}")
            place.props["type"] = "button"
            place.props["aria-label"] = self._told(day)
            place.on("click", lambda: self._chosen(day.day), args=[])
            with block("cz-day__number"):
                words(str(day.day.day), tag="b")
                if self._crowded[day.day]:
                    with block("cz-day__warn", tag="span"):
                        icon("warning", "14px")
                        words(number(self._crowded[day.day]))
            if day.total:
                words(number(day.total), "cz-day__total", tag="span")
                self._bar(day)
            for flow in day.lets_in[:1]:
                text = t("lets in: {flow}", flow=self._found.labels.get(flow, flow))
                words(text, "cz-day__note", tag="span")

    def _bar(self, day: CalendarDay) -> None:
        counts = Counter(day.sent) + Counter(day.most)
        with block("cz-day__bar", tag="span"):
            for flow, count in sorted(counts.items(), key=lambda one: self._colours[one[0]]):
                part = block(f"cz-flow-{self._colours[flow]}", tag="span")
                part.style(f"width: {round(count / day.total * 100, 1)}%")

    def _told(self, day: CalendarDay) -> str:
        """What a screen reader says of the day."""
        t, formats = self._visitor.t, self._visitor.formats
        said = t(
            "{day}: {count} messages", day=formats.day(day.day), count=formats.number(day.total)
        )
        if self._crowded[day.day]:
            said += ". " + t("{count} people get many", count=self._crowded[day.day])
        for flow in day.lets_in:
            said += ". " + t("lets in: {flow}", flow=self._found.labels.get(flow, flow))
        return said

    def _key(self) -> None:
        with block("cz-key"):
            for flow, colour in self._colours.items():
                if colour < COLOURS:
                    with block(tag="span"):
                        block(f"cz-flow-{colour}", tag="i")
                        words(self._found.labels.get(flow, flow))
            if any(colour == COLOURS for colour in self._colours.values()):
                with block(tag="span"):
                    block(f"cz-flow-{COLOURS}", tag="i")
                    words(self._visitor.t("Other flows"))


def colours_of(found: SendCalendar) -> Mapping[str, int]:
    """Places of flows, those with most messages first."""
    totals: Counter[str] = Counter()
    for day in found.days:
        totals.update(day.sent)
        totals.update(day.most)
    ranked = [flow for flow, _ in totals.most_common()]
    return {flow: min(place, COLOURS) for place, flow in enumerate(ranked)}


def shown_days(month: date) -> tuple[date, date]:
    """Whole weeks, from the Monday before the month to the Sunday after it."""
    first = month.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    last = following - timedelta(days=1)
    return first - timedelta(days=first.weekday()), last + timedelta(days=6 - last.weekday())


def month_of(written: str, today: date) -> date:
    """The first of the month that is asked for, such as 2026-03; this one when it is not
    understood."""
    try:
        month = date.fromisoformat(f"{written}-01")
    except ValueError:
        return today.replace(day=1)
    return month if 1990 <= month.year <= 2200 else today.replace(day=1)


def month_words(month: date, visitor: Visitor) -> str:
    pattern = "y年M月" if visitor.language == "zh-CN" else "MMMM y"
    return str(format_date(month, pattern, locale=visitor.formats.locale))


def day_lines(day: CalendarDay) -> Sequence[tuple[str, int, int, int]]:
    """(flow, sent, coming at least, coming at most), those with most first."""
    flows = {*day.sent, *day.most}
    found = [
        (flow, day.sent.get(flow, 0), day.least.get(flow, 0), day.most.get(flow, 0))
        for flow in flows
    ]
    return sorted(found, key=lambda one: (-(one[1] + one[3]), one[0]))
