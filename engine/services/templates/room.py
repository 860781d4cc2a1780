"""A room of its own for templates that nobody has published yet.

The allow-list and the budgets of `engine.rendering` keep a template from doing harm or running
long. Should there be a hole in them, it must not stop the server: what is being written is checked
and tried in a child process with limits on memory, processor time and files, which is stopped when
its time is over. It is started when it is needed first, and again after it was stopped.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import pickle
import select
import struct
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import cache
from typing import Any, Final

import orjson

from engine.errors import LimitReached, Problem, Refused, Unavailable
from engine.services.templates.bundle import Bundle
from engine.services.templates.checking import Checked
from engine.services.templates.ready import RenderedMessage
from engine.services.templates.vocabulary import Known

LONGEST: Final = timedelta(seconds=5)
# Importing takes about a second on an idle machine.
LONGEST_START: Final = timedelta(seconds=60)
# Who waits may hold a connection of the database; a process has two dozens for everything it does.
LONGEST_LINE: Final = 8
MOST_ANSWER_BYTES: Final = 16 * 1024 * 1024
_LENGTH: Final = struct.Struct(">I")
_INSIDE: Final = (sys.executable, "-m", "engine.services.templates.inside_room")


class TriedTooLong(Refused):
    """The template used up its time or memory, or the room broke."""

    code = "too_much_work"


class _Broken(Exception):
    """The room is gone, or says nothing."""


class Room:
    """One child process, asked one thing after the other. `command` is what runs in it. While
    LONGEST_LINE wait, others are told to try again: LimitReached."""

    def __init__(self, *, longest: timedelta = LONGEST, command: Sequence[str] = _INSIDE) -> None:
        self._longest = longest
        self._command = tuple(command)
        self._child: subprocess.Popen[bytes] | None = None
        self._line = ThreadPoolExecutor(max_workers=1, thread_name_prefix="template-room")
        self._in_line = 0

    async def check(self, bundle: Bundle, known: Known, sample: Mapping[str, Any]) -> Checked:
        """What `check_bundle` says; raises TriedTooLong."""
        paths = known.subjects.paths, known.bodies.paths
        found = await self._ask(("check", _plain(bundle), paths, dict(sample)))
        return Checked(
            _problems(found["problems"]),
            _problems(found["warnings"]),
            tuple(found["languages"]),
            tuple(found["frames"]),
            found["bytes"],
        )

    async def render(
        self,
        bundle: Bundle,
        known: Known,
        facts: Mapping[str, Any],
        *,
        language: str,
        zone: str,
        links: Mapping[str, str],
    ) -> RenderedMessage:
        """The message for these facts. Raises Refused, with what is wrong with the template or with
        the facts it met, and TriedTooLong."""
        paths = known.subjects.paths, known.bodies.paths
        asked = ("render", _plain(bundle), paths, dict(facts), language, zone, dict(links))
        found = await self._ask(asked)
        if found["problems"]:
            words = f'Template "{bundle.name}" cannot be written.'
            raise Refused(words, _problems(found["problems"]))
        message = found["message"]
        tuples = {"attachments": tuple(message.pop("attachments"))}
        return RenderedMessage(**message | tuples, pictures=frozenset(found["pictures"]))

    def close(self) -> None:
        """Stop the child; it is started again when it is needed."""
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    async def _ask(self, asked: tuple[Any, ...]) -> dict[str, Any]:
        if self._in_line >= LONGEST_LINE:
            words = "Too many drafts are being tried at once; try again in a moment."
            raise LimitReached(words, timedelta(seconds=5))
        self._in_line += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._line, self._answer, pickle.dumps(asked))
        finally:
            self._in_line -= 1

    def _answer(self, asked: bytes) -> dict[str, Any]:
        try:
            child = self._at_hand()
        except (_Broken, OSError) as error:
            self.close()
            raise Unavailable("Templates cannot be tried just now; try again.") from error
        try:
            _write(child, asked)
            found: dict[str, Any] = orjson.loads(_read(child, self._longest))
        except (_Broken, OSError, ValueError) as error:
            self.close()
            words = f"The template took more than {self._longest.total_seconds():g} s or too much "
            problem = Problem("", TriedTooLong.code, f"{words}memory; make it simpler.")
            raise TriedTooLong("The template was given up.", [problem]) from error
        return found

    def _at_hand(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is None:
            return self._child
        self.close()
        self._child = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # nothing of ours that is secret: neither settings nor addresses of databases
            env={"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            bufsize=0,
        )
        _read(self._child, LONGEST_START)
        return self._child


@cache
def the_room() -> Room:
    """The one of this process."""
    room = Room()
    atexit.register(room.close)
    return room


def _plain(bundle: Bundle) -> Bundle:
    return Bundle(bundle.name, dict(bundle.files), dict(bundle.frames), bundle.prefix)


def _problems(found: Sequence[Sequence[str]]) -> tuple[Problem, ...]:
    return tuple(Problem(place, code, message) for place, code, message in found)


def _write(child: subprocess.Popen[bytes], data: bytes) -> None:
    assert child.stdin is not None
    rest = memoryview(_LENGTH.pack(len(data)) + data)
    while rest:
        rest = rest[child.stdin.write(rest) or 0 :]


def _read(child: subprocess.Popen[bytes], longest: timedelta) -> bytes:
    """One answer; raises _Broken when it does not come in time."""
    until = time.monotonic() + longest.total_seconds()
    size = _LENGTH.unpack(_bytes(child, _LENGTH.size, until))[0]
    if size > MOST_ANSWER_BYTES:
        raise _Broken
    return _bytes(child, size, until)


def _bytes(child: subprocess.Popen[bytes], count: int, until: float) -> bytes:
    assert child.stdout is not None
    found = bytearray()
    while len(found) < count:
        left = until - time.monotonic()
        if left <= 0 or not select.select([child.stdout], [], [], left)[0]:
            raise _Broken
        piece = os.read(child.stdout.fileno(), min(count - len(found), 65_536))
        if not piece:
            raise _Broken
        found += piece
    return bytes(found)
