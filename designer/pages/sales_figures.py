"""What is likely to be won, where deals wait, and who wins how."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from nicegui import ui
from starlette.requests import Request

from designer.asking import plain_button
from designer.components.filter_tabs import filter_tabs
from designer.i18n.translator import N_
from designer.page import page
from designer.runtime import Designer
from designer.sales.figure_charts import (
    SPLITS,
    attainment_chart,
    conversion_chart,
    forecast_chart,
    time_chart,
)
from designer.sales.words import STUCK
from designer.sales_figures import (
    aging_bars,
    aging_card,
    conversion_card,
    forecast_card,
    performance_card,
    sales_tiles,
    targets_card,
)
from designer.shell import frame
from designer.visitor import Visitor, current
from designer.widgets import block, button_link, empty_state
from engine.local_time import Span, add_to_date, first_day, local_date
from engine.services.actor import may
from engine.services.insight import (
    Question,
    aging,
    bottlenecks,
    conversion,
    forecast,
    list_targets,
    performance,
)
from engine.services.insight.asking import read_names
from engine.services.insight.csv_text import performance_lines
from engine.services.insight.tables import usual_day_seconds
from engine.services.message_results.csv_text import table

PATH: Final = "/sales-figures"
PERIODS: Final[Mapping[str, str]] = {
    "quarter": N_("This quarter"),
    "before": N_("Last quarter"),
    "year": N_("This year"),
    "all": N_("Always"),
}
USUAL_PERIOD: Final = "quarter"
BY: Final[Mapping[str, str]] = {
    "owner": N_("Person"),
    "manager": N_("Manager"),
    "team": N_("Team"),
    "product": N_("Product"),
}
USUAL_BY: Final = "owner"
USUAL_SPLIT: Final = "all"
_MONTHS: Final = 6
_OLD_DEALS: Final = 12


def register(designer: Designer) -> None:
    @page(PATH)
    async def sales_figures(request: Request) -> None:
        await _Room(designer, current(), query_of(request)).build()


def query_of(request: Request) -> dict[str, str | None]:
    asked = {
        name: (request.query_params.get(name) or "")[:100] or None
        for name in ("pipeline", "period", "by", "split")
    }
    if asked["period"] not in PERIODS or asked["period"] == USUAL_PERIOD:
        asked["period"] = None
    if asked["by"] not in BY or asked["by"] == USUAL_BY:
        asked["by"] = None
    if asked["split"] not in SPLITS or asked["split"] == USUAL_SPLIT:
        asked["split"] = None
    return asked


class _Room:
    def __init__(self, designer: Designer, visitor: Visitor, query: dict[str, str | None]) -> None:
        self.designer = designer
        self.visitor = visitor
        self.query = query
        self.zone = designer.runtime.settings.company.default_zone
        self.today = local_date(designer.now(), self.zone)
        since, until = period_days(query["period"] or USUAL_PERIOD, self.today)
        self.question = Question(query["pipeline"], since=since, until=until)
        self.by = query["by"] or USUAL_BY
        self.split = query["split"] or USUAL_SPLIT

    async def build(self) -> None:
        t, somebody, now, zone = (
            *(self.visitor.t, self.visitor.somebody),
            *(self.designer.now(), self.zone),
        )
        asked, everything = self.question, Question(self.question.pipeline)
        async with self.designer.transaction() as session:
            pipelines = (await read_names(session)).pipelines.values()
            ahead = await forecast(session, somebody, everything, now, zone, months=_MONTHS)
            split = (
                ahead
                if self.split == USUAL_SPLIT
                else await forecast(
                    session, somebody, everything, now, zone, by=self.split, months=_MONTHS
                )
            )
            stages = await conversion(session, somebody, asked, zone)
            day = await usual_day_seconds(session, self.designer.plans.calendars)
            slow = await bottlenecks(session, somebody, asked, now, zone, day_seconds=day)
            old = await aging(session, somebody, everything, now, zone, limit=_OLD_DEALS)
            people = await performance(session, somebody, asked, zone, by=self.by)
            total = await performance(session, somebody, asked, zone, by="all")
            wanted = (
                await list_targets(session, somebody, zone, period=f"{self.today.year}")
                if may(somebody, "read", "target")
                else []
            )
        with frame(PATH, t("Sales figures"), styles=("sales.css",)) as actions:
            if not pipelines or not (total.items or ahead.groups):
                self._nothing()
                return
            with actions:
                button_link(STUCK, t("Held up"), "hourglass_bottom")
                plain_button("CSV", self._download, symbol="download").mark("csv")
            with block("cz-stack"):
                self._filters([(one.key, self._pipeline(one)) for one in pipelines])
                sales_tiles(total, ahead, self.visitor)
                forecast_chart(split, wanted, self.visitor)
                attainment_chart(wanted, ahead.base_currency, self.visitor)
                forecast_card(ahead, self.visitor)
                with block("cz-grid sl-charts"):
                    conversion_chart(stages, self.visitor)
                    time_chart(slow, self.visitor)
                    aging_bars(old, self.visitor)
                conversion_card(stages, slow, self.visitor)
                performance_card(people, t(BY[self.by]), self.visitor)
                aging_card(old, self.visitor)
                if wanted:
                    targets_card(wanted, self.visitor)

    def _nothing(self) -> None:
        t = self.visitor.t
        empty_state(
            "query_stats",
            t("There are no deals yet"),
            t("Figures appear here as soon as deals are there."),
            link=("/", t("Back to the start")),
        )

    def _pipeline(self, one: object) -> str:
        label, label_zh = getattr(one, "label", ""), getattr(one, "label_zh", None)
        return str(label_zh if self.visitor.t.short == "zh" and label_zh else label)

    def _filters(self, pipelines: list[tuple[str, str]]) -> None:
        t, query = self.visitor.t, self.query
        with block("cz-row"):
            periods = [(None if k == USUAL_PERIOD else k, t(name)) for k, name in PERIODS.items()]
            filter_tabs(t("Time"), PATH, query, "period", periods)
            choices = [(None if k == USUAL_BY else k, t(name)) for k, name in BY.items()]
            filter_tabs(t("Compare by"), PATH, query, "by", choices)
            splits = [(None if k == USUAL_SPLIT else k, t(name)) for k, name in SPLITS.items()]
            filter_tabs(t("Split the forecast by"), PATH, query, "split", splits)
            if len(pipelines) > 1:
                filter_tabs(t("Pipeline"), PATH, query, "pipeline", [(None, t("All")), *pipelines])

    async def _download(self) -> None:
        actor = await self.designer.actor(self.visitor.token)
        async with self.designer.transaction() as session:
            found = await performance(session, actor, self.question, self.zone, by=self.by)
        text = table(performance_lines(found))
        # a spreadsheet knows by the mark that the file is UTF-8
        ui.download.content(text.encode("utf-8-sig"), "sales-figures.csv", "text/csv")


def period_days(period: str, today: date) -> tuple[date | None, date | None]:
    """The first day, and the first after it."""
    this = first_day(today, "quarter")
    match period:
        case "quarter":
            return this, add_to_date(this, Span(months=3))
        case "before":
            return add_to_date(this, Span(months=-3)), this
        case "year":
            first = first_day(today, "year")
            return first, add_to_date(first, Span(months=12))
        case _:
            return None, None
