"""Deciding about a held run: try again, go on by an exit, or end it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from designer.asking import asking_button
from designer.flow_graph import exit_label
from designer.mending import carry_out
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import block
from engine.errors import Conflict
from engine.machines.mending import Order, Retry, Skip, Stop
from engine.services.actor import may
from engine.services.run_control import Which
from engine.services.views.runs import RunPage


def decisions(designer: Designer, run: RunPage, visitor: Visitor) -> None:
    """Buttons for whoever may decide; nothing for the others."""
    if run.state != "held" or not may(visitor.somebody, "edit", "run"):
        return
    t = visitor.t
    with block("cz-row"):
        asking_button(
            t,
            "replay",
            t("Try again"),
            t("Try this step again?"),
            t("What was asked and answered already is not asked a second time."),
            _deed(designer, run, visitor, Retry()),
            main=True,
        )
        node = run.flow.nodes.get(run.node)
        for exit_name in node.exits if node else ():
            label = exit_label(node, exit_name, t) if node else exit_name
            asking_button(
                t,
                "redo",
                t("Go on: {way}", way=label),
                t("Go on without this step?"),
                t("The run takes the way “{way}”; what the step does is left out.", way=label),
                _deed(designer, run, visitor, Skip(exit_name)),
            )
        asking_button(
            t,
            "stop_circle",
            t("End"),
            t("End this run?"),
            t("The contact gets nothing more from this run."),
            _deed(designer, run, visitor, Stop()),
        )


def _deed(
    designer: Designer, run: RunPage, visitor: Visitor, order: Order
) -> Callable[[], Awaitable[None]]:
    async def deed() -> None:
        which = Which(run.flow_name, run_ids=(run.id,))
        mended = await carry_out(designer, visitor, which, order)
        if not mended.runs:
            reason = next(iter(mended.refused), "somebody decided before you")
            raise Conflict(f"The run stays as it is: {reason}.")
        ui.navigate.reload()

    return deed
