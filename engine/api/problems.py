"""Refusals as RFC 9457 problem documents, the same shape from every door.

`code` is stable and for programs, `detail` is for whoever reads it, `advice` says what to do next.
`problems` lists every mistake with its place, and its JSON pointer where that is in the body.
`message` repeats `detail`, because Segment's clients print that.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import orjson
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError, DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import Response

from engine.api.if_match import PreconditionRequired
from engine.api.noted_refusals import note_refusal
from engine.api.places import item_of, place_of
from engine.errors import (
    CadenzaError,
    Conflict,
    DiskFull,
    LimitReached,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Problem,
    Refused,
    Unavailable,
)
from engine.services.decision_tables.editing import TableChangedMeanwhile
from engine.services.flows import DraftChangedMeanwhile
from engine.services.segment_door import ChangedMeanwhile

_log = structlog.get_logger(__name__)

MEDIA_TYPE: Final = "application/problem+json"
RETRY_SECONDS: Final = 5

# The first class that fits; subclasses before their parents.
_STATUSES: Final[Sequence[tuple[type[CadenzaError], int]]] = (
    (NotSignedIn, 401),
    (NotAllowed, 403),
    (NotFound, 404),
    (ChangedMeanwhile, 412),
    (DraftChangedMeanwhile, 412),
    (TableChangedMeanwhile, 412),
    (PreconditionRequired, 428),
    (Conflict, 409),
    (Refused, 422),
    (LimitReached, 429),
    (Unavailable, 503),
)
_BASIC: Final = 'Basic realm="Cadenza", charset="UTF-8"'
# What to do about a code, where the detail speaks of one case and cannot say it.
_ADVICE: Final[Mapping[str, str]] = {
    "not_allowed": "Ask an admin for a role, or a key with a scope, that allows it.",
    "limit_reached": "Wait as long as Retry-After says, then send the same again.",
    "unavailable": "Wait as long as Retry-After says, then send the same again.",
    "request_in_flight": "Send the same again in a second, with the same key.",
    "idempotency_key_reused": "Make a new Idempotency-Key for each new request.",
    "rule_refused": "Mend each problem at its pointer; POST /api/rules/check tries a rule.",
    "changed_meanwhile": "Read it again, apply your change to what it is now, and send its ETag.",
    "precondition_required": "Read it first, and send its ETag as If-Match.",
}
# PostgreSQL's class of "disk full", and those of a server that went away or is full of clients.
_DISK_FULL: Final = "53100"
_GONE: Final = ("08", "53", "57P", "58")
# Characters that no text column holds; the driver finds some of them itself, without a code.
_NOT_TEXT: Final = frozenset({"22021", "22P05"})
MOST_PROBLEMS: Final = 100


def answer(
    status: int,
    code: str,
    detail: str,
    problems: Sequence[Problem] = (),
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Response:
    """A problem document; `more` are members of its own kind."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "message": detail,
        **more,
    }
    if code in _ADVICE:
        document["advice"] = _ADVICE[code]
    if problems:
        document["problems"] = [item_of(one) for one in problems]
    return Response(orjson.dumps(document), status, dict(headers or {}), MEDIA_TYPE)


def answer_error(
    error: CadenzaError, *, refused_as: int | None = None, challenge: str = _BASIC
) -> Response:
    """The document for one of our errors. `refused_as` replaces 422 where a client expects 400;
    `challenge` says how this door wants a caller to sign in.
    """
    status = next((status for kind, status in _STATUSES if isinstance(error, kind)), 400)
    headers: dict[str, str] = {}
    problems: Sequence[Problem] = ()
    if isinstance(error, Refused):
        problems, status = error.problems, refused_as or status
    if isinstance(error, NotSignedIn):
        headers["WWW-Authenticate"] = challenge
    if isinstance(error, Unavailable):
        headers["Retry-After"] = str(RETRY_SECONDS)
    if isinstance(error, LimitReached):
        if error.retry_after is None:
            status = 413
        else:
            headers["Retry-After"] = str(max(1, math.ceil(error.retry_after.total_seconds())))
    return answer(status, error.code, error.message, problems, headers)


def from_database(error: SQLAlchemyError) -> CadenzaError | None:
    """What a database error means to a client; None when the fault is ours."""
    if isinstance(error, PoolTimeout):
        return Unavailable("The database is busy. Try again in a moment.")
    if not isinstance(error, DBAPIError):
        return None
    state = getattr(error.orig, "sqlstate", None)
    if state == _DISK_FULL:
        return DiskFull("The database's disk is full; nothing was changed. Make room first.")
    if state in _NOT_TEXT or (state is None and isinstance(error, DataError)):
        return Refused("A text holds what cannot be stored, such as NUL. Leave that out.")
    if state is None or state.startswith(_GONE):
        return Unavailable("The database does not answer. Try again in a moment.")
    return None


def install(app: FastAPI) -> None:
    """Every way a request can fail, as a problem document."""
    app.add_exception_handler(CadenzaError, _ours)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(SQLAlchemyError, _database)
    app.add_exception_handler(Exception, _surprise)


async def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, CadenzaError)
    if isinstance(error, NotAllowed) and not isinstance(error, NotSignedIn):
        await note_refusal(request, error)
    return answer_error(error)


async def _malformed(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    problems = [
        Problem(place_of(one["loc"], error.body, one["type"]), str(one["type"]), str(one["msg"]))
        for one in found[:MOST_PROBLEMS]
    ]
    if more := len(found) - len(problems):
        problems.append(Problem("", "more_problems", f"{more} more problems are not listed."))
    return answer(422, "refused", "The request is malformed.", problems)


async def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "_")
    return answer(error.status_code, code, str(error.detail), headers=error.headers)


async def _database(_: Request, error: Exception) -> Response:
    assert isinstance(error, SQLAlchemyError)
    known = from_database(error)
    if known is None:
        raise error
    return answer_error(known)


async def _surprise(request: Request, error: Exception) -> Response:
    """The client gets the number under which the log has the error; the server logs the traceback,
    because Starlette raises it again after this answer."""
    request_id = request.scope.get("state", {}).get("request_id", "")
    _log.error("request failed", request_id=request_id, error=type(error).__name__)
    return answer(
        500,
        "surprise",
        "Something went wrong on our side. Tell an admin the request id.",
        request_id=request_id,
    )
