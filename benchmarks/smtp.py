"""Messages a second through the SMTP channel into a bare aiosmtpd sink in a process of its own.

python -m benchmarks.smtp [messages] [connections]
"""

from __future__ import annotations

import asyncio
import multiprocessing
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

import uvloop

from engine.channels.base import OutgoingMessage, Sender
from engine.channels.mime import mail_bytes
from engine.channels.smtp import SmtpChannel, SmtpServer
from engine.services.templates import TemplateLibrary

TEMPLATES = Path(__file__).parents[1] / "templates" / "messages"


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

    asyncio.run(run())


def letter() -> OutgoingMessage:
    library = TemplateLibrary(TEMPLATES)
    links = {"unsubscribe_url": "https://cadenza.test/u/" + "a" * 60}
    written = library.render("win_back", library.sample(), language="en", zone="UTC", links=links)
    return OutgoingMessage(
        provider_key="0" * 32,
        sender=Sender("hello@cadenza.test", "Cadenza"),
        to="ada@example.com",
        subject=written.subject,
        text=written.text,
        html=written.html,
        headers={"List-Unsubscribe": f"<{links['unsubscribe_url']}>"},
    )


async def measure(port: int, count: int, connections: int) -> None:
    message = letter()
    started = time.perf_counter()
    for _ in range(1_000):
        size = len(mail_bytes(message, "x@cadenza.test", datetime.now(UTC)))
    writing = (time.perf_counter() - started) / 1_000
    print(f"a letter of {size:,} bytes is written in {writing * 1e6:.0f} us")
    channel = SmtpChannel(
        SmtpServer("127.0.0.1", port, connections=connections), message_id_domain="cadenza.test"
    )
    await channel.send(message)
    for group in (channel.group_size, count):
        started, cpu = time.perf_counter(), time.process_time()
        for start in range(0, count, group):
            await asyncio.gather(
                *(
                    channel.send(replace(message, provider_key=f"{number:032x}"))
                    for number in range(start, min(start + group, count))
                )
            )
        wall, busy = time.perf_counter() - started, time.process_time() - cpu
        print(
            f"{count:,} messages in groups of {group:,} over {connections} connections: "
            f"{count / wall:,.0f}/s, {busy / count * 1e6:.0f} us of our CPU each"
        )
    await channel.close()


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3_000
    connections = int(sys.argv[2]) if len(sys.argv) > 2 else 8
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    sink = context.Process(target=serve, args=(theirs,), daemon=True)
    sink.start()
    try:
        uvloop.run(measure(ours.recv(), count, connections))
    finally:
        sink.terminate()
        sink.join()


if __name__ == "__main__":
    main()
