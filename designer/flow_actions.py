"""Publishing, pausing and resuming a flow, each after saying what it does to people."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import ask_to_sign_in, block, icon, words
from engine.errors import CadenzaError, NotSignedIn
from engine.flows.problems import FlowRefused
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
            "rocket_launch", t("Publish"), t("Publish this flow?"), text, self._publish, main=True
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
    ) -> None:
        t = self._visitor.t
        with ui.dialog() as dialog, ui.card().classes("cz-dialog"):
            words(question, "cz-h2", tag="h2")
            words(consequence, "cz-soft", tag="p")
            problems = block("cz-stack cz-tight")
            with block("cz-row cz-dialog__buttons"):
                _plain_button(t("Cancel"), dialog.close)
                go = _plain_button(name, None, main=True).mark("confirm")

        async def confirmed() -> None:
            problems.clear()
            try:
                await deed()
            except FlowRefused as refused:
                with problems:
                    words(t("It cannot be published yet:"), "cz-strong")
                    for problem in refused.flow_problems:
                        words(str(problem), "cz-code", tag="div")
                return
            except NotSignedIn:
                ask_to_sign_in()
                return
            except CadenzaError as error:
                with problems:
                    words(error.message, "cz-bad")
                return
            self._designer.pulses.clear()
            dialog.close()
            ui.navigate.to(f"/flows/{self._name}")

        go.on("click", confirmed, args=[])
        opener = _plain_button(name, dialog.open, main=main, symbol=symbol)
        opener.mark(f"do-{symbol}")

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


def _plain_button(
    name: str, click: Callable[[], object] | None, *, main: bool = False, symbol: str = ""
) -> ui.element:
    button = block("cz-button is-main" if main else "cz-button", tag="button")
    button.props["type"] = "button"
    if click is not None:
        button.on("click", click, args=[])
    with button:
        if symbol:
            icon(symbol, "18px")
        words(name)
    return button
