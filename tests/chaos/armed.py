"""One part of the product, with a bomb in it.

    python -m tests.chaos.armed ROLE FOLDER VERB...

runs `cadenza VERB...`. Whoever writes the name of a point into FOLDER/armed has its victim killed
by SIGKILL when this process gets there. The file is renamed to `fired` first, so one point kills
once.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.cli import main
from tests.chaos.points import POINTS, Point, Victim


class Bomb:
    def __init__(self, role: str, folder: Path) -> None:
        self.role, self.folder = role, folder
        self.armed, self.fired = folder / "armed", folder / "fired"
        self._reached: dict[str, int] = {}

    def reached(self, point: Point) -> None:
        try:
            if self.armed.read_text() != point.name:
                return
        except FileNotFoundError:
            return
        count = self._reached[point.name] = self._reached.get(point.name, 0) + 1
        if count < point.nth:
            return
        try:
            self.armed.rename(self.fired)
        except FileNotFoundError:
            return
        os.kill(self._pid_of(point.victim), signal.SIGKILL)

    def _pid_of(self, victim: Victim) -> int:
        if victim in ("worker", "web"):
            return os.getpid()
        written = json.loads((self.folder / "var" / "run" / f"{victim}.pid").read_text())
        return int(written["pid"])


def place(bomb: Bomb, point: Point) -> None:
    """Wrap the function of a point; two points may share one."""
    owner, name = found(point)
    setattr(owner, name, wrapped(bomb, point, getattr(owner, name)))


def found(point: Point) -> tuple[Any, str]:
    """The module or class of a point's function, and its name there; raises when it is gone."""
    module_name, _, path = point.at.partition(":")
    owner: Any = importlib.import_module(module_name)
    *inner, name = path.split(".")
    for part in inner:
        owner = getattr(owner, part)
    if not inspect.iscoroutinefunction(getattr(owner, name)):
        raise TypeError(f"{point.at} is not a coroutine function")
    return owner, name


def wrapped(bomb: Bomb, point: Point, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    async def watched(*arguments: Any, **named: Any) -> Any:
        if point.when == "before":
            bomb.reached(point)
        result = await function(*arguments, **named)
        if point.when == "after":
            bomb.reached(point)
        return result

    return watched


def run(role: str, folder: Path, verb: list[str]) -> None:
    bomb = Bomb(role, folder)
    for point in POINTS:
        if point.role == role:
            place(bomb, point)
    sys.argv = ["cadenza", *verb]
    main()


if __name__ == "__main__":
    run(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
