"""The send calendar: how many messages go on which day, and who gets more than the caps allow."""

from __future__ import annotations

from datetime import date, timedelta

from starlette.requests import Request

from designer.components.data_table import Cell, Column, DataTable, Row
from designer.dashboards.month import Month, day_lines, month_of, month_words, shown_days
from designer.page import page
from designer.runtime import Designer
from designer.shell import frame
from designer.visitor import Visitor, current
from designer.widgets import anchor, block, button_link, card, empty_state, icon, words
from engine.local_time import local_date
from engine.services.boards import CalendarDay, SendCalendar, Stretch, send_calendar

PATH = "/send-calendar"


def register(designer: Designer) -> None:
    @page(PATH)
    async def calendar(request: Request) -> None:
        visitor = current()
        zone = designer.runtime.settings.company.default_zone
        today = local_date(designer.now(), zone)
        month = month_of(request.query_params.get("month", "")[:7], today)
        stretch = Stretch(*shown_days(month), zone)

        async def question() -> SendCalendar:
            async with designer.transaction() as session:
                return await send_calendar(
                    session, visitor.somebody, designer.plans, stretch, designer.now()
                )

        key = ("send-calendar", stretch, visitor.somebody.sight)
        found = await designer.pulses.ask(key, question)
        _Room(visitor, found, month).build()


class _Room:
    def __init__(self, visitor: Visitor, found: SendCalendar, month: date) -> None:
        self.visitor, self.found, self.month = visitor, found, month

    def build(self) -> None:
        t = self.visitor.t
        trail = [("/dashboards", t("Dashboards"))]
        with (
            frame("/dashboards", t("Send calendar"), trail=trail, styles=("dashboards.css",)),
            block("cz-stack"),
        ):
            self._months()
            words(
                t(
                    "Days gone by show what was sent; days to come what is planned for those who "
                    "are in flows now, counted as if everybody may be written to."
                ),
                "cz-soft",
                tag="p",
            )
            if not any(day.total for day in self.found.days):
                self._nothing()
            with block("cz-dash__wide"):
                with block("cz-stack"):
                    Month(self.found, self.month, self.visitor, self._choose)
                with block("cz-stack"):
                    self._day_place = block()
                    self._crowd()
            self._show(next((d for d in self.found.days if d.day == self.found.today), None))

    def _months(self) -> None:
        t = self.visitor.t
        before = (self.month - timedelta(days=1)).replace(day=1)
        after = (self.month + timedelta(days=32)).replace(day=1)
        with block("cz-row"):
            for month, symbol, name in (
                (before, "chevron_left", t("Month before")),
                (after, "chevron_right", t("Month after")),
            ):
                with anchor(f"{PATH}?month={month:%Y-%m}", classes="cz-button") as link:
                    link.props["aria-label"] = name
                    icon(symbol, "20px")
            words(month_words(self.month, self.visitor), "cz-h2", tag="h2")
            if self.month != self.found.today.replace(day=1):
                button_link(PATH, t("This month"))

    def _nothing(self) -> None:
        t = self.visitor.t
        empty_state(
            "calendar_month",
            t("No messages in this month"),
            t("What was sent and what people in flows are waiting for is shown here, by day."),
            link=("/flows", t("Flows")),
        )

    def _choose(self, day: date) -> None:
        self._show(next((one for one in self.found.days if one.day == day), None))

    def _show(self, day: CalendarDay | None) -> None:
        """One day by flow."""
        self._day_place.clear()
        if day is None:
            return
        t, number = self.visitor.t, self.visitor.formats.number
        with self._day_place, card(self.visitor.formats.day(day.day)) as place:
            place.mark("day-shown")
            lines = day_lines(day)
            for flow in day.lets_in:
                label = self.found.labels.get(flow, flow)
                words(t("{flow} lets people in by its schedule.", flow=label), "cz-pad", tag="p")
            if not lines:
                words(t("No messages on this day."), "cz-soft cz-pad", tag="p")
                return
            columns = [
                Column(t("Flow"), wraps=True),
                Column(t("Sent"), "right"),
                Column(t("To come"), "right"),
            ]
            rows = [
                Row(
                    (
                        Cell(self.found.labels.get(flow, flow), f"/flows/{flow}"),
                        Cell(number(sent) if sent else ""),
                        Cell(_between(least, most, self.visitor)),
                    )
                )
                for flow, sent, least, most in lines
            ]
            DataTable(t("Messages of the day"), columns, rows)

    def _crowd(self) -> None:
        t, found = self.visitor.t, self.found
        most = found.most_a_day
        title = (
            t("More than the cap of {count} a day", count=most)
            if found.capped
            else t("More than one marketing message on a day")
        )
        with card(title):
            if not found.crowded:
                said = t("Nobody: everybody gets at most {count} a day.", count=most)
                words(said, "cz-soft cz-pad", tag="p")
                return
            columns = [
                Column(t("Contact")),
                Column(t("Day")),
                Column(t("Sent"), "right"),
                Column(t("To come"), "right"),
            ]
            rows = [
                Row(
                    (
                        Cell(one.name, f"/contacts/{one.contact_id}"),
                        Cell(self.visitor.formats.day(one.day)),
                        Cell(str(one.sent)),
                        Cell(str(one.coming) if one.coming else ""),
                    )
                )
                for one in found.crowded
            ]
            DataTable(title, columns, rows)
            said = (
                t("The sending policy lets what is over the cap wait for another day.")
                if found.capped
                else t("The sending policy has no daily cap.")
            )
            words(said, "cz-soft cz-small cz-pad", tag="p")


def _between(least: int, most: int, visitor: Visitor) -> str:
    if not most:
        return ""
    number = visitor.formats.number
    return number(most) if least == most else f"{number(least)} – {number(most)}"
