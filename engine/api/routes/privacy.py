"""`/api/privacy-requests`, `/api/retention`, `/api/backups`: what people ask, and what is kept."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import IO, Annotated, Final, Literal

from fastapi import APIRouter, Path, Query
from starlette.background import BackgroundTask
from starlette.responses import StreamingResponse

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.pages import Cursor, Limit, cursor_of, read_cursor
from engine.api.parts import Parts
from engine.api.shapes import privacy as shapes
from engine.errors import Problem, Refused
from engine.services import backups, privacy, retention

Number = Annotated[int, Path(ge=1, le=2**53)]
State = Annotated[Literal["open", "done", "declined"] | None, Query(description="Only these.")]
# Beyond this an archive is written to the disk and not kept in memory.
_IN_MEMORY: Final = 4 << 20
_CHUNK: Final = 1 << 16
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TICK: Final = timedelta(microseconds=1)


def privacy_router(parts: Parts) -> APIRouter:
    router = APIRouter(prefix="/api", tags=["privacy"], dependencies=ASKS_FOR_KEY)

    @router.get("/privacy-requests", operation_id="list_privacy_requests", responses=refusals())
    async def list_(
        caller: Calling, limit: Limit = 50, cursor: Cursor = None, state: State = None
    ) -> shapes.PrivacyRequestPage:
        """Those due first come first."""
        after = None if cursor is None else _after(cursor)
        async with parts.store.transaction() as session:
            found = await privacy.list_requests(
                session,
                caller.actor,
                state=state,
                after=after,
                limit=limit + 1,
            )
        last = found[limit - 1] if len(found) > limit else None
        return shapes.PrivacyRequestPage(
            items=[shapes.PrivacyRequestShown.model_validate(one) for one in found[:limit]],
            next=None if last is None else cursor_of((last.due_at - _EPOCH) // _TICK, last.id),
        )

    @router.post(
        "/privacy-requests",
        operation_id="open_privacy_request",
        status_code=201,
        responses=refusals(404, 409),
    )
    async def open_(new: shapes.NewPrivacyRequest, caller: Calling) -> shapes.PrivacyRequestShown:
        """Write down that somebody asked; due 30 days later."""
        wanted = privacy.NewRequest(new.kind, new.contact, new.asked_at, new.note)
        async with parts.store.transaction() as session:
            row = await privacy.open_request(session, caller.actor, wanted, parts.now())
        return shapes.PrivacyRequestShown.model_validate(row)

    @router.post(
        "/privacy-requests/{number}/refusal",
        operation_id="decline_privacy_request",
        responses=refusals(404, 409),
    )
    async def decline(
        number: Number, given: shapes.Declining, caller: Calling
    ) -> shapes.PrivacyRequestShown:
        """Close it without doing it, with the reason."""
        async with parts.store.transaction() as session:
            row = await privacy.decline_request(
                session, caller.actor, number, given.reason, parts.now()
            )
        return shapes.PrivacyRequestShown.model_validate(row)

    @router.get(
        "/contacts/{number}/personal-data",
        operation_id="export_person",
        response_class=StreamingResponse,
        responses=refusals(404)
        | {200: {"description": "The archive", "content": {"application/zip": {}}}},
    )
    async def export(number: Number, caller: Calling) -> StreamingResponse:
        """Everything about a contact as a zip: a file of JSON lines for each kind, and an index."""
        out = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed below
        try:
            told = await privacy.export_person(
                parts.store,
                caller.actor,
                number,
                out,
                parts.now(),
            )
        except BaseException:
            out.close()
            raise
        out.seek(0)
        return StreamingResponse(
            _chunks(out),
            media_type="application/zip",
            headers={
                "Content-Disposition": f'attachment; filename="contact-{told.contact_id}.zip"',
                "Cache-Control": "no-store",
            },
            background=BackgroundTask(out.close),
        )

    @router.get("/retention", operation_id="list_retention_rules", responses=refusals())
    async def rules(caller: Calling) -> shapes.RetentionRules:
        """How long rows of each kind stay."""
        async with parts.store.transaction() as session:
            found = await retention.retention_rules(session, caller.actor)
        return shapes.RetentionRules(
            items=[shapes.RetentionRuleShown.model_validate(one) for one in found]
        )

    @router.get("/backups", operation_id="get_backup_state", responses=refusals())
    async def state(caller: Calling) -> shapes.BackupState:
        """The newest backups, and what a restored database holds back."""
        async with parts.store.transaction() as session:
            found = await backups.latest_backups(session, caller.actor)
            held = await backups.held_back(session, caller.actor, parts.now())
        return shapes.BackupState(
            backups=[shapes.BackupShown.model_validate(one) for one in found],
            held=None if held is None else shapes.HeldShown.model_validate(held),
        )

    return router


def _after(cursor: str) -> tuple[datetime, int]:
    ticks, number = (int(part) for part in read_cursor(cursor, int, int))
    try:
        return _EPOCH + ticks * _TICK, number
    except OverflowError as error:
        problem = Problem("?cursor", "bad_cursor", 'send the "next" of a page, unchanged')
        raise Refused("The cursor is none of ours.", [problem]) from error


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk
