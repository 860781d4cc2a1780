"""One calendar: its week, its holidays and single days, drawn as a month while it is written."""

from __future__ import annotations

from functools import partial

from nicegui import ui

from designer.asking import plain_button
from designer.calendars.drawing import MonthView, Probe
from designer.calendars.form import CalendarForm
from designer.page import page
from designer.people.addresses import CALENDARS, calendar_at
from designer.problem_words import refusal_words
from designer.runtime import Designer
from designer.shell import frame
from designer.visitor import Visitor, current
from designer.widgets import ask_to_sign_in, block, card, chip, notice, words
from engine.errors import CadenzaError, NotSignedIn, Problem, Refused
from engine.services.actor import allowed, may
from engine.services.calendars.document import read_exceptions, read_week
from engine.services.calendars.editing import NewCalendar, get_calendar, put_calendar
from engine.services.calendars.public_holidays import special_days
from engine.working_time import WorkingCalendar

_BLANK = NewCalendar("", {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")})


def register(designer: Designer) -> None:
    @page(f"{CALENDARS}/new")
    async def new() -> None:
        visitor = current()
        allowed(visitor.somebody, "edit", "calendar")
        _Room(designer, visitor, _BLANK, new=True).build()

    @page(f"{CALENDARS}/{{name}}")
    async def calendar(name: str) -> None:
        visitor = current()
        async with designer.transaction() as session:
            row = await get_calendar(session, visitor.somebody, name)
        begun = NewCalendar(
            row.name,
            row.hours,
            row.label,
            row.zone,
            row.country,
            row.subdivision,
            row.exceptions,
            row.is_default,
        )
        _Room(designer, visitor, begun, new=False).build()


class _Room:
    def __init__(
        self, designer: Designer, visitor: Visitor, begun: NewCalendar, *, new: bool
    ) -> None:
        self._designer, self._visitor = designer, visitor
        self._begun, self._new = begun, new
        self._may = may(visitor.somebody, "edit", "calendar")

    def build(self) -> None:
        t, begun = self._visitor.t, self._begun
        title = t("New calendar") if self._new else begun.label or begun.name
        trail = [(CALENDARS, t("Calendars"))]
        styles = ("people.css", "ladders.css")
        with frame(CALENDARS, title, trail=trail, styles=styles) as actions:
            if begun.is_default:
                with actions:
                    chip(t("The default calendar"), "accent")
            with block("cal-room"):
                with card(t("Working hours")) as place, block("cz-pad cz-stack cz-tight"):
                    place.mark("calendar-form")
                    self._form = CalendarForm(
                        self._visitor, begun, new=self._new, may_edit=self._may
                    )
                    self._told = block("cz-stack cz-tight")
                    self._told.props["aria-live"] = "polite"
                    if self._may:
                        note = t("Open deals, tickets, approvals and cases count anew by it.")
                        words(note, "cz-soft cz-small")
                        save = plain_button(t("Save"), self._save, main=True, symbol="save")
                        save.mark("save-calendar")
                with block("cz-stack"):
                    self._month = MonthView(self._designer, self._visitor, self._built)
                    Probe(self._designer, self._visitor, self._built)
        self._form.on_change = self._changed
        self._changed()

    def _built(self) -> WorkingCalendar | None:
        """The calendar as it is written now."""
        given, problems = self._form.given(), list[Problem]()
        week = read_week(given.hours, problems)
        exceptions = read_exceptions(dict(given.exceptions), problems)
        if problems:
            return None
        holidays = partial(special_days, given.country, given.subdivision)
        return WorkingCalendar(week, exceptions, holidays, given.zone)

    def _changed(self) -> None:
        given, problems = self._form.given(), self._form.lost()
        read_week(given.hours, problems)
        read_exceptions(dict(given.exceptions), problems)
        self._form.show(problems)
        self._month.draw()

    async def _save(self) -> None:
        designer, t, given = self._designer, self._visitor.t, self._form.given()
        self._told.clear()
        if lost := self._form.lost():
            self._form.show(lost)
            return
        try:
            actor = await designer.actor(self._visitor.token)
            async with designer.transaction() as session:
                await put_calendar(session, actor, given, designer.now())
        except NotSignedIn:
            ask_to_sign_in()
            return
        except Refused as refused:
            self._form.show(refused.problems)
            self._tell(refused)
            return
        except CadenzaError as error:
            self._tell(error)
            return
        designer.runtime.pokes.clocks()
        if self._new:
            ui.navigate.to(calendar_at(given.name))
            return
        with self._told:
            notice(t("Saved. Whoever waits by it waits by the new hours."))

    def _tell(self, error: CadenzaError) -> None:
        with self._told:
            notice(refusal_words(error, self._visitor.t), "bad", "error_outline")
