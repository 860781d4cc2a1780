"""The form of a calendar: hours of the week, place of the holidays, single days."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from babel.dates import get_day_names
from nicegui import ui

from designer.calendars.week_text import shifts_of, text_of, week_of
from designer.ladders.rungs import sign_button, small_button
from designer.people.moments import day_field
from designer.visitor import Visitor
from designer.widgets import Words, block, words
from engine.errors import Problem
from engine.local_time import zone_names
from engine.services.calendars.document import WEEKDAYS
from engine.services.calendars.editing import NewCalendar
from engine.services.calendars.public_holidays import countries, subdivisions

_HOURS: Final = "09:00-12:30, 13:30-18:00"


@dataclass(slots=True)
class _Single:
    day: ui.input
    hours: ui.input
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
            self._single(key, text_of(hours))
        if may_edit:
            small_button(t("Add a day"), "add", lambda: self._single("", "")).mark("add-day")
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
        words(t("Such as {hours}; empty: nobody works.", hours=_HOURS), "cz-soft cz-small")
        self._hours: dict[str, ui.input] = {}
        for at, key in enumerate(WEEKDAYS):
            shown = text_of(self._begun.hours.get(key))
            field = ui.input(str(names[at]), value=shown)
            self._hours[key] = self._field(field, f"/hours/{key}").mark(f"hours-{key}")
        self._wrong("/hours")
        if self._may:
            small_button(t("Monday's hours until Friday"), "content_copy", self._copy).mark(
                "copy-monday"
            )

    def _copy(self) -> None:
        for key in WEEKDAYS[1:5]:
            self._hours[key].value = self._hours["mon"].value

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

    def _single(self, key: str, hours: str) -> None:
        t = self._visitor.t
        with self._days, block("cz-row cal-single") as line:
            day = day_field(t("Day"), _day(key)).mark("single-day")
            field = ui.input(t("Hours (empty: off)"), value=hours).mark("single-hours")
            field.props("outlined dense debounce=300").classes("cz-field full-width")
            single = _Single(day, field, line)
            if self._may:
                sign_button(t("Remove this day"), "close", lambda: self._gone(single))
            for one in (day, field):
                one.on_value_change(lambda: self.on_change())
                if not self._may:
                    one.disable()
        self._singles.append(single)

    def _gone(self, single: _Single) -> None:
        self._singles.remove(single)
        single.line.delete()
        self.on_change()

    def given(self) -> NewCalendar:
        exceptions = {
            str(one.day.value): shifts_of(str(one.hours.value or ""))
            for one in self._singles
            if one.day.value
        }
        return NewCalendar(
            name=str(self._name.value or "").strip(),
            hours=week_of({key: str(field.value or "") for key, field in self._hours.items()}),
            label=str(self._label.value or "").strip() or None,
            zone=self._zone.value or None,
            country=self._country.value or None,
            subdivision=self._part.value or None,
            exceptions=exceptions,
            is_default=bool(self._default.value),
        )

    def show(self, problems: Sequence[Problem]) -> None:
        """Each mistake at its field; of a shift at its day."""
        said: dict[str, list[str]] = {place: [] for place in self._places}
        for one in problems:
            place = one.place
            while place and place not in said:
                place = place.rpartition("/")[0]
            said[place if place in said else "/hours"].append(one.message)
        for place, line in self._places.items():
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
