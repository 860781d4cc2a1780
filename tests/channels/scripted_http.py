"""A web server that answers what a test tells it, and keeps what it was asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

CUT = "cut"
CUT_BEFORE_THE_END = "cut before the end"
SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class Said:
    """An answer; `body` is sent as JSON, bytes as they are."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None


@dataclass(frozen=True, slots=True)
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class ScriptedWeb:
    """Answers are used up from the front; the last one stays."""

    port: int
    answers: list[Said | str]
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def next(self) -> Said | str:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@asynccontextmanager
async def scripted_web(answers: Sequence[Said | str]) -> AsyncIterator[ScriptedWeb]:
    server = ScriptedWeb(0, list(answers))
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        server.connections += 1
        try:
            while await _one(server, reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for writer in writers:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


def _raw(body: Any) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


async def _one(
    server: ScriptedWeb, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> bool:
    """One request; whether the connection goes on."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    first, *lines = head.rstrip("\r\n").split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = dict(line.lower().split(": ", 1) for line in lines)
    originals = dict(line.split(": ", 1) for line in lines)
    length = int(headers.get("content-length", "0"))
    server.asked.append(
        Asked(
            method,
            path,
            {name.lower(): value for name, value in originals.items()},
            await reader.readexactly(length),
        )
    )
    answer = server.next()
    if isinstance(answer, str):
        if answer == SILENCE:
            await reader.read()
        elif answer == CUT_BEFORE_THE_END:
            writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Len")
            await writer.drain()
        return False
    body = b"" if answer.body is None else _raw(answer.body)
    told = {"Content-Length": str(len(body)), **answer.headers}
    rows = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    writer.write(f"HTTP/1.1 {answer.status} Said\r\n{rows}\r\n".encode() + body)
    await writer.drain()
    return True
