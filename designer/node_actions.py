"""Pausing one step of a flow and letting it go on."""

from __future__ import annotations

from nicegui import ui

from designer.asking import asking_button
from designer.flow_graph import title_of
from designer.runtime import Designer
from designer.visitor import Visitor
from engine.services import flows
from engine.services.actor import may
from engine.services.node_pauses import pause_node, resume_node


def node_switch(
    designer: Designer, visitor: Visitor, flow: str, node: str, *, paused: bool
) -> None:
    """The button for whoever may pause flows; nothing for others."""
    if not may(visitor.somebody, "pause", "flow"):
        return
    t, step = visitor.t, title_of(node)

    async def pause() -> None:
        actor = await designer.actor(visitor.token)
        async with designer.transaction() as session:
            await pause_node(session, actor, flow, node, plans=designer.plans, now=designer.now())
        designer.pulses.clear()
        ui.navigate.reload()

    async def resume() -> None:
        actor = await designer.actor(visitor.token)
        async with designer.transaction() as session:
            await resume_node(session, actor, flow, node, now=designer.now())
        drivers = designer.runtime.settings.drivers
        flows.poke_all(
            designer.runtime.pokes,
            flow,
            advance_shards=designer.shards,
            perform_shards=drivers.perform_shards,
        )
        designer.pulses.clear()
        ui.navigate.reload()

    if paused:
        asking_button(
            t,
            "play_arrow",
            t("Resume step “{step}”", step=step),
            t("Let people go on from this step?"),
            t("What happened and fell due meanwhile is done now."),
            resume,
            main=True,
        )
    else:
        asking_button(
            t,
            "pause",
            t("Pause step “{step}”", step=step),
            t("Pause this step?"),
            t(
                "Whoever stands on it or comes to it stays, and nothing is sent from it. Other "
                "steps go on."
            ),
            pause,
        )
