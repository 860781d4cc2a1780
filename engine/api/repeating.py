"""Requests that may be sent twice: with an Idempotency-Key they have one effect, one answer."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

import orjson
from fastapi import Header, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from engine.api.parts import Parts
from engine.api.shapes.common import Shown, ShownOnce
from engine.services.api_keys import Caller
from engine.services.idempotency import LONGEST_KEY, Answer, fingerprint, once, readable_key
from engine.services.secrets import SecretBox, Unreadable

REPLAYED: Final = "Idempotent-Replayed"
# Of an answer that is kept: it has a secret in it, and so its body is sealed.
SECRET: Final = "secret"  # noqa: S105 - the name of a member
SEALED: Final = "sealed"

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        max_length=LONGEST_KEY,
        description="Your own name for this request. Sent again within 24 hours, the same request "
        "gets the same answer and has no second effect.",
    ),
]
Effect = Callable[[AsyncSession], Awaitable[Answer]]


def answer_of(status: int, body: Shown, headers: Mapping[str, str] | None = None) -> Answer:
    """What an effect returns: an answer that can be kept and given again.

    The body is kept as text, because the database would put its members in another order.
    """
    answer = {"status": status, "headers": dict(headers or {}), "body": body.model_dump_json()}
    return {**answer, SECRET: True} if isinstance(body, ShownOnce) else answer


async def answer_once(
    request: Request, caller: Caller, parts: Parts, key: str | None, effect: Effect
) -> Response:
    """Do `effect` in one transaction and answer; with a key at most once in 24 hours."""
    if key is None:
        async with parts.store.transaction() as session:
            answer = await effect(session)
        return _response(answer)
    readable_key(key)
    print_, envelope = await print_of(request), Envelope(request, f"key:{caller.key_id}", key)
    made: list[Answer] = []

    async def kept(session: AsyncSession) -> Answer:
        made.append(await effect(session))
        return envelope.closed(made[-1])

    answer, repeated = await once(parts.store, envelope.actor, key, print_, parts.now(), kept)
    if repeated:
        return _response(envelope.opened(answer), {REPLAYED: "true"})
    return _response(made[-1])


@dataclass(frozen=True, slots=True)
class Envelope:
    """An answer with a secret in it is sealed as long as it is kept."""

    request: Request
    actor: str
    key: str

    def closed(self, answer: Answer) -> Answer:
        if not answer.get(SECRET):
            return answer
        box = self._box
        sealed = box.seal(answer["body"], self._purpose) if box.key_ids else None
        return {**answer, "body": None, SEALED: sealed}

    def opened(self, answer: Answer) -> Answer:
        """Raises Unreadable when the key it was sealed with is not set any more."""
        if SEALED not in answer:
            return answer
        if answer[SEALED] is None:
            raise Unreadable("This was done before. Its secret was shown once and is not kept.")
        return {**answer, "body": self._box.open(answer[SEALED], self._purpose)}

    @property
    def _box(self) -> SecretBox:
        box: SecretBox = self.request.app.state.secrets
        return box

    @property
    def _purpose(self) -> str:
        return f"answer:{self.actor}:{self.key}"


async def print_of(request: Request) -> str:
    """What makes this request the same as another one."""
    return fingerprint(
        request.method.encode(),
        str(request.url.path).encode(),
        request.url.query.encode(),
        _spelled(await request.body()),
    )


def answer_id_of(caller: Caller, key: str | None) -> str | None:
    """The id of an answer to something open: the same for the same key of the same caller. None
    without a key."""
    if key is None:
        return None
    readable_key(key)
    return f"api-{hashlib.sha256(f'{caller.key_id}:{key}'.encode()).hexdigest()[:32]}"


def _spelled(body: bytes) -> bytes:
    """The body in one spelling: members in another order say the same. A file is as it is."""
    try:
        return orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS) if body else b""
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        # no JSON, or deeper than can be written again
        return body


def _response(answer: Mapping[str, Any], more: Mapping[str, str] | None = None) -> Response:
    return Response(
        answer["body"],
        answer["status"],
        {**answer["headers"], **(more or {})},
        "application/json",
    )
