"""A mailing to many through SMTP while everything is killed three times: nobody gets it twice, and
whoever did not get it is listed.

A soak of some minutes: `make chaos-mail`, `make chaos-mail MAILS=2000` for a short one. The server
takes mail and cannot be asked about it, which is what most of them are like.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import psutil
import pytest
from aiosmtpd.smtp import SMTP

from tests.chaos.everybody_arrives import CONSENT, PEOPLE
from tests.stories.product import Product, until

MAILS = int(os.environ.get("CHAOS_MAILS", "100000"))
KILLS = 3
FLOW = """
flow: mailing
label: A mailing
subject: contact
purpose: marketing
consent_note: everybody asked for it
trigger: {on: segment, when: {is_set: [{var: contact.email}]}}
entry: once
steps:
  hello: {do: send_message, template: welcome, next: done}
  done:  {do: exit}
"""


class WritingDown:
    """Says yes only after the recipient stands in a file that outlives everybody."""

    def __init__(self, file: Path) -> None:
        self.file = file.open("a", buffering=1)

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:  # noqa: N802
        del server, session
        self.file.write(f"{envelope.rcpt_tos[0]}\n")  # type: ignore[attr-defined]
        return "250 taken"


def serve(tell_port: Connection, file: Path) -> None:
    async def run() -> None:
        loop = asyncio.get_running_loop()
        sink = WritingDown(file)
        server = await loop.create_server(
            lambda: SMTP(sink, hostname="sink.test", loop=loop), "127.0.0.1", 0
        )
        tell_port.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """Its port, and the file of those it took mail for."""
    file = tmp_path / "taken"
    file.touch()
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs, file), daemon=True)
    process.start()
    try:
        yield ours.recv(), file
    finally:
        process.terminate()
        process.join()


@pytest.fixture
def product(tmp_path: Path, sink: tuple[int, Path]) -> Iterator[Product]:
    tmp_path.chmod(0o711)
    environment = {
        "DELIVERY_CHANNEL": "smtp",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(sink[0]),
        "SMTP_SECURITY": "none",
        "EFFECT_LEASE_SECONDS": "50",
        "LOG_LEVEL": "warning",
    }
    installed = Product(tmp_path / "var", environment)
    yield installed
    if installed.process is not None and not installed.died():
        installed.kill()


def test_a_mailing_reaches_everybody_once_or_says_who_may_not_have_got_it(
    product: Product, sink: tuple[int, Path], tmp_path: Path
) -> None:
    file = tmp_path / "mailing.yaml"
    file.write_text(FLOW)
    product.up()
    product.sql(PEOPLE.format(count=MAILS) + " RETURNING 1")
    product.sql(CONSENT + " RETURNING 1")
    product.cadenza("flow", "publish", str(file))
    began, memory = time.monotonic(), []
    for kill in range(1, KILLS + 1):
        share = MAILS * kill // (KILLS + 1)
        until(partial(taken_more_than, sink[1], share), f"{share:,} mails are out", seconds=1800)
        memory.append(megabytes(product))
        product.kill()
        product.up()
    until(partial(all_over, product), "everybody is through", seconds=1800, pause=1)
    seconds = time.monotonic() - began
    memory.append(megabytes(product))

    taken = Counter(sink[1].read_text().split())
    assert set(taken.values()) == {1}
    states: dict[str, set[str]] = {}
    for state, address in product.sql("SELECT state, address FROM message"):
        states.setdefault(state, set()).add(address)
    assert set(states) <= {"sent", "maybe_sent"}
    unclear = states.get("maybe_sent", set())
    assert states["sent"] <= set(taken) <= states["sent"] | unclear
    assert len(states["sent"] | unclear) == MAILS
    print(  # noqa: T201 - the figures of the soak
        f"\n{MAILS:,} mails through {KILLS} kills in {seconds:.0f} s ({MAILS / seconds:,.0f}/s, "
        f"restarts and leases included): {len(unclear)} may have been sent, of which "
        f"{len(unclear & set(taken))} were; memory {', '.join(f'{m:.0f}' for m in memory)} MiB"
    )


def taken_more_than(file: Path, mails: int) -> bool:
    with file.open("rb") as lines:
        return sum(1 for _ in lines) > mails


def all_over(product: Product) -> bool:
    ended = product.one("SELECT count(*) FROM run WHERE state = 'ended'")
    return bool(ended == MAILS)


def megabytes(product: Product) -> float:
    """Resident memory of the process that is API, designer and worker."""
    assert product.process is not None
    return float(psutil.Process(product.process.pid).memory_info().rss / 2**20)
