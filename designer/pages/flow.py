"""One flow: drawn, with the numbers of every place, and what can be done with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from nicegui import ui
from starlette.requests import Request

from designer.components.data_table import DataTable
from designer.components.flow_canvas import FlowCanvas
from designer.flow_actions import FlowActions
from designer.flow_counts import packed_counts
from designer.flow_graph import TRIGGER, Graph, draw, title_of
from designer.goal_actions import GoalActions
from designer.live import EVERY_SECONDS
from designer.page import page
from designer.pages.flow_results import Found, found_results, results_view
from designer.pages.flow_versions import FoundVersions, found_versions, versions_view
from designer.pages.flow_views import (
    draft_file,
    never_published,
    step_rows,
    step_table,
)
from designer.runtime import Designer
from designer.shell import frame
from designer.terms import FLOW_STATES, toned
from designer.visitor import Visitor, current
from designer.widgets import (
    Words,
    anchor,
    ask_to_sign_in,
    block,
    button_link,
    chip,
    words,
)
from engine.errors import NotFound, NotSignedIn
from engine.services.actor import may
from engine.services.views.flow_problems import ProblemLine, draft_problems
from engine.services.views.flows import (
    Audience,
    FlowCounts,
    FlowPage,
    Numbers,
    flow_counts,
    flow_page,
)

View = Literal["drawing", "steps", "results", "versions", "draft"]


def register(designer: Designer) -> None:
    @page("/flows/{name}")
    async def flow(request: Request, name: str) -> None:
        visitor = current()
        async with designer.transaction() as session:
            found = await flow_page(session, visitor.somebody, name)
            problems = await draft_problems(
                session,
                visitor.somebody,
                name,
                found.draft_source,
                designer.runtime.templates,
            )
        view = request.query_params.get("view", "drawing")
        room = _Room(designer, visitor, found, problems)
        room.results = await found_results(designer, visitor, found) if view == "results" else None
        if view == "versions":
            room.versions = await found_versions(designer, visitor, found, request.query_params)
        await room.build(view)


@dataclass(slots=True)
class _Stats:
    """The figures above the drawing, changed in place."""

    labels: dict[str, Words]

    def show(self, numbers: Numbers, visitor: Visitor) -> None:
        for name, label in self.labels.items():
            label.set_text(visitor.formats.compact(getattr(numbers, name)))


class _Room:
    def __init__(
        self,
        designer: Designer,
        visitor: Visitor,
        flow: FlowPage,
        problems: tuple[ProblemLine, ...],
    ) -> None:
        self.problems = problems
        self.designer = designer
        self.visitor = visitor
        self.flow = flow
        self.canvas: FlowCanvas | None = None
        self.steps: DataTable | None = None
        self.graph: Graph | None = None
        self.results: Found | None = None
        self.versions: FoundVersions | None = None
        if flow.flow is not None:
            self.graph = draw(flow.flow, f"v{flow.version_id}", visitor.t, flow.catalogue)

    async def build(self, view: str) -> None:
        t, flow = self.visitor.t, self.flow
        counts = await self._ask()
        trail = [("/flows", t("Flows"))]
        with frame("/flows", flow.label, trail=trail, flush=True) as actions:
            with actions:
                self._actions(counts)
            with block("cz-strip"):
                self._state(counts)
                stats = self._stats(counts)
                self.entering: Words = words("", "cz-soft cz-small")
                self._paused(counts)
                self._tabs(view)
            self._say_entering(counts)
            if view in ("steps", "results", "versions", "draft"):
                with block("cz-body"):
                    self._other_view(view, counts)
            else:
                self._drawing(counts)

        async def refresh() -> None:
            try:
                fresh = await self._ask()
            except NotSignedIn:
                timer.cancel()
                ask_to_sign_in()
                return
            except NotFound:
                timer.cancel()
                return
            stats.show(fresh.numbers, self.visitor)
            self._say_entering(fresh)
            self._show_counts(fresh)

        timer = ui.timer(EVERY_SECONDS, refresh, immediate=False)

    async def _ask(self) -> FlowCounts:
        actor = await self.designer.actor(self.visitor.token)

        async def question() -> FlowCounts:
            async with self.designer.transaction() as session:
                return await flow_counts(session, actor, self.flow.name, self.flow.version_id)

        key = ("flow", self.flow.name, self.flow.version_id, actor.sight)
        return await self.designer.pulses.ask(key, question)

    def _actions(self, counts: FlowCounts) -> None:
        somebody = self.visitor.somebody
        deeds = FlowActions(self.designer, self.visitor, self.flow.name)
        if counts.state == "active" and may(somebody, "pause", "flow"):
            deeds.pause_button(counts.numbers.here)
        if counts.state == "paused" and may(somebody, "pause", "flow"):
            deeds.resume_button()
        if may(somebody, "read", "contact"):
            button_link(f"/flows/{self.flow.name}/try", self.visitor.t("Try it"), "science")
        if may(somebody, "edit", "flow"):
            button_link(f"/flows/{self.flow.name}/edit", self.visitor.t("Edit"), "edit")
        if self.flow.has_newer_draft and may(somebody, "publish", "flow"):
            deeds.publish_button(first=self.flow.version is None)

    def _state(self, counts: FlowCounts) -> None:
        t = self.visitor.t
        text, tone = toned(FLOW_STATES, counts.state, t)
        chip(text, tone)
        if self.flow.version is not None:
            words(t("Version {number}", number=self.flow.version), "cz-soft cz-small")

    def _stats(self, counts: FlowCounts) -> _Stats:
        t, runs = self.visitor.t, f"/runs?flow={self.flow.name}"
        messages = f"/messages?flow={self.flow.name}"
        labels: dict[str, Words] = {}
        for name, text, address in (
            ("entered", t("Entered"), runs),
            ("here", t("In it now"), f"{runs}&state=active"),
            ("held", t("Held"), f"{runs}&state=held"),
            ("finished", t("Finished"), f"{runs}&state=ended"),
            ("sent", t("Sent"), f"{messages}&state=sent"),
            ("maybe_sent", t("Maybe sent"), f"{messages}&state=maybe_sent"),
        ):
            with anchor(address, classes="cz-stat"):
                labels[name] = words("", tag="b").mark(f"stat-{name}")
                words(text)
        stats = _Stats(labels)
        stats.show(counts.numbers, self.visitor)
        return stats

    def _paused(self, counts: FlowCounts) -> None:
        """A chip for each paused step, which leads to who waits there and the way to resume it."""
        t = self.visitor.t
        for node, waiting in sorted(counts.paused.items()):
            text = t.n(
                "“{step}” is paused, {count} waits",
                "“{step}” is paused, {count} wait",
                waiting,
                step=title_of(node),
            )
            address = f"/runs?flow={self.flow.name}&node={node}&state=active"
            anchor(address, text, "cz-chip is-warn").mark(f"paused-{node}")

    def _say_entering(self, counts: FlowCounts) -> None:
        t, number = self.visitor.t, self.visitor.formats.number
        audience = counts.audience
        self.entering.set_text(
            t(
                "An audience is entering: {entered} of {looked_at} looked at so far.",
                entered=number(audience.entered),
                looked_at=number(audience.looked_at),
            )
            + self._time_left(audience)
            if audience
            else ""
        )

    def _time_left(self, audience: Audience) -> str:
        t, formats = self.visitor.t, self.visitor.formats
        if audience.total is None or audience.left is None:
            return ""
        return " " + t(
            "Of {total} in all, {span} to go.",
            total=formats.number(audience.total),
            span=formats.span(audience.left),
        )

    def _tabs(self, view: str) -> None:
        t, here = self.visitor.t, f"/flows/{self.flow.name}"
        tabs = [
            ("drawing", here, t("Drawing")),
            ("steps", f"{here}?view=steps", t("Steps")),
            ("runs", f"/runs?flow={self.flow.name}", t("Runs")),
            ("results", f"{here}?view=results", t("Results")),
            ("versions", f"{here}?view=versions", t("Versions")),
            ("draft", f"{here}?view=draft", self._file_words()),
        ]
        with block("cz-tabs", tag="nav") as nav:
            nav.props["aria-label"] = t("View")
            for name, address, text in tabs:
                anchor(address, text, "cz-tab is-active" if name == view else "cz-tab")

    def _file_words(self) -> str:
        t, count = self.visitor.t, len(self.problems)
        return t("File ({count})", count=count) if count else t("File")

    def _drawing(self, counts: FlowCounts) -> None:
        t = self.visitor.t
        if self.graph is None:
            with block("cz-body"):
                never_published(self.flow, self.visitor)
            return

        def go(node: str) -> None:
            runs = f"/runs?flow={self.flow.name}"
            ui.navigate.to(runs if node == TRIGGER else f"{runs}&node={node}&state=active")

        with block("cz-canvas cz-alone"):
            self.canvas = FlowCanvas(
                self.graph,
                t,
                on_select=go,
                on_ready=lambda: self._drawn(counts),
                counted=True,
            )

    def _other_view(self, view: str, counts: FlowCounts) -> None:
        if self.versions is not None:
            versions_view(self.designer, self.visitor, self.flow, self.versions)
        elif view == "draft":
            draft_file(self.flow, self.problems, self.visitor)
        elif self.graph is None:
            never_published(self.flow, self.visitor)
        elif self.results is not None:
            deeds = GoalActions(self.designer, self.visitor, self.flow.name)
            results_view(self.results, deeds, self.visitor)
        else:
            self.steps = step_table(self.flow.name, self.graph, counts, self.visitor)

    def _drawn(self, counts: FlowCounts) -> None:
        self._show_counts(counts)
        # The drawing is of what is published; problems of a newer draft would point at other steps.
        if self.canvas is not None:
            by_node: dict[str, list[str]] = {
                node: [self.visitor.t("This step is paused: nobody leaves it.")]
                for node in counts.paused
            }
            for problem in self.problems if not self.flow.has_newer_draft else ():
                if problem.is_error and problem.node is not None:
                    by_node.setdefault(problem.node, []).append(problem.message)
            self.canvas.show_issues(by_node)

    def _show_counts(self, counts: FlowCounts) -> None:
        if self.graph is None:
            return
        if self.canvas is not None:
            nodes, edges = packed_counts(self.graph, counts)
            self.canvas.show_counts(nodes, edges)
        if self.steps is not None:
            self.steps.show_if_changed(step_rows(self.flow.name, self.graph, counts, self.visitor))
