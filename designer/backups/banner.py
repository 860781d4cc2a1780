"""The word on the first page that a restored database does nothing by itself."""

from __future__ import annotations

from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import anchor, notice
from engine.services.actor import may
from engine.services.backups import is_held


async def held_notice(designer: Designer, visitor: Visitor) -> None:
    """Asked once for everybody who looks; nothing where nothing is held."""

    async def question() -> bool:
        async with designer.transaction() as session:
            return await is_held(session)

    if not await designer.pulses.ask("restore_hold", question):
        return
    t = visitor.t
    text = t("This is a restored backup: nothing is sent, called or timed until somebody says so.")
    with notice(text, "warn", "pause_circle"):
        if may(visitor.somebody, "read", "backup"):
            anchor("/backups", t("Look at what waits"))
