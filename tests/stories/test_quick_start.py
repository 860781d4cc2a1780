"""The README's quick start, command by command, as a newcomer types it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.embedded.data_dir import DataDir
from tests.servers import temporary_folder
from tests.stories.product import REPOSITORY, until

CUSTOMERS = """\
Mail,Given name,Family name,Country,Since
ada@example.com,Ada,Lovelace,GB,2024-05-01
ben@example.com,Ben,Okri,NG,2025-01-15
"""
MAP = """\
as: contacts
fields:
  email: Mail
  first_name: Given name
  last_name: Family name
  country: Country
match_by: [email]
"""
PORTS = {
    "HTTP_PORT": "0",
    "MAILBOX_PORT": "0",
    "EMBEDDED_POSTGRES_PORT": "0",
    "EMBEDDED_TEMPORAL_PORT": "0",
    "EMBEDDED_TEMPORAL_UI_PORT": "0",
}
LONGEST_FIRST_START_SECONDS = 180


def commands() -> list[str]:
    """The lines of the quick start's shell blocks, without comments."""
    text = (REPOSITORY / "README.md").read_text("utf-8")
    section = text.partition("## Quick start")[2].partition("\n## ")[0]
    blocks = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    lines = [line.partition("#")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line]


def surroundings(folder: Path) -> dict[str, str]:
    """The environment, with a data folder and ports of the test's own."""
    inherited = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    return inherited | PORTS | {"CADENZA_DATA_DIR": str(folder / "var")}


@pytest.fixture
def checkout() -> Iterator[Path]:
    """A folder with what the commands name: two files of the newcomer's and ours beside them."""
    with temporary_folder("quickstart") as folder:
        for name in (".venv", "templates"):
            (folder / name).symlink_to(REPOSITORY / name)
        (folder / "customers.csv").write_text(CUSTOMERS)
        (folder / "map.yaml").write_text(MAP)
        yield folder


@pytest.fixture
def running(checkout: Path) -> Iterator[subprocess.Popen[str]]:
    """`make run`, until the test is over."""
    environment = surroundings(checkout)
    with (checkout / "said.txt").open("w") as said:
        process = subprocess.Popen(
            commands()[0].split(),
            cwd=REPOSITORY,
            env=environment,
            stdout=said,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.mark.alone
def test_the_quick_start_works_as_written(checkout: Path, running: subprocess.Popen[str]) -> None:
    first, *rest = commands()
    assert first == "make run"
    said = checkout / "said.txt"
    until(
        lambda: "Cadenza is ready" in said.read_text() or running.poll() is not None,
        "the product is ready",
        seconds=LONGEST_FIRST_START_SECONDS,
    )
    told = said.read_text()
    for words in ("Cadenza is ready: http://", "Sign in", "Password", "Flows", "Mailbox"):
        assert words in told, told
    for command in rest:
        done = subprocess.run(
            command.split(),
            cwd=checkout,
            env=surroundings(checkout),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    os.killpg(running.pid, signal.SIGINT)
    # make waits for the product and then ends by the signal itself
    assert running.wait(60) in (0, 130, -signal.SIGINT)
    assert not DataDir(checkout / "var").held()


@pytest.mark.alone
def test_the_second_start_is_quick(checkout: Path) -> None:
    """Not a measurement: a start that waits for a time-out somewhere would take minutes."""
    for _ in range(2):
        began = time.monotonic()
        process = subprocess.Popen(
            [str(REPOSITORY / ".venv" / "bin" / "cadenza"), "up"],
            cwd=checkout,
            env=surroundings(checkout),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            until(lambda: DataDir(checkout / "var").running() is not None, "it is up")
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    assert time.monotonic() - began < 60
