"""A calendar drawn as a month, and asking it when so many working hours are over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from babel.dates import format_date, get_day_names
from nicegui import ui

from designer.asking import plain_button
from designer.calendars.month import Day, hours_text, minutes_of, month_of, moved
from designer.i18n import N_
from designer.ladders.fields import unit_words
from designer.ladders.rungs import sign_button
from designer.ladders.span_words import span_words
from designer.people.moments import BadMoment, day_field, moment_of, time_field
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import block, card, chip, icon, words
from engine.local_time import local, local_date, parse_span
from engine.working_time import (
    NoWorkingTime,
    WorkingCalendar,
    add_working_time,
    is_working,
)

WHY: Final[dict[str, str]] = {
    "week": N_("worked"),
    "off": N_("off"),
    "holiday": N_("public holiday"),
    "worked": N_("worked in place of a holiday"),
    "exception": N_("a day of its own"),
}
Built = Callable[[], WorkingCalendar | None]


class MonthView:
    """`built` gives the calendar as it is written now, None while it has mistakes."""

    def __init__(self, designer: Designer, visitor: Visitor, built: Built) -> None:
        self._visitor, self._built = visitor, built
        self._today = local_date(designer.now(), visitor.zone)
        self._year, self._month = self._today.year, self._today.month
        t = visitor.t
        with card() as place:
            place.mark("month")
            with block("cz-card__head"):
                sign_button(t("Month before"), "chevron_left", lambda: self._go(-1)).mark("before")
                self._title = words("", "cz-h2", tag="h2")
                sign_button(t("Next month"), "chevron_right", lambda: self._go(1)).mark("next")
            self._grid = block("cal-month")
            self._sum = words("", "cz-soft cz-small cz-pad", tag="p")
            with block("cz-row cz-pad cal-legend"):
                for key, said in WHY.items():
                    with block("cz-row cz-tight"):
                        block(f"cal-dot is-{key}")
                        words(t(said), "cz-small cz-soft")

    def _go(self, by: int) -> None:
        self._year, self._month = moved(self._year, self._month, by)
        self.draw()

    def draw(self) -> None:
        t, visitor, calendar = self._visitor.t, self._visitor, self._built()
        first = date(self._year, self._month, 1)
        pattern = "y年M月" if t.short == "zh" else "MMMM y"
        self._title.set_text(str(format_date(first, pattern, locale=visitor.formats.locale)))
        self._grid.clear()
        if calendar is None:
            self._sum.set_text(t("Mend the mistakes to see the month."))
            return
        weeks = month_of(calendar, self._year, self._month)
        with self._grid:
            names = get_day_names("abbreviated", locale=visitor.formats.locale)
            for at in range(7):
                words(str(names[at]), "cal-weekday cz-soft cz-small")
            for week in weeks:
                for day in week:
                    self._day(day)
        inside = [day for week in weeks for day in week if day.inside]
        worked = sum(1 for day in inside if day.hours)
        hours = sum(minutes_of(day.hours) for day in inside) / 60
        text = t("{days} working days, {hours} hours", days=worked, hours=f"{hours:,.1f}")
        self._sum.set_text(text)

    def _day(self, day: Day) -> None:
        t = self._visitor.t
        classes = f"cal-day is-{day.why}" + ("" if day.inside else " is-beside")
        classes += " is-today" if day.date == self._today else ""
        classes += "" if day.hours else " is-closed"
        with block(classes) as place:
            said = f"{self._visitor.formats.day(day.date)}: {t(WHY[day.why])}"
            place.props["title"] = said
            words(str(day.date.day), "cal-number")
            if day.hours:
                words(hours_text(day.hours), "cal-hours")
            words(said, "visually-hidden")


class Probe:
    """ "So much working time from then is ..."."""

    def __init__(self, designer: Designer, visitor: Visitor, built: Built) -> None:
        self._visitor, self._built = visitor, built
        self._zone = designer.runtime.shared.default_zone
        t = visitor.t
        now = local(designer.now(), visitor.zone)
        with card(t("Ask it")) as place, block("cz-pad cz-stack"):
            place.mark("probe")
            with block("cal-probe"):
                self._count = ui.number(t("How much"), value=5, min=1, max=1000, precision=0)
                self._unit = ui.select(unit_words(t), value="h", label=t("of working time"))
                self._day = day_field(t("Beginning on"), now.date())
                self._clock = time_field(t("At"), f"{now:%H:%M}")
                for field in (self._count, self._unit):
                    field.props("outlined dense").classes("cz-field full-width")
            with block("cz-row"):
                plain_button(t("Show"), self.ask, symbol="schedule").mark("probe-go")
            self._answer = block("cz-stack cz-tight").mark("probe-answer")
            self._answer.props["aria-live"] = "polite"

    def ask(self) -> None:
        t, visitor, calendar = self._visitor.t, self._visitor, self._built()
        self._answer.clear()
        with self._answer:
            if calendar is None:
                words(t("Mend the mistakes first."), "cz-bad")
                return
            text = f"{int(self._count.value or 1)}{self._unit.value}"
            try:
                begins = moment_of(self._day.value, self._clock.value, visitor.zone)
                ends = add_working_time(begins, parse_span(text), calendar, self._zone)
            except BadMoment as error:
                words(t(error.message), "cz-bad")
                return
            except NoWorkingTime:
                words(t("Nobody ever works in this calendar."), "cz-bad")
                return
            span = span_words(text, t, working=True)
            at = visitor.formats.weekday_moment(ends)
            with block("cz-row"):
                icon("event_available", "20px")
                words(t("{span} later is {moment}.", span=span, moment=at), "cz-strong")
            there = calendar.zone_for(self._zone)
            if there != visitor.zone:
                moment = visitor.formats.weekday_moment(ends, there)
                words(t("There ({zone}): {moment}", zone=there, moment=moment), "cz-soft cz-small")
            waited = ends - begins
            words(
                t("That is {span} of the clock.", span=visitor.formats.span(waited)),
                "cz-soft cz-small",
            )
            if not is_working(begins, calendar, self._zone):
                chip(t("Nobody works when it begins."), "warn")
            if waited > timedelta(days=365):
                chip(t("That is more than a year."), "warn")
