"""People who unsubscribe while mail to them is being sent: is any of it handed over afterwards?

Six performers send; eight people at a time withdraw their consent and wait for the acknowledgement,
all over the run of it. A cap is in force, so turns are taken too.

    python -m benchmarks.unsubscribing [mails] [unsubscribes]
"""

from __future__ import annotations

import asyncio
import sys

from benchmarks._stack import machine_line, stack
from tests.sending.unsubscribing import race


async def main(mails: int, leaving: int) -> None:
    async with stack(working=False) as runtime:
        found = await race(runtime.store, mails, leaving)
    print(machine_line())
    print(f"{mails:,} mails, {leaving:,} unsubscribes in {found.seconds:.1f} s")
    print(
        f"  acknowledged {found.acknowledged:,}; sent {found.sent:,}; withheld {found.withheld:,}"
    )
    print(f"  handed over after the acknowledgement: {found.too_late}")
    print(f"  without an answer: {found.unanswered}")


if __name__ == "__main__":
    numbers = [int(one) for one in sys.argv[1:]]
    asyncio.run(main(*(numbers or [10_000, 1_000])))
