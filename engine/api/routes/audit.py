"""`/api/audit`: who changed what, as pages, as a file, and checked against its seals."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response, StreamingResponse

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.json_bodies import JsonRoute
from engine.api.pages import Cursor, Limit, cursor_of, read_cursor
from engine.api.parts import Parts
from engine.api.shapes import audit as shapes
from engine.api.shapes.common import Moment
from engine.services.audit_log.exporting import ExportFormat, export_audit
from engine.services.audit_log.searching import AuditQuery, search_audit, usual_query
from engine.services.audit_log.verifying import verify_audit
from engine.services.door import DoorName

_Text = Annotated[str, Query(max_length=200)]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FILES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The rows", "content": {"text/csv": {}, "application/x-ndjson": {}}}
}


Asked = Callable[[datetime], AuditQuery]


def _asked(
    since: Annotated[Moment | None, Query(description="30 days ago, unless given.")] = None,
    until: Moment | None = None,
    actor: Annotated[str, Query(max_length=200, description="Part of a name.")] = "",
    actor_id: Annotated[int | None, Query(ge=1, le=2**53)] = None,
    verb: _Text = "",
    kind: _Text = "",
    subject: _Text = "",
    door: DoorName | None = None,
    request_id: _Text = "",
    words: Annotated[
        str, Query(max_length=200, description="In names, ids, reasons and values.")
    ] = "",
) -> Asked:
    rest = (actor, actor_id, verb, kind, subject, door or "", request_id, words)

    def query(now: datetime) -> AuditQuery:
        usual = usual_query(now)
        return AuditQuery(since or usual.since, until or usual.until, *rest)

    return query


AskedHere = Annotated[Asked, Depends(_asked)]


def audit_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api/audit", tags=["audit"], route_class=JsonRoute, dependencies=ASKS_FOR_KEY
    )

    @router.get("", operation_id="search_audit", responses=refusals())
    async def search(
        caller: Calling,
        asked: AskedHere,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> shapes.AuditPage:
        """Who changed what, the newest first. Everything that is given must hold."""
        before = None
        if cursor is not None:
            at, id_ = read_cursor(cursor, int, int)
            before = (_EPOCH + int(at) * _MICROSECOND, int(id_))
        async with parts.store.transaction() as session:
            found = await search_audit(
                session, caller.actor, asked(parts.now()), before=before, limit=limit
            )
        lines = [shapes.AuditLine.model_validate(one) for one in found.rows]
        last = lines[-1] if found.older else None
        return shapes.AuditPage(
            items=lines,
            next=cursor_of((last.at - _EPOCH) // _MICROSECOND, last.id) if last else None,
        )

    @router.get(
        "/export",
        operation_id="export_audit",
        response_class=Response,
        responses=refusals() | _FILES,
    )
    async def export(
        caller: Calling,
        asked: AskedHere,
        format: ExportFormat = "csv",  # noqa: A002 - the name of the parameter
    ) -> Response:
        """The same as a file, the oldest first and at most 100,000 rows. That it was exported is
        written down."""
        pieces = _pieces(parts, caller, asked(parts.now()), format)
        # the first piece now, so that a refusal is an answer and not the end of a file
        first = await anext(pieces, b"")

        async def whole() -> AsyncIterator[bytes]:
            yield first
            async for piece in pieces:
                yield piece

        kind = "text/csv; charset=utf-8" if format == "csv" else "application/x-ndjson"
        headers = {"content-disposition": f'attachment; filename="audit.{format}"'}
        return StreamingResponse(whole(), media_type=kind, headers=headers)

    @router.get("/verify", operation_id="verify_audit", responses=refusals())
    async def verify(
        caller: Calling,
        head: Annotated[str | None, Query(pattern="^[0-9a-f]{64}$")] = None,
    ) -> shapes.AuditVerified:
        """Read all of it and compare it with its seals; `head` is one that you kept."""
        async with parts.store.transaction() as session:
            found = await verify_audit(session, caller.actor, known_head=head)
        return shapes.AuditVerified(
            whole=found.whole,
            rows=found.rows,
            days=found.days,
            cleared=found.cleared,
            pending=found.pending,
            head=found.head,
            findings=[shapes.AuditFinding.model_validate(one) for one in found.findings],
            more_findings=found.more,
        )

    return router


async def _pieces(
    parts: Parts, caller: Calling, query: AuditQuery, form: ExportFormat
) -> AsyncIterator[bytes]:
    async with parts.store.transaction() as session:
        async for piece in export_audit(session, caller.actor, query, form):
            yield piece
