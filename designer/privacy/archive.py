"""Everything about a person as a download, over HTTP and not through the page."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO, Final

from nicegui import app as gui
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from designer.runtime import Designer
from designer.visitor import visitor_of
from engine.errors import CadenzaError, NotAllowed, NotFound
from engine.services.privacy import export_person

_IN_MEMORY: Final = 4 << 20
_CHUNK: Final = 1 << 16


def register(designer: Designer) -> None:
    @gui.get("/privacy/people/{number}.zip", include_in_schema=False)
    async def archive(number: int, request: Request) -> Response:
        visitor = visitor_of(request)
        out = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed below
        try:
            actor = await designer.actor(visitor.token)
            told = await export_person(
                designer.runtime.store,
                actor,
                number,
                out,
                designer.now(),
            )
        except CadenzaError as error:
            out.close()
            status = {NotFound: 404, NotAllowed: 403}.get(type(error), 400)
            return PlainTextResponse(error.message, status)
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


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk
