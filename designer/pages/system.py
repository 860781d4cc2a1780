"""The system: whether everything moves, and what to do where it does not."""

from __future__ import annotations

from typing import Final

from nicegui import ui

from designer.page import page
from designer.runtime import Designer
from designer.sender_actions import sender_notices
from designer.shell import frame
from designer.system.health import HealthView, Seen
from designer.visitor import Visitor, current
from designer.widgets import ask_to_sign_in, block, button_link
from engine.errors import NotSignedIn
from engine.services.actor import Actor, allowed
from engine.services.sender_health import list_domains
from engine.services.vitals import look

EVERY_SECONDS: Final = 5.0


def register(designer: Designer) -> None:
    @page("/system")
    async def system() -> None:
        visitor = current()
        allowed(visitor.somebody, "read", "audit")
        t = visitor.t
        seen = await _seen(designer, visitor.somebody)
        with frame("/system", t("System"), styles=("system.css",)) as actions:
            with actions:
                button_link("/channels", t("Channels"), "send")
                button_link("/suppression", t("Not written to"), "block")
            with block("cz-stack"):
                sender_notices(designer, visitor, seen.domains)
                view = HealthView(seen, visitor)
        _keep_fresh(designer, visitor, view)


def _keep_fresh(designer: Designer, visitor: Visitor, view: HealthView) -> None:
    async def again() -> None:
        try:
            actor = await designer.actor(visitor.token)
        except NotSignedIn:
            timer.cancel()
            ask_to_sign_in()
            return
        view.show(await _seen(designer, actor))

    timer = ui.timer(EVERY_SECONDS, again, immediate=False)


async def _seen(designer: Designer, actor: Actor) -> Seen:
    """Asked once for everybody who looks."""

    async def question() -> Seen:
        now = designer.now()
        async with designer.transaction() as session:
            queues = await look(session, actor, now)
            domains = await list_domains(session, actor, now)
        return Seen(queues, await designer.runtime.machine(), tuple(domains))

    return await designer.pulses.ask(("system", actor.sight), question)
