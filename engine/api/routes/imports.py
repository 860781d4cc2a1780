"""`/api/imports`: files of records, taken in by jobs."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.json_bodies import ApiRoute, BadJson, read_json
from engine.api.pages import Cursor, cursor_of, read_cursor
from engine.api.parts import Parts
from engine.api.repeating import IdempotencyKey, answer_once
from engine.api.routes.jobs import STARTED, begun
from engine.api.shapes import jobs as shapes
from engine.errors import Problem, Refused
from engine.services.actor import allowed
from engine.services.idempotency import Answer
from engine.services.imports.kinds import KINDS
from engine.services.jobs import JobKind
from engine.services.jobs.importing import mapping_in
from engine.services.views.imports import PAGE, import_history, importable

# Larger files go through the command line, which reads them where they stand.
MOST_BYTES: Final = 32 * 1024 * 1024
LONGEST_MAPPING: Final = 16_000
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "The file itself.",
        "content": {
            "text/csv": {"schema": {"type": "string", "format": "binary"}},
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}
Kind = Annotated[str, Query(pattern=r"^[a-z]{1,40}$", description=f"One of {', '.join(KINDS)}.")]
Format = Annotated[Literal["csv", "xlsx"], Query(description="How the file is written.")]
FileName = Annotated[
    str, Query(max_length=200, pattern=r"^[^\x00]*$", description="What people call the file.")
]
FieldsOf = Annotated[
    str | None,
    Query(
        max_length=LONGEST_MAPPING,
        description="A mapping as JSON; without it columns are named like fields.",
        examples=['{"as":"contacts","fields":{"email":"E-mail"}}'],
    ),
]
Fire = Annotated[bool, Query(description="Whether flows may start by what is new or changes.")]
Check = Annotated[bool, Query(description="Only look at the first lines; nothing is written.")]


def imports_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api/imports", tags=["imports"], route_class=ApiRoute, dependencies=ASKS_FOR_KEY
    )

    @router.get("", operation_id="list_imports", responses=refusals())
    async def list_(caller: Calling, cursor: Cursor = None) -> shapes.ImportPage:
        """What was imported through any door, the newest first, fifty a page."""
        before = None if cursor is None else int(read_cursor(cursor, int)[0])
        async with parts.store.transaction() as session:
            found = await import_history(session, caller.actor, before=before)
        return shapes.ImportPage(
            items=[shapes.ImportShown.model_validate(one) for one in found],
            next=cursor_of(found[-1].id) if len(found) == PAGE else None,
        )

    @router.get("/kinds", operation_id="list_import_kinds", responses=refusals())
    async def kinds(caller: Calling) -> shapes.ImportKinds:
        """What the caller may import, with the fields that a mapping names."""
        return shapes.ImportKinds(
            items=[
                shapes.ImportKind(
                    name=name, fields=list(KINDS[name].fields), match_by=list(KINDS[name].match_by)
                )
                for name in importable(caller.actor)
            ]
        )

    @router.post(
        "",
        operation_id="start_import",
        status_code=202,
        response_model=shapes.JobShown,
        responses=refusals(409) | STARTED,
        openapi_extra=_BODY,
    )
    async def start(
        kind: Kind,
        request: Request,
        caller: Calling,
        format_: Annotated[Literal["csv", "xlsx"], Query(alias="format")] = "csv",
        name: FileName = "",
        mapping: FieldsOf = None,
        fire: Fire = False,
        check: Check = False,
        key: IdempotencyKey = None,
    ) -> Response:
        """Import the body, up to 32 MB, as a job. With `check` only what would become of the first
        lines is told."""
        document = _mapping(mapping, kind)
        body = await request.body()
        given = {
            "kind": kind,
            "format": format_,
            "name": name,
            "mapping": document,
            "fire": fire,
        }

        async def effect(session: AsyncSession) -> Answer:
            allowed(caller.actor, "import", KINDS[kind].permission)
            if fire:
                allowed(caller.actor, "import", "contact")
            if not body:
                raise Refused("The file is empty.", [Problem("/body", "empty", "send the file")])
            what = JobKind.CHECK_IMPORT if check else JobKind.IMPORT
            return await begun(session, caller, parts, what, given, file=body)

        answer = await answer_once(request, caller, parts, key, effect)
        parts.pokes.jobs()
        return answer

    return router


def _mapping(text: str | None, kind: str) -> Any:
    if kind not in KINDS:
        problem = Problem("?kind", "unknown_kind", f"choose one of {', '.join(KINDS)}")
        raise Refused(f'"{kind}" cannot be imported.', [problem])
    if text is None:
        return None
    try:
        document = read_json(text.encode("utf-8", "replace"))
    except BadJson as error:
        problems = [Problem("?mapping", one.code, one.message) for one in error.problems]
        raise Refused("The mapping is not JSON.", problems) from error
    read = mapping_in(document)
    if read is not None and read.kind != kind:
        problem = Problem("?mapping", "other_kind", f"it is for {read.kind}")
        raise Refused(f"The mapping is for {read.kind}, not for {kind}.", [problem])
    return document
