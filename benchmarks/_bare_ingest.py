"""The least that a door for events can do: parse, one INSERT or COPY, commit, answer.

It knows no contacts, no keys and no rules. What the product does besides is its cost over this.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import orjson
import psycopg
from fastapi import FastAPI, Request
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool
from starlette.responses import Response

TABLE: Final = """
    CREATE TABLE IF NOT EXISTS bare_event (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, source text NOT NULL,
        message_id text NOT NULL, kind text NOT NULL, name text NOT NULL, user_id text,
        properties jsonb NOT NULL, occurred_at timestamptz NOT NULL,
        received_at timestamptz NOT NULL DEFAULT now(), UNIQUE (source, message_id));
    CREATE INDEX IF NOT EXISTS bare_event_user ON bare_event (user_id, name, occurred_at)
"""
_COPY: Final = (
    "COPY bare_event (source, message_id, kind, name, user_id, properties, occurred_at) FROM STDIN"
)
_INSERT: Final = (
    "INSERT INTO bare_event (source, message_id, kind, name, user_id, properties, occurred_at) "
    "VALUES ('bare', %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
)


def bare_app(url: str) -> tuple[FastAPI, AsyncConnectionPool[Any]]:
    """A batch by COPY, a single call by INSERT; each a transaction."""
    app = FastAPI()
    pool: AsyncConnectionPool[Any] = AsyncConnectionPool(
        url.replace("postgresql+psycopg", "postgresql"), min_size=8, max_size=8, open=False
    )

    @app.post("/v1/batch")
    async def batch(request: Request) -> Response:
        items = orjson.loads(await request.body())["batch"]
        async with (
            pool.connection() as connection,
            connection.cursor() as cursor,
            cursor.copy(_COPY) as copy,
        ):
            for one in items:
                await copy.write_row(("bare", *_row(one)))
        return Response(b'{"success":true}', media_type="application/json")

    @app.post("/v1/track")
    async def track(request: Request) -> Response:
        one = orjson.loads(await request.body())
        async with pool.connection() as connection:
            await connection.execute(_INSERT, _row(one))
        return Response(b'{"success":true}', media_type="application/json")

    return app, pool


async def make_table(url: str) -> None:
    plain = url.replace("postgresql+psycopg", "postgresql")
    async with await psycopg.AsyncConnection.connect(plain) as connection:
        await connection.execute(TABLE)


def _row(one: dict[str, Any]) -> tuple[Any, ...]:
    moment = datetime.fromisoformat(one["timestamp"]).astimezone(UTC)
    kept = Jsonb(one.get("properties") or one.get("traits") or {})
    name = one.get("event", "Contact Identified")
    return one["messageId"], one.get("type", "track"), name, one.get("userId"), kept, moment
