"""Backups, and what a restored database holds back."""

from __future__ import annotations

from designer.backups.room import PATH, BackupsRoom
from designer.page import page
from designer.runtime import Designer
from designer.shell import frame
from designer.visitor import current
from engine.services.actor import allowed


def register(designer: Designer) -> None:
    @page(PATH)
    async def backups() -> None:
        visitor = current()
        allowed(visitor.somebody, "read", "backup")
        with frame(PATH, visitor.t("Backups"), styles=("privacy.css",)):
            await BackupsRoom(designer, visitor).build()
