"""One command starts everything, and goes on where it was after anything."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import psutil
import pytest

from engine.embedded.ports import any_free_port
from tests.ground.up_process import Up, quiet_environment

pytestmark = pytest.mark.alone


@pytest.fixture
def running() -> Iterator[list[Up]]:
    """What is in the list is stopped after the test."""
    started: list[Up] = []
    yield started
    for up in started:
        if up.process.poll() is None:
            up.interrupt()


def verb(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "engine.cli", *arguments],
        capture_output=True,
        text=True,
        env=quiet_environment() | {"CADENZA_DATA_DIR": str(folder)},
        check=False,
    )


def test_up_on_an_empty_folder_and_again_after_a_kill(tmp_path: Path, running: list[Up]) -> None:
    folder, port = tmp_path / "var", any_free_port()
    first = Up(folder, port)
    running.append(first)
    first.await_ready()
    assert first.url == f"http://127.0.0.1:{port}"
    assert first.one_time_password
    assert httpx2.get(f"{first.url}/healthz").status_code == 200
    assert httpx2.get(f"{first.url}/readyz").status_code == 200
    page = httpx2.get(first.url, headers={"Accept": "text/html"}, follow_redirects=True)
    assert page.status_code == 200

    second = verb(folder, "up", "--data-dir", str(folder))
    assert second.returncode == 1
    assert f"in use by Cadenza at {first.url}" in second.stderr
    assert "Traceback" not in second.stderr

    examined = verb(folder, "doctor")
    assert "The schema is at" in examined.stdout
    assert "Temporal answers" in examined.stdout

    first.kill_group()
    again = Up(folder, port)
    running.append(again)
    again.await_ready()
    assert again.url == first.url
    assert again.one_time_password is None, "the first admin is made once"
    assert again.interrupt() == 0
    assert not (folder / "running.json").exists()
    assert not [process for process in servers_of(folder) if process.is_running()]


def test_killed_servers_come_back_while_it_runs(tmp_path: Path, running: list[Up]) -> None:
    folder = tmp_path / "var"
    up = Up(folder, any_free_port())
    running.append(up)
    up.await_ready()
    for process in servers_of(folder):
        process.kill()
    await_ready_again(up)
    assert up.process.poll() is None


def await_ready_again(up: Up) -> None:
    until = time.monotonic() + 60
    with httpx2.Client(timeout=10) as client:
        while client.get(f"{up.url}/readyz").status_code != 200:
            assert time.monotonic() < until, "it did not become ready again"
            time.sleep(0.1)


def test_a_taken_web_port_moves(tmp_path: Path, running: list[Up]) -> None:
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        wanted = squatter.getsockname()[1]
        up = Up(tmp_path / "var", wanted)
        running.append(up)
        up.await_ready()
    assert up.url != f"http://127.0.0.1:{wanted}"
    assert httpx2.get(f"{up.url}/healthz").status_code == 200


def servers_of(folder: Path) -> list[psutil.Process]:
    found = []
    for file in (folder / "run").glob("*.pid"):
        try:
            found.append(psutil.Process(json.loads(file.read_text())["pid"]))
        except psutil.NoSuchProcess:
            continue
    return found
