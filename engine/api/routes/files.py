"""`/api/files`: documents and pictures that travel with letters."""

from __future__ import annotations

from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.json_bodies import ApiRoute
from engine.api.pages import Cursor, Limit, cursor_of, read_cursor
from engine.api.parts import Parts
from engine.api.shapes import files as shapes
from engine.services import files
from engine.services.files.kinds import KINDS

# The edge refuses larger bodies before they are read; an empty file is refused by name.
MOST_BYTES: Final = files.MOST_BYTES
Name = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_-]{0,59}$")]
Version = Annotated[int | None, Query(ge=1, le=2**31, description="The newest without it.")]
FileName = Annotated[
    str | None, Query(max_length=300, description="What readers see; else the name.")
]
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "The file itself, declared by its Content-Type.",
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in KINDS},
    }
}


def files_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api/files", tags=["files"], route_class=ApiRoute, dependencies=ASKS_FOR_KEY
    )

    @router.get("", operation_id="list_files", responses=refusals())
    async def list_(caller: Calling, limit: Limit = 50, cursor: Cursor = None) -> shapes.FilePage:
        """All files by name, each with its newest version."""
        after = "" if cursor is None else str(read_cursor(cursor, str)[0])
        async with parts.store.transaction() as session:
            found = await files.list_files(session, caller.actor, after=after, limit=limit + 1)
        return shapes.FilePage(
            items=[shapes.FileLine.model_validate(one) for one in found[:limit]],
            next=cursor_of(found[limit - 1].name) if len(found) > limit else None,
        )

    @router.put(
        "/{name}",
        operation_id="add_file",
        status_code=201,
        response_model=shapes.FileLine,
        responses=refusals(404) | {200: {"description": "It was there", "model": shapes.FileLine}},
        openapi_extra=_BODY,
    )
    async def add(
        name: Name, request: Request, caller: Calling, file_name: FileName = None
    ) -> Response:
        """Keep the body as the next version of this name. The same file again changes nothing and
        answers 200."""
        declared = request.headers.get("content-type", "")
        new = files.NewFile(name, declared, await request.body(), file_name)
        async with parts.store.transaction() as session:
            added = await files.add_file(session, caller.actor, new, parts.now())
        body = shapes.FileLine.model_validate(added.file).model_dump_json()
        return Response(body, 201 if added.fresh else 200, media_type="application/json")

    @router.get("/{name}", operation_id="get_file", responses=refusals(404))
    async def get(name: Name, caller: Calling) -> shapes.FileShown:
        """One file with its versions, and who names it."""
        async with parts.store.transaction() as session:
            found = await files.show_file(session, caller.actor, name, parts.library)
        lines = [shapes.FileLine.model_validate(one) for one in found.versions]
        return shapes.FileShown(
            **lines[0].model_dump(), versions=lines, used_by=list(found.used_by)
        )

    @router.get(
        "/{name}/content",
        operation_id="get_file_content",
        response_class=Response,
        responses=refusals(404)
        | {200: {"description": "The file", "content": {kind: {} for kind in KINDS}}},
    )
    async def content(name: Name, caller: Calling, version: Version = None) -> Response:
        """The file itself, to be saved; no browser shows it in place."""
        async with parts.store.transaction() as session:
            file, held = await files.read_file(session, caller.actor, name, version)
        saved_as = f"attachment; filename*=utf-8''{quote(file.file_name, safe='')}"
        return Response(
            held,
            headers={
                "Content-Disposition": saved_as,
                "Content-Type": file.content_type,
                "ETag": f'"{file.sha256}"',
            },
        )

    @router.delete(
        "/{name}", operation_id="delete_file", status_code=204, responses=refusals(404, 409)
    )
    async def delete(name: Name, caller: Calling) -> None:
        """Remove every version of a file that no template names."""
        async with parts.store.transaction() as session:
            await files.remove_file(session, caller.actor, name, parts.library)

    return router
