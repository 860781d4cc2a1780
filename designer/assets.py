"""Our own static files, addressed by their content, so that browsers may keep them for good."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from starlette.responses import FileResponse, Response

FOLDER: Final = Path(__file__).parent / "static"
_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@cache
def asset(name: str) -> str:
    """The address of a file; it changes when the file does."""
    digest = hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()[:12]
    return f"/assets/{digest}/{name}"


def serve(name: str) -> Response:
    """One of the files in the folder; anything else is not there, whatever it is called."""
    path = FOLDER / name
    if path.suffix not in _TYPES or path not in set(FOLDER.iterdir()):
        return Response(status_code=404)
    return FileResponse(
        path,
        media_type=_TYPES[path.suffix],
        headers={"Cache-Control": "public, max-age=31536000, immutable"},
    )
