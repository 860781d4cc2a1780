"""A mail server that answers what a test tells it to, stage by stage."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

OK = "250 ok"
GREETING = "220 mail.test"
GO_ON = "354 go on"

# What may stand in a script instead of an answer.
RESET = "RESET"
CLOSE = "CLOSE"
SILENCE = "SILENCE"


@dataclass
class ScriptedServer:
    """Answers by stage: connect, ehlo, rset, mail, rcpt, data, letter.

    A stage's list is used up from its front, its last answer stays; other stages get the usual
    answers. RESET cuts the connection, CLOSE ends it politely, SILENCE never answers.
    """

    port: int
    script: Mapping[str, list[str]]
    letters: list[bytes] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    connections: int = 0

    def answer(self, stage: str, usual: str) -> str:
        told = self.script.get(stage)
        if not told:
            return usual
        return told.pop(0) if len(told) > 1 else told[0]


class _Gone(Exception):
    """The script cut the connection."""


@asynccontextmanager
async def scripted(script: Mapping[str, list[str]] | None = None) -> AsyncIterator[ScriptedServer]:
    server = ScriptedServer(0, {stage: [*told] for stage, told in (script or {}).items()})
    writers: list[asyncio.StreamWriter] = []
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        server.connections += 1
        try:
            await _converse(server, reader, writer)
        except (_Gone, ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            tasks.discard(task)

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for writer in writers:
            writer.transport.abort()
        for task in [*tasks]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _converse(
    server: ScriptedServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    await _say(writer, server.answer("connect", GREETING))
    while True:
        line = (await reader.readuntil(b"\r\n")).decode().strip()
        server.commands.append(line)
        stage = line.split(" ")[0].split(":")[0].lower()
        if stage == "quit":
            await _say(writer, "221 bye")
            return
        if stage == "data":
            told = server.answer("data", GO_ON)
            await _say(writer, told)
            if told.startswith("354"):
                letter = await reader.readuntil(b"\r\n.\r\n")
                server.letters.append(letter.removesuffix(b".\r\n"))
                await _say(writer, server.answer("letter", OK))
            continue
        await _say(writer, server.answer(stage, OK))


async def _say(writer: asyncio.StreamWriter, told: str) -> None:
    if told == SILENCE:
        await asyncio.sleep(3600)
    if told == RESET:
        writer.transport.abort()
        raise _Gone
    if told == CLOSE:
        raise _Gone
    writer.write(told.encode("latin-1") + b"\r\n")
    await writer.drain()
