"""Held runs in bulk: where they are and why, and one decision about many of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlencode

from nicegui import ui

from designer.asking import asking_button, plain_button
from designer.components.data_table import Cell, Column, DataTable, Row
from designer.flow_graph import exit_label, title_of
from designer.mending import carry_out
from designer.problem_words import all_words
from designer.runtime import Designer
from designer.terms import HOLDS, term
from designer.visitor import Visitor
from designer.widgets import block, card, words
from engine.errors import CadenzaError, Conflict
from engine.machines.mending import GoTo, Order, Retry, Skip, Stop
from engine.machines.plan import Plan
from engine.services.actor import may
from engine.services.run_control import HeldPlace, Which, held_places


async def places_of(designer: Designer, visitor: Visitor) -> list[HeldPlace]:
    actor = await designer.actor(visitor.token)
    async with designer.transaction() as session:
        return await held_places(session, actor)


def places_card(places: Sequence[HeldPlace], visitor: Visitor) -> None:
    """Every place with held runs; a line leads to its runs, where one may decide about all."""
    t, number = visitor.t, visitor.formats.number
    rows = [
        Row(
            (
                Cell(place.flow_label, address_of(place)),
                Cell(title_of(place.node)),
                Cell(term(HOLDS, place.code, t), sub=place.code or ""),
                Cell(number(place.runs)),
            ),
            address_of(place),
        )
        for place in places
    ]
    columns = [
        Column(t("Flow")),
        Column(t("Step")),
        Column(t("Reason"), wraps=True),
        Column(t("Runs"), "right"),
    ]
    with card(t("Held, by place and reason")):
        DataTable(t("Held, by place and reason"), columns, rows)


def address_of(place: HeldPlace) -> str:
    asked = {"flow": place.flow, "state": "held", "node": place.node, "code": place.code or ""}
    return f"/runs?{urlencode({name: value for name, value in asked.items() if value})}"


class BulkDecisions:
    """Buttons for all held runs of a flow, on a node, for a reason. Each says first how many it
    would concern."""

    def __init__(
        self, designer: Designer, visitor: Visitor, which: Which, plan: Plan | None
    ) -> None:
        self._designer = designer
        self._visitor = visitor
        self._which = which
        self._plan = plan

    def build(self, runs: int) -> None:
        """`runs` is how many are held like this now."""
        if not runs or not may(self._visitor.somebody, "edit", "run"):
            return
        t, which = self._visitor.t, self._which
        with block("cz-row cz-bulk").mark("bulk"):
            words(
                t.n("{count} run is held like this", "{count} runs are held like this", runs),
                "cz-strong",
            )
            self._button(
                "replay",
                t("Try again"),
                t("Try this step again?"),
                t("What was asked and answered already is not asked a second time."),
                Retry(),
                runs,
            )
            node = self._plan.nodes.get(which.node) if self._plan and which.node else None
            for exit_name in node.node.exits if node else ():
                way = exit_label(node.node, exit_name, t) if node else exit_name
                self._button(
                    "redo",
                    t("Go on: {way}", way=way),
                    t("Go on without this step?"),
                    t("They take the way “{way}”; what the step does is left out.", way=way),
                    Skip(exit_name),
                    runs,
                )
            if self._plan is not None:
                self._elsewhere(self._plan, runs)
            self._button(
                "stop_circle",
                t("End"),
                t("End these runs?"),
                t("Their contacts get nothing more from these runs."),
                Stop(),
                runs,
            )

    def _button(
        self, symbol: str, name: str, question: str, consequence: str, order: Order, runs: int
    ) -> None:
        t = self._visitor.t
        count = t.n("This concerns {count} run.", "This concerns {count} runs.", runs)
        asking_button(t, symbol, name, question, f"{count} {consequence}", self._deed(order))

    def _elsewhere(self, plan: Plan, runs: int) -> None:
        """Begin at another step: which one is chosen in the dialog."""
        t = self._visitor.t
        options = {name: title_of(name) for name in plan.nodes if name != self._which.node}
        with ui.dialog() as dialog, ui.card().classes("cz-dialog"):
            words(t("Let them begin at another step?"), "cz-h2", tag="h2")
            words(
                t.n("This concerns {count} run.", "This concerns {count} runs.", runs),
                "cz-soft",
                tag="p",
            )
            chosen = ui.select(options, label=t("Step")).classes("cz-wide").mark("bulk-node")
            problem = words("", "cz-bad")
            with block("cz-row cz-dialog__buttons"):
                plain_button(t("Cancel"), dialog.close)
                go = plain_button(t("Begin there"), None, main=True).mark("confirm-alt_route")

        async def confirmed() -> None:
            if chosen.value is None:
                problem.set_text(t("Choose a step."))
                return
            try:
                await self._deed(GoTo(str(chosen.value)))()
            except CadenzaError as error:
                problem.set_text(all_words(error, t))

        go.on("click", confirmed, args=[])
        plain_button(t("Begin at another step"), dialog.open, symbol="alt_route").mark(
            "do-alt_route"
        )

    def _deed(self, order: Order) -> Callable[[], Awaitable[None]]:
        async def deed() -> None:
            mended = await carry_out(self._designer, self._visitor, self._which, order)
            if not mended.runs:
                reason = next(iter(mended.refused), "somebody decided before you")
                raise Conflict(f"The runs stay as they are: {reason}.")
            ui.navigate.reload()

        return deed
