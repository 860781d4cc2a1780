"""What messages brought about: figures, links, and when people answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from nicegui import ui
from starlette.requests import Request

from designer.asking import plain_button
from designer.components.filter_tabs import address, filter_tabs
from designer.i18n.translator import N_
from designer.message_figures import links_card, response_cards, results_table, tiles
from designer.page import page
from designer.runtime import Designer
from designer.sender_actions import sender_notices
from designer.shell import frame
from designer.visitor import Visitor, current
from designer.widgets import anchor, block, card, empty_state, icon, words
from engine.services.message_results import (
    Question,
    csv_of,
    link_results,
    message_results,
    response,
)
from engine.services.sender_health import list_domains

PATH: Final = "/message-results"
BY: Final[Mapping[str, str]] = {
    "message": N_("Message"),
    "template": N_("Template"),
    "version": N_("Version"),
    "flow": N_("Flow"),
    "variant": N_("Variant"),
    "language": N_("Language"),
    "domain": N_("Sender"),
    "day": N_("Day"),
}
PERIODS: Final[Mapping[str, tuple[int | None, str]]] = {
    "7": (7, N_("7 days")),
    "30": (30, N_("30 days")),
    "90": (90, N_("90 days")),
    "all": (None, N_("Always")),
}
USUAL_PERIOD: Final = "30"
_LINKS: Final = 20


def register(designer: Designer) -> None:
    @page(PATH)
    async def results(request: Request) -> None:
        await _Room(designer, current(), query_of(request)).build()


def query_of(request: Request) -> dict[str, str | None]:
    asked = {
        name: (request.query_params.get(name) or "")[:200] or None
        for name in ("by", "period", "flow", "template")
    }
    if asked["by"] not in BY or asked["by"] == "message":
        asked["by"] = None
    if asked["period"] not in PERIODS or asked["period"] == USUAL_PERIOD:
        asked["period"] = None
    return asked


class _Room:
    def __init__(self, designer: Designer, visitor: Visitor, query: dict[str, str | None]) -> None:
        self.designer = designer
        self.visitor = visitor
        self.query = query
        days, _ = PERIODS[query["period"] or USUAL_PERIOD]
        since = designer.now() - timedelta(days=days) if days else None
        self.question = Question(
            query["by"] or "message", query["flow"], None, query["template"], since
        )

    async def build(self) -> None:
        t, somebody = self.visitor.t, self.visitor.somebody
        async with self.designer.transaction() as session:
            found = await message_results(session, somebody, self.question)
            total = await message_results(session, somebody, _all(self.question))
            links = await link_results(session, somebody, self.question, limit=_LINKS)
            zone = self.designer.runtime.settings.company.default_zone
            answers = await response(session, somebody, self.question, self.designer.now(), zone)
            domains = await list_domains(session, somebody, self.designer.now())
        trail = [("/messages", t("Messages"))]
        with frame("/messages", t("Message results"), trail=trail) as actions:
            with actions:
                plain_button("CSV", self._download, symbol="download").mark("csv")
            with block("cz-stack"):
                sender_notices(self.designer, self.visitor, domains)
                self._filters()
                if not found:
                    empty_state(
                        "insights",
                        t("Nothing was sent in this time"),
                        t("Figures appear here as soon as messages are sent."),
                        link=("/messages", t("Show all messages")),
                    )
                    return
                tiles(total[0], self.visitor)
                with card(t("Figures")):
                    results_table(found, self.question.columns, self.visitor)
                    words(_how(self.visitor), "cz-soft cz-small cz-pad", tag="p")
                with block("cz-grid"):
                    response_cards(answers, self.visitor)
                    links_card(links, self.visitor)

    def _filters(self) -> None:
        t, query = self.visitor.t, self.query
        with block("cz-row"):
            periods = [
                (None if key == USUAL_PERIOD else key, t(name))
                for key, (_, name) in PERIODS.items()
            ]
            filter_tabs(t("Time"), PATH, query, "period", periods)
            choices = [(None if key == "message" else key, t(name)) for key, name in BY.items()]
            filter_tabs(t("Compare by"), PATH, query, "by", choices)
            for name, text in (("flow", N_("Flow: {flow}")), ("template", N_("Template: {name}"))):
                if query[name]:
                    said = t(text, flow=query[name], name=query[name])
                    self._dropped(name, said)

    def _dropped(self, name: str, text: str) -> None:
        link = anchor(address(PATH, {**self.query, name: None}), classes="cz-chip is-accent")
        with link:
            words(text)
            icon("close", "14px")
        link.props["aria-label"] = self.visitor.t("Drop the filter “{filter}”", filter=text)

    async def _download(self) -> None:
        actor = await self.designer.actor(self.visitor.token)
        async with self.designer.transaction() as session:
            found = await message_results(session, actor, self.question)
        text = csv_of(found, self.question.columns)
        # a spreadsheet knows by the mark that the file is UTF-8
        ui.download.content(text.encode("utf-8-sig"), "message-results.csv", "text/csv")


def _all(question: Question) -> Question:
    return Question("all", question.flow, None, question.template, question.since)


def _how(visitor: Visitor) -> str:
    return visitor.t(
        "Each message counts once. Rates are of the messages that did not come back; a dash stands "
        "for what nobody reports. A goal belongs to the last message before it."
    )
