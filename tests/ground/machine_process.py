"""A process that holds a data folder and its embedded servers, to be killed by a test.

    python -m tests.ground.machine_process FOLDER

It prints a line of JSON with the ports and pids when all answers, and stops in order on SIGTERM.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

from engine import settings
from engine.cli._stopping import run_until_stopped, stop_on_signals
from engine.embedded.data_dir import DataDir, Running
from engine.embedded.machine import Machine
from engine.errors import CadenzaError


def main(folder: Path) -> None:
    data = DataDir(folder)
    with data.locked():
        machine = Machine(settings.load(), data)
        try:
            machine.spawn()
            ready = machine.wait_ready()
            assert ready.database.url is not None
            data.announce(Running(os.getpid(), "http://127.0.0.1:1", machine.postgres_port))
            told = {
                "database": ready.database.url.get_secret_value(),
                "temporal": ready.temporal.address,
                "pids": machine.pids(),
            }
            sys.stdout.write(json.dumps(told) + "\n")
            sys.stdout.flush()
            asyncio.run(_watch(machine))
        finally:
            machine.stop()


async def _watch(machine: Machine) -> None:
    stop = asyncio.Event()
    stop_on_signals(stop)
    watching = asyncio.create_task(machine.watch())

    async def until_told() -> None:
        await stop.wait()
        watching.cancel()

    await run_until_stopped(stop, until_told())


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except CadenzaError as error:
        sys.exit(str(error))
