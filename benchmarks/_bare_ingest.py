"""The least that a door for events can do: parse, one INSERT or COPY, commit, answer.

It knows no keys, no rules, no message that came twice and nobody's fields; what the product does
besides is its cost over this. With `contacts` it knows at least who there is: the one thing nobody
who wants to ask about people can leave out.
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

TABLES: Final = """
    CREATE TABLE bare_event (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, source text NOT NULL,
        message_id text NOT NULL, kind text NOT NULL, name text NOT NULL, user_id text,
        properties jsonb NOT NULL, occurred_at timestamptz NOT NULL,
        received_at timestamptz NOT NULL DEFAULT now(), UNIQUE (source, message_id));
    CREATE INDEX ON bare_event (user_id, name, occurred_at);
    CREATE TABLE bare_contact (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, user_id text NOT NULL UNIQUE,
        created_at timestamptz NOT NULL DEFAULT now());
    CREATE TABLE bare_event_of_contact (LIKE bare_event INCLUDING ALL,
        FOREIGN KEY (user_id) REFERENCES bare_contact (user_id))
"""
_COLUMNS: Final = "(source, message_id, kind, name, user_id, properties, occurred_at)"
_CONTACTS: Final = (
    "INSERT INTO bare_contact (user_id) SELECT DISTINCT user_id FROM unnest(%s::text[]) AS user_id "
    "ORDER BY user_id ON CONFLICT DO NOTHING"
)


def bare_app(url: str, *, contacts: bool = False) -> tuple[FastAPI, AsyncConnectionPool[Any]]:
    """A batch by COPY, a single call by INSERT; each a transaction."""
    app = FastAPI()
    pool: AsyncConnectionPool[Any] = AsyncConnectionPool(_plain(url), min_size=8, open=False)
    table = "bare_event_of_contact" if contacts else "bare_event"
    copying = f"COPY {table} {_COLUMNS} FROM STDIN"
    inserting = (
        f"INSERT INTO {table} {_COLUMNS} "
        "VALUES ('bare', %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
    )

    @app.post("/v1/batch")
    async def batch(request: Request) -> Response:
        items = orjson.loads(await request.body())["batch"]
        async with pool.connection() as connection, connection.cursor() as cursor:
            if contacts:
                await cursor.execute(_CONTACTS, [[one["userId"] for one in items]])
            async with cursor.copy(copying.encode()) as copy:
                for one in items:
                    await copy.write_row(("bare", *_row(one)))
        return Response(b'{"success":true}', media_type="application/json")

    @app.post("/v1/track")
    async def track(request: Request) -> Response:
        one = orjson.loads(await request.body())
        async with pool.connection() as connection:
            if contacts:
                await connection.execute(_CONTACTS, [[one["userId"]]])
            await connection.execute(inserting.encode(), _row(one))
        return Response(b'{"success":true}', media_type="application/json")

    return app, pool


async def make_tables(url: str) -> None:
    async with await psycopg.AsyncConnection.connect(_plain(url)) as connection:
        await connection.execute(TABLES)


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg", "postgresql")


def _row(one: dict[str, Any]) -> tuple[Any, ...]:
    moment = datetime.fromisoformat(one["timestamp"]).astimezone(UTC)
    kept = Jsonb(one.get("properties") or one.get("traits") or {}, orjson.dumps)
    name = one.get("event", "Contact Identified")
    return one["messageId"], one.get("type", "track"), name, one.get("userId"), kept, moment
