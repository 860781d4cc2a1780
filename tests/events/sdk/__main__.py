"""The clients of Node, each sending every call, to a server of their own; recorded as they go.

python -m tests.events.sdk FOLDER [--record FILE]

FOLDER has them installed: npm install @segment/analytics-node analytics-node
@rudderstack/rudder-sdk-node posthog-node
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import socket
from pathlib import Path
from typing import Any

import uvicorn
from sqlalchemy import text
from starlette.types import ASGIApp, Receive, Scope, Send

from crm_store.session import Store
from engine.api.app import create_app
from engine.services.actor import SYSTEM
from engine.services.write_keys import create_write_key
from engine.settings import load
from tests import servers
from tests.api.conftest import Parts, Server
from tests.clock import Clock

CLIENTS = ("segment-node", "old-node", "rudder-node", "posthog-node")
KEPT = ("authorization", "content-type", "content-encoding", "user-agent")


class Recorder:
    """Passes everything on and remembers what came."""

    def __init__(self, app: ASGIApp, key: str) -> None:
        self.app, self.key, self.seen = app, key, []  # type: ignore[var-annotated]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        one: dict[str, Any] = {"method": scope["method"], "path": scope["path"]}
        one["headers"] = {name: headers[name] for name in KEPT if name in headers}
        one["body"] = base64.b64encode(body).decode()
        self.seen.append(one)
        given = False

        async def again() -> Any:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self.app(scope, again, send)


async def main(folder: Path, record: Path | None) -> None:
    with servers.postgres() as server:
        databases = servers.Databases(server)
        store = Store(databases.url(databases.fresh()))
        parts = Parts(load(), store, Clock().now)
        async with store.transaction() as session:
            key = (await create_write_key(session, SYSTEM, "website")).key
        recorder = Recorder(create_app(parts), key)
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(recorder, log_config=None, access_log=False, lifespan="off")
        serving = asyncio.create_task(Server(config).serve(sockets=[listening]))
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        script = Path(__file__).with_name("clients.mjs").resolve()
        process = await asyncio.create_subprocess_exec(
            "node", str(script), address, key, cwd=folder
        )
        code = await process.wait()
        async with store.connection() as connection:
            found = await connection.execute(
                text(
                    "SELECT c.external_id, c.email, array_agg(e.kind ORDER BY e.kind) FROM event e "
                    "JOIN contact c ON c.id = e.contact_id GROUP BY 1, 2 ORDER BY 1"
                )
            )
            for row in found:
                print(*row)  # noqa: T201
            letters = await connection.execute(text("SELECT code, message FROM dead_letter"))
            for row in letters:
                print("refused:", *row)  # noqa: T201
        if record is not None:
            record.write_text(json.dumps(recorder.seen, indent=1) + "\n", encoding="utf-8")
        serving.cancel()
        await store.close()
        databases.close()
        raise SystemExit(code)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--record", type=Path)
    chosen = arguments.parse_args()
    asyncio.run(main(chosen.folder, chosen.record))
