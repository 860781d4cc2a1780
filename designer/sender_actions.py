"""Sender domains that must rest, and letting them go on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from nicegui import ui

from designer.asking import asking_button
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import block, notice
from engine.measuring.breaker import Health
from engine.services.actor import may
from engine.services.sender_health import SenderDomain, resume_domain


def sender_notices(designer: Designer, visitor: Visitor, found: Sequence[SenderDomain]) -> None:
    """Nothing while all are well."""
    t = visitor.t
    for one in found:
        if one.health is Health.WELL:
            continue
        figures = {
            "domain": one.domain,
            "bounces": f"{one.volume.bounces:.1%}",
            "complaints": f"{one.volume.complaints:.2%}",
        }
        if one.health is Health.WARNED:
            text = t(
                "{domain}: {bounces} of the last seven days came back, {complaints} complained.",
                **figures,
            )
            notice(text, "warn", "warning")
            continue
        text = t(
            "{domain} is paused: {bounces} of the last seven days came back, {complaints} "
            "complained. Its marketing waits.",
            **figures,
        )
        notice(text, "bad", "pause_circle")
        if may(visitor.somebody, "manage", "message"):
            with block("cz-row"):
                asking_button(
                    t,
                    "play_circle",
                    t("Resume {domain}", domain=one.domain),
                    t("Let marketing go on?"),
                    t("What came back so far is forgiven. Find out why it did first."),
                    _deed(designer, visitor, one.domain),
                )


def _deed(designer: Designer, visitor: Visitor, domain: str) -> Callable[[], Awaitable[None]]:
    async def deed() -> None:
        actor = await designer.actor(visitor.token)
        async with designer.transaction() as session:
            await resume_domain(session, actor, domain, designer.now())
        ui.navigate.reload()

    return deed
