"""The form of a calendar: hours of the week, place of the holidays, single days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import get_day_names
from nicegui import ui

from designer.calendars.day_hours import DayHours
from designer.calendars.week_text import week_of
from designer.ladders.rungs import sign_button, small_button
from designer.people.moments import day_field
from designer.problem_words import problem_words
from designer.visitor import Visitor
from designer.widgets import Words, block, words
from engine.errors import Problem
from engine.local_time import zone_names
from engine.services.calendars.document import WEEKDAYS
from engine.services.calendars.editing import NewCalendar
from engine.services.calendars.public_holidays import countries, subdivisions


@dataclass(frozen=True, slots=True)
class _Single:
    day: ui.input
    hours: DayHours
    wrong: Words
    line: ui.element


class CalendarForm:
    """`on_change` is called while somebody types; `given` is what the form says then."""

    def __init__(self, visitor: Visitor, begun: NewCalendar, *, new: bool, may_edit: bool) -> None:
        self._visitor, self._begun, self._may = visitor, begun, may_edit
        self.on_change: Callable[[], None] = lambda: None
        self._places: dict[str, Words] = {}
        self._singles: list[_Single] = []
        t = visitor.t
        self._name = self._field(ui.input(t("Short name"), value=begun.name), "/name")
        self._name.props("maxlength=63").mark("calendar-name")
        if not new:
            self._name.disable()
        self._label = self._field(ui.input(t("Display name"), value=begun.label or ""), "/label")
        self._label.props("maxlength=200").mark("calendar-label")
        self._default = ui.checkbox(t("The default calendar"), value=begun.is_default)
        self._default.mark("calendar-default")
        if begun.is_default or not may_edit:
            self._default.disable()
        self._week()
        self._place()
        words(t("Single days"), "cz-strong cal-section")
        words(t("They go before the week and the holidays."), "cz-soft cz-small")
        self._days = block("cz-stack cz-tight")
        for key, hours in sorted(begun.exceptions.items()):
            self._single(key, hours)
        if may_edit:
            small_button(t("Add a day"), "add", self._another).mark("add-day")
        self._wrong("/exceptions")

    def _field(self, field: Any, place: str) -> Any:
        field.props("outlined dense debounce=300").classes("cz-field full-width")
        field.on_value_change(lambda: self.on_change())
        if not self._may:
            field.disable()
        self._wrong(place)
        return field

    def _wrong(self, place: str) -> None:
        self._places[place] = words("", "cz-bad cz-small lad-wrong")

    def _week(self) -> None:
        t, visitor = self._visitor.t, self._visitor
        names = get_day_names("wide", locale=visitor.formats.locale)
        words(t("Hours of the week"), "cz-strong cal-section")
        said = t("A day may have several. Over midnight they stand on both days; 00:00 ends a day.")
        words(said, "cz-soft cz-small")
        self._hours: dict[str, DayHours] = {}
        for at, key in enumerate(WEEKDAYS):
            self._hours[key] = self._hours_of(str(names[at]), self._begun.hours.get(key), key)
            self._wrong(f"/hours/{key}")
        self._wrong("/hours")
        if self._may:
            small_button(t("Monday's hours until Friday"), "content_copy", self._copy).mark(
                "copy-monday"
            )

    def _hours_of(self, name: str, hours: Any, mark: str) -> DayHours:
        return DayHours(
            self._visitor,
            name,
            hours,
            may_edit=self._may,
            on_change=lambda: self.on_change(),
            mark=mark,
        )

    def _copy(self) -> None:
        monday = self._hours["mon"].given()
        for key in WEEKDAYS[1:5]:
            self._hours[key].put(monday)
        self.on_change()

    def _place(self) -> None:
        t, begun = self._visitor.t, self._begun
        words(t("Where"), "cz-strong cal-section")
        zones = {"": t("Where each contact lives"), **{one: one for one in sorted(zone_names())}}
        zone = begun.zone if begun.zone in zones else ""
        select = ui.select(zones, label=t("Time zone"), value=zone, with_input=True)
        self._zone = self._field(select, "/zone")
        lands = {"": t("No public holidays"), **_countries(self._visitor)}
        land = begun.country if begun.country in lands else ""
        select = ui.select(lands, label=t("Public holidays of"), value=land, with_input=True)
        self._country = self._field(select, "/country").mark("country")
        parts = self._parts(land)
        part = begun.subdivision if begun.subdivision in parts else ""
        select = ui.select(parts, label=t("Part of the country"), value=part)
        self._part = self._field(select, "/subdivision")
        self._country.on_value_change(self._other_country)

    def _parts(self, country: str | None) -> dict[str, str]:
        t = self._visitor.t
        known = subdivisions(country) if country else []
        return {"": t("The whole country"), **{one: one for one in known}}

    def _other_country(self) -> None:
        self._part.set_options(self._parts(self._country.value), value="")

    def _another(self) -> None:
        self._single("", ()).day.run_method("focus")

    def _single(self, key: str, hours: Any) -> _Single:
        t = self._visitor.t
        with self._days, block("cal-single") as line:
            with block("cal-single__day"):
                day = day_field(t("Day"), _day(key)).mark("single-day")
                day.on_value_change(lambda: self.on_change())
                if self._may:
                    sign_button(t("Remove this day"), "close", lambda: self._gone(single))
                else:
                    day.disable()
            single = _Single(
                day,
                self._hours_of("", hours, "single"),
                words("", "cz-bad cz-small lad-wrong"),
                line,
            )
        self._singles.append(single)
        return single

    def _gone(self, single: _Single) -> None:
        self._singles.remove(single)
        single.line.delete()
        self.on_change()

    def given(self) -> NewCalendar:
        exceptions = {
            str(one.day.value): one.hours.given() for one in self._singles if one.day.value
        }
        return NewCalendar(
            name=str(self._name.value or "").strip(),
            hours=week_of({key: day.given() for key, day in self._hours.items()}),
            label=str(self._label.value or "").strip() or None,
            zone=self._zone.value or None,
            country=self._country.value or None,
            subdivision=self._part.value or None,
            exceptions=exceptions,
            is_default=bool(self._default.value),
        )

    def lost(self) -> list[Problem]:
        """Single days that would be lost: one that stands there twice, or has no date."""
        found = []
        often = Counter(str(one.day.value) for one in self._singles if one.day.value)
        for day, count in often.items():
            if count > 1:
                found.append(Problem(f"/exceptions/{day}", "twice", "this day is there twice."))
        if any(one.hours.given() and not one.day.value for one in self._singles):
            found.append(Problem("/exceptions", "no_day", "hours without a day: choose the day."))
        return found

    def show(self, problems: Sequence[Problem]) -> None:
        """Each mistake at its field; of a shift at its day."""
        lines = self._places | {f"/exceptions/{one.day.value}": one.wrong for one in self._singles}
        said: dict[str, list[str]] = {place: [] for place in lines}
        for one in problems:
            place = one.place
            while place and place not in said:
                place = place.rpartition("/")[0]
            told = problem_words("form", one.code, one.message, self._visitor.t)
            said[place if place in said else "/hours"].append(told)
        for place, line in lines.items():
            line.set_text(" ".join(said[place]))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _countries(visitor: Visitor) -> dict[str, str]:
    """Codes with the names of countries in the reader's language."""
    known = visitor.formats.locale.territories
    named = {code: str(known.get(code, code)) for code in countries()}
    return dict(sorted(named.items(), key=lambda item: item[1].casefold()))
