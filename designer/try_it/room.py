"""The page where a flow is tried: the form, the drawing, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping

from nicegui import ui

from designer.components.flow_canvas import FlowCanvas
from designer.flow_graph import Graph
from designer.runtime import Designer
from designer.try_it.asked import Asked, EventLine
from designer.try_it.figures import counts
from designer.try_it.many_ways import many_ways
from designer.try_it.one_way import OneWay
from designer.try_it.panel import Panel
from designer.try_it.trial import Tried, drawn, try_flow
from designer.visitor import Visitor
from designer.widgets import ask_to_sign_in, block, chip, empty_state, notice, words
from engine.errors import CadenzaError, NotSignedIn, Refused
from engine.flows.problems import FlowRefused
from engine.local_time import local
from engine.services.views.flows import FlowPage


class TryRoom:
    def __init__(
        self,
        designer: Designer,
        visitor: Visitor,
        flow: FlowPage,
        segments: Mapping[str, str],
        contact: tuple[int, str] | None,
    ) -> None:
        self.designer, self.visitor, self.flow = designer, visitor, flow
        self.segments, self.contact = segments, contact
        now = local(designer.now(), designer.runtime.settings.company.default_zone)
        self.asked = Asked(f"{now:%Y-%m-%d}", f"{now:%H:%M}")
        if not flow.has_newer_draft:
            self.asked.which = "published"
        if contact is not None:
            self.asked.contact_id = contact[0]
        self.canvas: FlowCanvas | None = None
        self.way: OneWay | None = None
        self.graph: Graph | None = None
        self.tried: Tried | None = None
        self._coloured = True
        self._approvals = False

    async def build(self) -> None:
        with block("cz-try"):
            with block("cz-try__form") as form:
                form.props["role"] = "form"
                form.props["aria-label"] = self.visitor.t("What to try")
                place = block()
            with block("cz-try__result"):
                self._canvas_place = block("cz-try__canvas")
                self._told = block("cz-try__told").mark("try-told")
        await self._draw()
        with place:
            self.panel = Panel(
                self.designer,
                self.visitor,
                self.asked,
                versions=("draft", "published") if self._has_both() else ("draft",),
                segments=self.segments,
                asks_approval=self._approvals,
                contact=self.contact[1] if self.contact else "",
                tried=self.try_it,
                version_changed=self._draw,
            )
        if self.graph is not None:
            self._hint()
        if self.contact is not None:
            await self.try_it()

    async def try_it(self) -> None:
        self.panel.show(())
        self.panel.busy(True)
        try:
            tried = await try_flow(self.designer, self.visitor, self.flow.name, self.asked)
        except NotSignedIn:
            ask_to_sign_in()
            return
        except FlowRefused as refused:
            self._cannot(refused)
            return
        except Refused as refused:
            self.panel.show(refused.problems)
            if not refused.problems:
                self._say(refused)
            return
        except CadenzaError as error:
            self._say(error)
            return
        finally:
            self.panel.busy(False)
        self._show(tried)

    async def _follow(self, contact_id: int, name: str) -> None:
        await self.panel.choose(contact_id, name)

    def _has_both(self) -> bool:
        return self.flow.version is not None and self.flow.has_newer_draft

    async def _draw(self) -> None:
        """The flow as it stands, before anybody went through."""
        self._told.clear()
        self.way = self.tried = None
        try:
            flow, graph = await drawn(self.designer, self.visitor, self.flow.name, self.asked.which)
        except NotSignedIn:
            ask_to_sign_in()
            return
        except FlowRefused as refused:
            self.graph = None
            self._canvas_place.clear()
            self._cannot(refused)
            return
        self._mount(graph)
        self._approvals = any(node.kind == "request_approval" for node in flow.nodes.values())
        # What lets people in happens at once, unless somebody says otherwise.
        if flow.trigger.starts_on is not None and not self.asked.events:
            self.asked.events.append(EventLine(flow.trigger.starts_on))

    def _mount(self, graph: Graph) -> None:
        self.graph = graph
        self._canvas_place.clear()
        with self._canvas_place:
            self.canvas = FlowCanvas(
                graph,
                self.visitor.t,
                minimap=False,
                counted=self.asked.whom != "contact",
                on_ready=self._ready,
            )

    def _ready(self) -> None:
        if self.way is not None:
            self.way.show_on_canvas()
        elif self.tried is not None and self.canvas is not None:
            self.canvas.show_counts(*counts(self.tried.simulated.trace, self.tried.graph))

    def _show(self, tried: Tried) -> None:
        self.tried, self.way = tried, None
        one = self.asked.whom == "contact"
        # A way that was coloured stays: for figures of many the drawing begins anew.
        changed = self.graph is None or tried.graph.node_ids != self.graph.node_ids
        if changed or self._coloured != one:
            self._mount(tried.graph)
        self.graph, self._coloured = tried.graph, one
        assert self.canvas is not None
        self._told.clear()
        with self._told:
            if one:
                self._one(tried)
            else:
                self.canvas.show_counts(*counts(tried.simulated.trace, tried.graph))
                with block("cz-stack cz-try__many"):
                    many_ways(tried, self.visitor, self._follow)

    def _one(self, tried: Tried) -> None:
        journeys = tried.simulated.trace.journeys
        if not journeys:
            with block("cz-pad cz-stack cz-tight").mark("try-outside"):
                words(self.visitor.t("Did not come in"), "cz-h2", tag="h2")
                for said in tried.why_not:
                    notice(said, "warn", "door_front")
            return
        if len(journeys) > 1:
            self._journeys(tried)
        self._steps = block()
        self._journey(tried, 0)

    def _journeys(self, tried: Tried) -> None:
        """Somebody may come in several times; each is a way of its own."""
        t, formats = self.visitor.t, self.visitor.formats
        options = {
            place: t(
                "{number}. entered {when}",
                number=place + 1,
                when=formats.moment(journey.entered_at),
            )
            for place, journey in enumerate(tried.simulated.trace.journeys[:50])
        }
        box = ui.select(options, value=0, label=t("Which time?")).props("outlined dense")
        box.classes("cz-field cz-try__which")
        box.on_value_change(lambda event: self._journey(tried, int(event.value or 0)))

    def _journey(self, tried: Tried, place: int) -> None:
        t = self.visitor.t
        self._steps.clear()
        assert self.canvas is not None
        with self._steps:
            steps = tried.steps(place, self.visitor)
            if tried.simulated.trace.journeys[place].held_out:
                empty_state(
                    "science",
                    t("In the holdout"),
                    t("In the holdout: receives nothing, for comparison"),
                )
            elif steps:
                self.way = OneWay(steps, self.canvas, self.visitor)
            for complaint in (
                () if tried.simulated.letters is None else (tried.simulated.letters.complaints[:5])
            ):
                notice(complaint.message, "bad", "error_outline")

    def _hint(self) -> None:
        t = self.visitor.t
        with self._told:
            empty_state(
                "science",
                t("Try it before anybody gets it"),
                t(
                    "Choose a contact and see every step they would take, with the reason and the "
                    "messages; or many people, and see where they end and who gets too much."
                ),
            )

    def _cannot(self, refused: FlowRefused) -> None:
        t = self.visitor.t
        self._told.clear()
        with self._told, block("cz-pad cz-stack cz-tight"):
            chip(t("Cannot be tried yet"), "bad")
            words(t("Mend these in the flow first:"), tag="p")
            for problem in refused.flow_problems[:20]:
                words(str(problem), "cz-code", tag="div")

    def _say(self, error: CadenzaError) -> None:
        self._told.clear()
        with self._told, block("cz-pad"):
            notice(error.message, "bad", "error_outline")
