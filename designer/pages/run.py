"""One run: its way on the drawn flow, and everything it did with the reason."""

from __future__ import annotations

from nicegui import ui

from designer.components.flow_canvas import FlowCanvas
from designer.flow_graph import TRIGGER, draw, title_of
from designer.live import EVERY_SECONDS
from designer.page import page
from designer.pages.why import reasons
from designer.run_actions import decisions
from designer.run_path import path_of
from designer.runtime import Designer
from designer.shell import frame
from designer.terms import OUTCOMES, REMEDIES, RUN_STATES, term, toned
from designer.timeline import Line, Teller
from designer.visitor import Visitor, current
from designer.widgets import (
    anchor,
    ask_to_sign_in,
    block,
    card,
    chip,
    empty_state,
    icon,
    notice,
    words,
)
from engine.errors import NotFound, NotSignedIn
from engine.services.views.runs import RunPage, last_moved, run_page
from engine.services.why import WhyHere, why_here


def register(designer: Designer) -> None:
    @page("/runs/{run_id}")
    async def run(run_id: str) -> None:
        visitor = current()
        if not run_id.isdecimal() or len(run_id) > 18:
            raise NotFound(f"There is no run {run_id}.")
        async with designer.transaction() as session:
            found = await run_page(session, visitor.somebody, int(run_id))
            here = await why_here(
                session, visitor.somebody, int(run_id), plans=designer.plans, now=designer.now()
            )
        _build(found, here, visitor, designer)

        async def look_again() -> None:
            try:
                actor = await designer.actor(visitor.token)
            except NotSignedIn:
                timer.cancel()
                ask_to_sign_in()
                return
            async with designer.transaction() as session:
                moved_at = await last_moved(session, actor, found.id)
            if moved_at != found.moved_at:
                timer.cancel()
                ui.navigate.reload()

        if found.state != "ended":
            timer = ui.timer(EVERY_SECONDS, look_again, immediate=False)


def _build(run: RunPage, here: WhyHere, visitor: Visitor, designer: Designer) -> None:
    t = visitor.t
    trail = [("/runs", t("Runs"))]
    with frame("/runs", run.contact, trail=trail, flush=True) as actions:
        with actions:
            _links(run, visitor)
        _summary(run, visitor)
        with block("cz-split"):
            canvas = _drawing(run, visitor)
            with block("cz-split__side"):
                if run.state != "ended" and here.findings:
                    with card(visitor.t("Where it stands, and why")):
                        reasons(here.findings, visitor)
                _timeline(run, visitor, canvas, designer)


def _links(run: RunPage, visitor: Visitor) -> None:
    t = visitor.t
    for address, symbol, text in (
        (f"/contacts/{run.contact_id}", "person", t("Contact")),
        (
            f"/contacts/{run.contact_id}/why?flow={run.flow_name}",
            "help",
            t("Why, or why not?"),
        ),
        (f"/flows/{run.flow_name}", "account_tree", t("Flow")),
    ):
        with anchor(address, classes="cz-button"):
            icon(symbol, "18px")
            words(text)


def _summary(run: RunPage, visitor: Visitor) -> None:
    t, formats = visitor.t, visitor.formats
    state, tone = toned(RUN_STATES, run.state, t)
    with block("cz-strip"):
        chip(state, tone)
        words(t("{flow}, version {number}", flow=run.flow_label, number=run.version), "cz-strong")
        words(t("Run {number}", number=run.id), "cz-soft cz-small")
        words(t("entered {when}", when=formats.moment(run.entered_at)), "cz-soft cz-small")
        if run.state == "ended" and run.ended_at is not None:
            outcome = term(OUTCOMES, run.outcome, t)
            when = formats.moment(run.ended_at)
            words(t("ended {when}: {outcome}", when=when, outcome=outcome), "cz-soft cz-small")


def _drawing(run: RunPage, visitor: Visitor) -> FlowCanvas:
    graph = draw(run.flow, f"v{run.version_id}", visitor.t, run.catalogue)
    nodes, exits = path_of(run)
    taken = ["$start"] if run.entries else []
    for node, exit_name in exits:
        edge = graph.edge_from(node, exit_name)
        if edge is not None:
            taken.append(edge.id)
    nodes[TRIGGER] = "done"

    def show_way() -> None:
        canvas.show_run(nodes, taken)
        if run.state != "ended":
            canvas.focus(run.node)

    with block("cz-canvas"):
        canvas = FlowCanvas(
            graph,
            visitor.t,
            minimap=False,
            on_ready=show_way,
        )
    return canvas


def _timeline(run: RunPage, visitor: Visitor, canvas: FlowCanvas, designer: Designer) -> None:
    t = visitor.t
    lines = Teller(run, t, visitor.formats, run.zone or "UTC").lines()
    if run.flow_state == "paused" and run.state == "active":
        with block("cz-timeline"):
            notice(t("The flow is paused: nobody moves and nothing is sent."), "warn", "pause")
    if not lines:
        if run.outcome == "holdout":
            empty_state("science", t("In the holdout"), term(OUTCOMES, "holdout", t))
        else:
            empty_state(
                "schedule", t("Nothing happened yet"), t("The run was made and moves in a moment.")
            )
        return
    with block("cz-timeline", tag="ol") as timeline:
        timeline.props["aria-label"] = t("What happened and why")
        for line in lines:
            _line(line, visitor, canvas)
        _now(run, visitor, designer)


def _line(line: Line, visitor: Visitor, canvas: FlowCanvas) -> None:
    with block(tag="li"):
        with block("cz-dot" if line.tone == "plain" else f"cz-dot is-{line.tone}"):
            icon(line.icon)
        with block():
            words(line.title, "cz-line__title", tag="div")
            for reason in line.why:
                words(reason, "cz-line__why", tag="div")
            for address, text in line.links:
                anchor(address, text)
            with block("cz-row"):
                words(visitor.formats.moment(line.at), "cz-line__at")
                if line.node is not None:
                    _where(line.node, canvas)


def _where(node: str, canvas: FlowCanvas) -> None:
    button = words(title_of(node), "cz-line__where", tag="button")
    button.props["type"] = "button"
    button.on("click", lambda: canvas.focus(node), args=[])


def _now(run: RunPage, visitor: Visitor, designer: Designer) -> None:
    """What would have to happen for the run to go on."""
    if run.state != "held":
        return
    t = visitor.t
    with block(tag="li"):
        with block("cz-dot is-warn"):
            icon("support")
        with block():
            words(t("What to do"), "cz-line__title", tag="div")
            known = run.outcome if run.outcome in REMEDIES else None
            told = term(REMEDIES, known, t) or t("Look at the reason above.")
            words(told, "cz-line__why", tag="div")
            decisions(designer, run, visitor)
