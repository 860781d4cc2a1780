"""Stored files: what letters carry and show; added, looked at, removed."""

from __future__ import annotations

from urllib.parse import quote

from nicegui import app as gui
from starlette.requests import Request
from starlette.responses import Response

from designer.page import page
from designer.runtime import Designer
from designer.template_editor.shelf import ShelfRoom
from designer.visitor import current, visitor_of
from engine.errors import NotAllowed, NotFound
from engine.services.files import read_file
from engine.services.files.kinds import INLINE_TYPES

# A version never changes under its address.
_KEEP = "private, max-age=31536000, immutable"


def register(designer: Designer) -> None:
    @page("/files")
    async def files(request: Request) -> None:
        after = request.query_params.get("after", "")[:60]
        await ShelfRoom(designer, current(), after).build()

    @gui.get("/files/{name}/picture", include_in_schema=False)
    async def picture(name: str, request: Request, version: int | None = None) -> Response:
        """A stored picture, and nothing but pictures, for pages of the designer."""
        return await _content(designer, request, name, version, shown=True)

    @gui.get("/files/{name}/content", include_in_schema=False)
    async def content(name: str, request: Request, version: int | None = None) -> Response:
        """Any stored file, to be saved; no browser shows it in place."""
        return await _content(designer, request, name, version, shown=False)


async def _content(
    designer: Designer, request: Request, name: str, version: int | None, *, shown: bool
) -> Response:
    somebody = visitor_of(request).somebody
    try:
        async with designer.transaction() as session:
            file, held = await read_file(session, somebody, name, version)
    except (NotFound, NotAllowed):
        return Response(status_code=404)
    if shown and file.content_type not in INLINE_TYPES:
        return Response(status_code=404)
    way = "inline" if shown else "attachment"
    return Response(
        held,
        headers={
            "Content-Type": file.content_type,
            "Content-Disposition": f"{way}; filename*=utf-8''{quote(file.file_name, safe='')}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": _KEEP if version is not None else "private, no-cache",
        },
    )
