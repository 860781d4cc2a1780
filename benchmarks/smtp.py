"""Mails through the SMTP channel against a bare aiosmtplib loop, into a sink in another process.

Both hand the same letter over the same number of connections in the same run, turn about. Memory is
looked at after a tenth of the mails and at the end.

python -m benchmarks.smtp [messages] [connections]
"""

from __future__ import annotations

import asyncio
import multiprocessing
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from multiprocessing.connection import Connection

import aiosmtplib
import psutil
import uvloop

from engine.channels.base import OutgoingMessage, Sender
from engine.channels.dkim import Signer, Signers
from engine.channels.mime import mail_bytes
from engine.channels.smtp import SmtpChannel, SmtpServer

# How many mails each side sends before it is the other one's turn.
TURN = 2_000


class Bottomless:
    """Accepts everything and keeps nothing."""

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:  # noqa: N802
        del server, session, envelope
        return "250 ok"


def serve(tell_port: Connection) -> None:
    from aiosmtpd.smtp import SMTP

    async def run() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: SMTP(Bottomless(), hostname="sink.test", loop=loop), "127.0.0.1", 0
        )
        tell_port.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    uvloop.run(run())


def letter() -> OutgoingMessage:
    """As large as the templates that come along: some 6 KB."""
    paragraph = "<p>Dear Ada, spring is here and so is what you asked us for last year.</p>\n"
    return OutgoingMessage(
        provider_key="0" * 32,
        sender=Sender("hello@cadenza.test", "Cadenza"),
        to="ada@example.com",
        subject="Spring is here, Ada",
        text="Dear Ada, spring is here and so is what you asked us for last year.\n" * 8,
        html=f"<html><body>{paragraph * 50}</body></html>",
        headers={"List-Unsubscribe": f"<https://cadenza.test/u/{'a' * 60}>"},
    )


class Ours:
    """The channel, in groups as the worker hands them over."""

    def __init__(self, port: int, connections: int, message: OutgoingMessage) -> None:
        server = SmtpServer("127.0.0.1", port, connections=connections)
        self.channel = SmtpChannel(server, message_id_domain="cadenza.test")
        self._message = message

    async def send(self, first: int, count: int) -> None:
        group = self.channel.group_size
        for start in range(first, first + count, group):
            await asyncio.gather(
                *(
                    self.channel.send(replace(self._message, provider_key=f"{number:032x}"))
                    for number in range(start, min(start + group, first + count))
                )
            )


class Bare:
    """Nothing but the library: each connection hands over one letter after another."""

    def __init__(self, port: int, connections: int, raw: bytes) -> None:
        self._clients = [
            aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False)
            for _ in range(connections)
        ]
        self._raw = raw

    async def send(self, first: int, count: int) -> None:
        numbers = iter(range(first, first + count))

        async def one(client: aiosmtplib.SMTP) -> None:
            if not client.is_connected:
                await client.connect()
            for _ in numbers:
                await client.sendmail("hello@cadenza.test", ["ada@example.com"], self._raw)

        await asyncio.gather(*(one(client) for client in self._clients))

    async def close(self) -> None:
        for client in self._clients:
            await client.quit()


async def timed(send: Callable[[int, int], Awaitable[None]], first: int, count: int) -> float:
    started = time.perf_counter()
    await send(first, count)
    return time.perf_counter() - started


async def measure(port: int, count: int, connections: int) -> None:
    message = letter()
    raw = mail_bytes(message, "x@cadenza.test", datetime.now(UTC))
    ours, bare = Ours(port, connections, message), Bare(port, connections, raw)
    await ours.send(0, 200)
    await bare.send(0, 200)
    ours_seconds = bare_seconds = 0.0
    cpu = 0.0
    memory: dict[int, float] = {}
    for first in range(0, count, TURN):
        size = min(TURN, count - first)
        busy = time.process_time()
        ours_seconds += await timed(ours.send, first, size)
        cpu += time.process_time() - busy
        bare_seconds += await timed(bare.send, first, size)
        for mark in (count // 10, count):
            if first < mark <= first + size:
                memory[mark] = psutil.Process().memory_info().rss / 1024**2
    print(f"letters of {len(raw):,} bytes over {connections} connections, {count:,} each")
    print(f"channel: {count / ours_seconds:,.0f}/s, {cpu / count * 1e6:.0f} us of our CPU each")
    print(f"bare aiosmtplib: {count / bare_seconds:,.0f}/s")
    print(f"ratio: {bare_seconds / ours_seconds:.2f}")
    print(", ".join(f"{rss:.1f} MiB after {mark:,}" for mark, rss in memory.items()))
    await ours.channel.close()
    await bare.close()


async def signing() -> None:
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    mail = mail_bytes(letter(), "x@cadenza.test", datetime.now(UTC))
    for name, key in (
        ("RSA of 2,048 bits", rsa.generate_private_key(65537, 2048)),
        ("Ed25519", Ed25519PrivateKey.generate()),
    ):
        signers = Signers([Signer("cadenza.test", "s1", key)])
        started = time.perf_counter()
        for _ in range(200):
            await signers.signed(mail, "hello@cadenza.test", datetime.now(UTC))
        print(f"signed with {name}: {(time.perf_counter() - started) / 200 * 1e6:.0f} us a letter")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    connections = int(sys.argv[2]) if len(sys.argv) > 2 else 8
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    sink = context.Process(target=serve, args=(theirs,), daemon=True)
    sink.start()
    try:
        uvloop.run(measure(ours.recv(), count, connections))
        uvloop.run(signing())
    finally:
        sink.terminate()
        sink.join()


if __name__ == "__main__":
    main()
