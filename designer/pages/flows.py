"""All flows with numbers that move while you look."""

from __future__ import annotations

from nicegui import ui

from designer.components.data_table import Cell, Column, DataTable, Row
from designer.live import EVERY_SECONDS
from designer.page import page
from designer.runtime import Designer
from designer.shell import frame
from designer.terms import FLOW_STATES, PURPOSES, term, toned
from designer.visitor import Visitor, current
from designer.widgets import ask_to_sign_in, block, button_link, empty_state, words
from engine.errors import NotSignedIn
from engine.services.actor import may
from engine.services.views.flows import FlowLine, flow_list


def register(designer: Designer) -> None:
    @page("/flows")
    async def flows() -> None:
        visitor = current()
        t = visitor.t

        async def ask() -> tuple[FlowLine, ...]:
            actor = await designer.actor(visitor.token)

            async def question() -> tuple[FlowLine, ...]:
                async with designer.transaction() as session:
                    return await flow_list(session, actor)

            return await designer.pulses.ask(("flows", actor.sight), question)

        lines = await ask()
        with frame("/flows", t("Flows")) as actions, block("cz-stack"):
            if may(visitor.somebody, "create", "flow"):
                with actions:
                    button_link("/new-flow", t("New flow"), "add", main=True)
            if not lines:
                with block("cz-card"):
                    no_flows(visitor)
                return
            with block("cz-card"):
                table = DataTable(t("Flows"), columns(visitor), rows(lines, visitor))
            words(t("Numbers are of now and cover all versions of a flow."), "cz-soft cz-small")

        async def refresh() -> None:
            try:
                table.show_if_changed(rows(await ask(), visitor))
            except NotSignedIn:
                timer.cancel()
                ask_to_sign_in()

        timer = ui.timer(EVERY_SECONDS, refresh, immediate=False)


def no_flows(visitor: Visitor) -> None:
    t = visitor.t
    empty_state(
        "account_tree",
        t("No flows yet"),
        t(
            "A flow is a promise to a customer: who enters, what they receive, how long to wait, "
            "and what happens next. Begin with a ready one, or draw your own."
        ),
        link=("/new-flow", t("New flow")) if may(visitor.somebody, "create", "flow") else None,
    )


def columns(visitor: Visitor) -> list[Column]:
    t = visitor.t
    return [
        Column(t("Flow")),
        Column(t("State")),
        Column(t("In it now"), "right"),
        Column(t("Entered"), "right"),
        Column(t("Finished"), "right"),
        Column(t("Held"), "right"),
        Column(t("Sent"), "right"),
        Column(t("Maybe sent"), "right"),
        Column(t("Published")),
    ]


def rows(lines: tuple[FlowLine, ...], visitor: Visitor) -> list[Row]:
    return [_row(line, visitor) for line in lines]


def _row(line: FlowLine, visitor: Visitor) -> Row:
    t, formats = visitor.t, visitor.formats
    n = line.numbers
    state, tone = toned(FLOW_STATES, line.state, t)
    here = f"/flows/{line.name}"
    version = t("version {number}", number=line.version) if line.version else t("never published")
    runs = f"/runs?flow={line.name}"

    def count(value: int, address: str) -> Cell:
        return Cell(formats.compact(value), address if value else None)

    return Row(
        (
            Cell(line.label, here, sub=f"{term(PURPOSES, line.purpose, t)} · {line.name}"),
            Cell(state, tone=tone),
            count(n.here, f"{runs}&state=active"),
            count(n.entered, runs),
            count(n.finished, f"{runs}&state=ended"),
            count(n.held, f"{runs}&state=held"),
            count(n.sent, f"/messages?flow={line.name}&state=sent"),
            count(n.maybe_sent, f"/messages?flow={line.name}&state=maybe_sent"),
            Cell(
                formats.moment(line.published_at) if line.published_at else "",
                sub=version + (t(", newer draft") if line.version and line.has_newer_draft else ""),
            )
            if line.published_at
            else Cell(version),
        ),
        here,
    )
