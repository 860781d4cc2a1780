"""Publishing, pausing and resuming a flow, each after saying what it does to people."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from nicegui import ui

from designer.agreement import ask_for_agreement
from designer.asking import asking_button
from designer.runtime import Designer
from designer.visitor import Visitor
from engine.services import flows


class FlowActions:
    def __init__(self, designer: Designer, visitor: Visitor, name: str) -> None:
        self._designer = designer
        self._visitor = visitor
        self._name = name

    def publish_button(self, *, first: bool) -> None:
        t = self._visitor.t
        text = (
            t(
                "New people enter this version from now on. Those who match its audience enter "
                "at once."
            )
            if first
            else t(
                "New people enter the new version. Everybody inside finishes the version they have."
            )
        )
        self._button(
            *("rocket_launch", t("Publish"), t("Publish this flow?"), text, self._publish),
            main=True,
            ask=partial(ask_for_agreement, self._designer, self._visitor, "flow", self._name),
        )

    def pause_button(self, inside: int) -> None:
        t = self._visitor.t
        text = t.n(
            "{count} person stays where they are. Nobody moves and nothing is sent until you "
            "resume.",
            "{count} people stay where they are. Nobody moves and nothing is sent until you "
            "resume.",
            inside,
        )
        self._button("pause", t("Pause"), t("Pause this flow?"), text, self._pause)

    def resume_button(self) -> None:
        t = self._visitor.t
        text = t("People go on from where they are. What fell due meanwhile happens now.")
        self._button(
            "play_arrow", t("Resume"), t("Let people move again?"), text, self._resume, main=True
        )

    def _button(
        self,
        symbol: str,
        name: str,
        question: str,
        consequence: str,
        deed: Callable[[], Awaitable[None]],
        *,
        main: bool = False,
        ask: Callable[[], Awaitable[str]] | None = None,
    ) -> None:
        async def done() -> None:
            await deed()
            self._designer.pulses.clear()
            ui.navigate.to(f"/flows/{self._name}")

        asking_button(
            self._visitor.t, symbol, name, question, consequence, done, main=main, ask=ask
        )

    async def _publish(self) -> None:
        designer = self._designer
        actor = await designer.actor(self._visitor.token)
        async with designer.transaction() as session:
            published = await flows.publish(
                session,
                actor,
                self._name,
                plans=designer.plans,
                library=designer.runtime.templates,
                now=designer.now(),
            )
        if published.enrolment_id is not None:
            designer.runtime.pokes.audience(published.enrolment_id)
        designer.runtime.pokes.due_dates()

    async def _pause(self) -> None:
        actor = await self._designer.actor(self._visitor.token)
        async with self._designer.transaction() as session:
            await flows.pause(session, actor, self._name, self._designer.now())

    async def _resume(self) -> None:
        designer = self._designer
        actor = await designer.actor(self._visitor.token)
        async with designer.transaction() as session:
            await flows.resume(session, actor, self._name, designer.now())
        for shard in range(designer.shards):
            designer.runtime.pokes.advance(self._name, shard, None)
