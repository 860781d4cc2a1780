"""The calendars of working hours that promises are counted by."""

from __future__ import annotations

from typing import Any

from babel.dates import get_day_names

from designer.calendars.week_text import text_of
from designer.components.data_table import Cell, Column, DataTable, Row
from designer.page import page
from designer.people.addresses import CALENDARS, calendar_at
from designer.runtime import Designer
from designer.shell import frame
from designer.visitor import Visitor, current
from designer.widgets import block, button_link, empty_state, words
from engine.services.actor import may
from engine.services.calendars.document import WEEKDAYS
from engine.services.calendars.editing import list_calendars


def register(designer: Designer) -> None:
    @page(CALENDARS)
    async def calendars() -> None:
        visitor, t = current(), current().t
        async with designer.transaction() as session:
            found = await list_calendars(session, visitor.somebody)
        may_edit = may(visitor.somebody, "edit", "calendar")
        with frame(CALENDARS, t("Calendars"), styles=("people.css",)) as actions:
            if may_edit:
                with actions:
                    link = button_link(f"{CALENDARS}/new", t("New calendar"), "add", main=True)
                    link.mark("new-calendar")
            with block("cz-stack"):
                with block("cz-card"):
                    if found:
                        rows = [_row(one, visitor) for one in found]
                        DataTable(t("Calendars"), _columns(visitor), rows)
                    else:
                        text = t("Promises such as “within 4 working hours” are counted by them.")
                        empty_state("calendar_month", t("No calendar yet"), text)
                note = t("People work by their own calendar, else their team's, else the default.")
                words(note, "cz-soft cz-small")


def _columns(visitor: Visitor) -> list[Column]:
    t = visitor.t
    return [
        Column(t("Calendar")),
        Column(t("Hours"), wraps=True),
        Column(t("Time zone")),
        Column(t("Public holidays of")),
        Column(t("Single days"), "right"),
        Column(t("State")),
    ]


def _row(one: Any, visitor: Visitor) -> Row:
    t, here = visitor.t, calendar_at(one.name)
    known = visitor.formats.locale.territories
    place = str(known.get(one.country, one.country)) if one.country else ""
    return Row(
        (
            Cell(one.label, here, sub=one.name),
            Cell(_week(one.hours, visitor)),
            Cell(one.zone or t("Where each contact lives")),
            Cell(place, sub=one.subdivision or ""),
            Cell(str(len(one.exceptions)) if one.exceptions else ""),
            Cell(t("Default") if one.is_default else "", tone="accent" if one.is_default else None),
        ),
        here,
    )


def _week(hours: Any, visitor: Visitor) -> str:
    """Neighbouring days with the same hours together: "Mon-Fri 09:00-18:00"."""
    names = get_day_names("abbreviated", locale=visitor.formats.locale)
    groups: list[tuple[int, int, str]] = []
    for at, key in enumerate(WEEKDAYS):
        text = text_of(hours.get(key))
        if groups and groups[-1][2] == text and groups[-1][1] == at - 1:
            groups[-1] = (groups[-1][0], at, text)
        else:
            groups.append((at, at, text))
    said = []
    for first, last, text in groups:
        if text:
            days = str(names[first]) if first == last else f"{names[first]}-{names[last]}"
            said.append(f"{days} {text}")
    return "; ".join(said)
