"""A server that runs as our child, dies with us, and can be recognised after a crash."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil

from engine.embedded.account import Account

LAUNCH = Path(__file__).with_name("launch.py")
# A log that grew past this is set aside once (`.1`) when the server starts.
LOG_LIMIT_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Command:
    """How to run one server. `stop_signals` are sent in order, each given its seconds to work.

    `death_signal` is what it gets from the system when we are killed (Linux; elsewhere the next
    start sweeps it away).
    """

    argv: Sequence[str]
    log: Path
    pid_file: Path
    stop_signals: Sequence[tuple[signal.Signals, float]]
    death_signal: signal.Signals
    environment: Mapping[str, str] = field(default_factory=dict)
    account: Account | None = None


class Child:
    """One run of a command. Start it from the main thread: on Linux it dies with that thread."""

    def __init__(self, command: Command) -> None:
        self._command = command
        self._process = _spawn(command)
        _write_pid_file(command.pid_file, self._process.pid)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    def wait(self, seconds: float) -> int | None:
        """The exit code, or None when it still runs after so many seconds."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def kill(self) -> None:
        """At once, for a server whose data nobody needs."""
        self._process.kill()
        self.stop()

    def stop(self) -> None:
        """Ask politely, then less so. Returns when it is gone; twice is harmless."""
        for number, seconds in self._command.stop_signals:
            if self.exit_code is not None:
                break
            self._process.send_signal(number)
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                continue
        self._command.pid_file.unlink(missing_ok=True)


def sweep(command: Command) -> bool:
    """Stop what an earlier run of ours left behind; True when there was something.

    The pid file holds the process's birth time too, so that a stranger who got the same number is
    left alone.
    """
    process = _recorded(command.pid_file)
    if process is not None:
        for number, seconds in command.stop_signals:
            try:
                process.send_signal(number)
                process.wait(seconds)
            except psutil.NoSuchProcess:
                break
            except psutil.TimeoutExpired:
                continue
            else:
                break
    command.pid_file.unlink(missing_ok=True)
    return process is not None


def _spawn(command: Command) -> subprocess.Popen[bytes]:
    order = {
        "argv": list(command.argv),
        "parent": os.getpid(),
        "death_signal": int(command.death_signal),
        "account": None if command.account is None else asdict(command.account),
    }
    _set_aside(command.log)
    with command.log.open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(LAUNCH), json.dumps(order)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**_plain_environment(), **command.environment},
            # Ctrl-C in the terminal is for us; we stop the servers in order.
            start_new_session=True,
        )


def _plain_environment() -> dict[str, str]:
    """Ours without what would steer the servers or tell them secrets."""
    keep = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "LD_LIBRARY_PATH")
    return {name: os.environ[name] for name in keep if name in os.environ}


def _set_aside(log: Path) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
        log.replace(log.with_suffix(".log.1"))


def _write_pid_file(path: Path, pid: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        born = psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return
    path.write_text(json.dumps({"pid": pid, "born": born}))


def _recorded(path: Path) -> psutil.Process | None:
    try:
        written = json.loads(path.read_text())
        process = psutil.Process(written["pid"])
        # Born within the clock's resolution of what was written.
        return process if abs(process.create_time() - written["born"]) < 0.1 else None
    except (FileNotFoundError, ValueError, KeyError, psutil.NoSuchProcess):
        return None
