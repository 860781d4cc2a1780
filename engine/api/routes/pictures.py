"""`GET /i/{digest}.{extension}`: pictures of letters for "view in browser". No key: whoever knows
the digest had the letter. Nothing else than pictures is ever shown here.
"""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from crm_store.session import Store
from engine.services.files.enclosing import RememberedContent
from engine.services.files.kinds import BY_EXTENSION
from engine.services.files.public import public_picture

# Kept for those that are looked at by many at once, right after a large mailing.
MOST_REMEMBERED_BYTES: Final = 32 * 1_048_576
_HEADERS: Final = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


def pictures_router(store: Store) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    remembered = RememberedContent(MOST_REMEMBERED_BYTES)

    @router.api_route("/i/{digest}.{extension}", methods=["GET", "HEAD"])
    async def picture(request: Request, digest: str, extension: str) -> Response:
        content_type, held = BY_EXTENSION.get(extension), remembered.get(f"{digest}.{extension}")
        if held is None:
            async with store.transaction() as session:
                found = await public_picture(session, digest, extension)
            if found is None:
                return Response(status_code=404, headers={"Cache-Control": "no-store"})
            content_type, held = found
            remembered.put(f"{digest}.{extension}", held)
        headers = {**_HEADERS, "ETag": f'"{digest}"'}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return Response(held, headers=headers, media_type=content_type)

    return router
