"""What the routes of the API share: who calls, and the answers every one of them can give."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import Depends, Security
from fastapi.security import HTTPBearer
from starlette.requests import HTTPConnection

from engine.api.problems import MEDIA_TYPE
from engine.services.api_keys import Caller

PROBLEM: Final = {"$ref": "#/components/schemas/Problem"}
# The door has looked at the key already; this is for the description of the API.
_KEY: Final = HTTPBearer(
    scheme_name="ApiKey",
    bearerFormat="cad_<12 hex digits>_<64 hex digits>",
    description="An API key. `cadenza key create --for-user` makes one.",
    auto_error=False,
)


def _caller(connection: HTTPConnection) -> Caller:
    caller: Caller = connection.scope["state"]["caller"]
    return caller


Calling = Annotated[Caller, Depends(_caller)]
ASKS_FOR_KEY: Final = [Security(_KEY)]


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For `responses=`: what every operation may refuse with, and these statuses besides."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": PROBLEM}},
        }
        for status in sorted({400, 401, 403, 413, 415, 422, 429, 503, *statuses})
    }
