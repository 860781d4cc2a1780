"""Moving people to another version and steering moves, each after saying what it does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from designer.asking import asking_button
from designer.runtime import Designer
from designer.visitor import Visitor
from engine.flows.migration import MovePlan
from engine.services import version_moves
from engine.services.version_moves import MoveLine


class VersionActions:
    def __init__(self, designer: Designer, visitor: Visitor, name: str) -> None:
        self._designer = designer
        self._visitor = visitor
        self._name = name

    def start_button(self, plan: MovePlan, people: int) -> None:
        t = self._visitor.t
        text = t.n(
            "{count} person goes on in version {number} as the plan says. You can take it back as "
            "long as nobody has moved on.",
            "{count} people go on in version {number} as the plan says. You can take it back as "
            "long as nobody has moved on.",
            people,
            number=plan.to_number,
        )

        async def start() -> None:
            designer = self._designer
            actor = await designer.actor(self._visitor.token)
            async with designer.transaction() as session:
                started = await version_moves.start(
                    session, actor, plan, plans=designer.plans, now=designer.now()
                )
            designer.runtime.pokes.version_move(started.move_id)

        self._button(
            "moving", t("Move people"), t("Move people to this version?"), text, start, main=True
        )

    def steering(self, move: MoveLine) -> None:
        """The buttons that make sense in the move's state."""
        t = self._visitor.t
        if move.state == "running":
            text = t("Nobody else is moved until you resume.")
            deed = self._steer(version_moves.pause, move.id)
            self._button("pause_circle", t("Pause"), t("Pause this move?"), text, deed)
        if move.state == "paused":
            text = t("It goes on where it was paused.")
            deed = self._steer(version_moves.resume, move.id)
            self._button("play_circle", t("Resume"), t("Resume this move?"), text, deed)
        if move.state in ("running", "paused"):
            text = t("Those who were moved stay where they are.")
            deed = self._steer(version_moves.cancel, move.id)
            self._button("stop", t("Stop moving"), t("Stop this move?"), text, deed)
        if move.state in ("running", "paused", "done", "cancelled") and move.moved:
            text = t("Everybody who has not moved on since stands again where they stood before.")
            deed = self._steer(version_moves.undo, move.id)
            self._button("undo", t("Take it back"), t("Take this move back?"), text, deed)

    def _steer(
        self, change: Callable[..., Awaitable[None]], move_id: int
    ) -> Callable[[], Awaitable[None]]:
        async def steered() -> None:
            designer = self._designer
            actor = await designer.actor(self._visitor.token)
            async with designer.transaction() as session:
                await change(session, actor, move_id, designer.now())
            designer.runtime.pokes.version_move(move_id)

        return steered

    def _button(
        self,
        symbol: str,
        name: str,
        question: str,
        consequence: str,
        deed: Callable[[], Awaitable[None]],
        *,
        main: bool = False,
    ) -> None:
        async def done() -> None:
            await deed()
            self._designer.pulses.clear()
            ui.navigate.to(f"/flows/{self._name}?view=versions")

        asking_button(self._visitor.t, symbol, name, question, consequence, done, main=main)
