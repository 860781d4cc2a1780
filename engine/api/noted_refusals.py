"""What a key was refused is written down in the audit, within bounds."""

from __future__ import annotations

from fastapi import Request

from engine.errors import NotAllowed
from engine.services.audit_log.refusals import Refusals


async def note_refusal(request: Request, error: NotAllowed) -> None:
    """By the name of the operation, which nobody who calls can make up."""
    caller = request.scope.get("state", {}).get("caller")
    route = request.scope.get("route")
    operation = getattr(route, "operation_id", None) or getattr(route, "name", None)
    refusals: Refusals | None = getattr(request.app.state, "refusals", None)
    if caller is not None and operation is not None and refusals is not None:
        await refusals.note_error(error, actor=caller.actor, what=operation)
