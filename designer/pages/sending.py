"""When messages may go and how many, and who gets proofs of them."""

from __future__ import annotations

from starlette.requests import Request

from designer.page import page
from designer.runtime import Designer
from designer.template_editor.policy_room import PolicyRoom
from designer.visitor import current


def register(designer: Designer) -> None:
    @page("/sending")
    async def sending(request: Request) -> None:
        asked = request.query_params.get("version", "")
        version = int(asked) if asked.isdecimal() and len(asked) < 10 else None
        await PolicyRoom(designer, current(), version).build()
