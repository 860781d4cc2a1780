"""Idempotency keys for writes that do not take care of them themselves.

Operations that make something keep their answer in the transaction of the effect
(`engine.api.repeating`). All others can be repeated by nature: they name what is to be so
afterwards. For them the key is claimed before and the answer kept after the effect, so that a
client gets the same answer again; a process that dies in between frees the key after a minute.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from fastapi import Request
from starlette.responses import Response

from engine.api.repeating import REPLAYED, SECRET, Envelope, print_of
from engine.api.shapes.common import ShownOnce
from engine.services.idempotency import claim, give_up, keep, readable_key

HEADER: Final = "Idempotency-Key"
WRITES: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_KEPT_HEADERS: Final = ("content-type", "etag", "location")

Handle = Callable[[Request], Awaitable[Response]]


async def once_remembered(request: Request, handle: Handle) -> Response:
    """Handle the request, or answer as before. Raises InFlight, KeyReused, Refused."""
    key = readable_key(request.headers[HEADER])
    parts = request.app.state.parts
    actor = f"key:{request.scope['state']['caller'].key_id}"
    envelope = Envelope(request, actor, key)
    known = await claim(parts.store, actor, key, await print_of(request), parts.now())
    if known is not None:
        return _again(envelope.opened(known))
    try:
        response = await handle(request)
    except Exception:
        # nothing was changed by what was refused; whoever was cut off may have changed something,
        # and frees the key by time alone
        await give_up(parts.store, actor, key)
        raise
    if response.status_code >= 300:
        await give_up(parts.store, actor, key)
        return response
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    answer = {
        "status": response.status_code,
        "headers": headers,
        "body": bytes(response.body).decode(),
        SECRET: _is_secret(request),
    }
    await keep(parts.store, actor, key, envelope.closed(answer), parts.now())
    return response


def _is_secret(request: Request) -> bool:
    model = getattr(request.scope.get("route"), "response_model", None)
    return isinstance(model, type) and issubclass(model, ShownOnce)


def _again(answer: dict[str, Any]) -> Response:
    body = None if answer["status"] == 204 else answer["body"]
    return Response(body, answer["status"], {**answer["headers"], REPLAYED: "true"})
