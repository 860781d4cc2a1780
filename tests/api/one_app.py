"""One application for the thousand tests of a process.

Making the application anew takes FastAPI half a second, which would be a sixth of the whole run.
So it is made once with parts that can be changed for others, and before each test everything that
ours in it has come to remember is forgotten: rates, keys, lines, who was refused what.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from copy import copy
from functools import partial
from types import CellType, FunctionType, MethodType, ModuleType
from typing import Any

from fastapi import FastAPI
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from engine.api.app import create_app
from engine.settings import Settings

_CONTAINERS = (dict, list, set, deque)
_LEAVES = (str, bytes, int, float, bool, type(None), type, ModuleType)


class Passed:
    """Stands for whatever `current` gives when it is asked something."""

    def __init__(self, current: Callable[[], Any]) -> None:
        object.__setattr__(self, "_current", current)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._current(), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._current(), name, value)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return self._current()(*arguments, **named)


class OneApp:
    """`with_parts(parts)`: the application as if it had just been made with them. They have the
    settings of the first, whose values it was made with."""

    def __init__(self, parts: Any) -> None:
        self._parts = parts
        self._settings: Settings = parts.settings
        stands = _Standing(self)
        self.app: FastAPI = create_app(stands)
        self._routes = tuple(self.app.router.routes)
        self._as_made = list(_memories(self.app))

    @property
    def parts(self) -> Any:
        return self._parts

    @property
    def settings(self) -> Settings:
        return self._settings

    def with_parts(self, parts: Any) -> FastAPI:
        self._parts = parts
        for holder, values in self._as_made:
            for name in getattr(holder, "__dict__", {}).keys() - values.keys():
                object.__delattr__(holder, name)
            for name, value in values.items():
                object.__setattr__(holder, name, _fresh(value))
        # a test may have added a page
        self.app.router.routes[:] = self._routes
        # made again at the first request
        self.app.middleware_stack = None
        self.app.state.parts = parts
        self.app.dependency_overrides.clear()
        return self.app


class _Standing:
    """Parts for the making: what has a life of its own is passed on to those of the test."""

    def __init__(self, one: OneApp) -> None:
        self._one = one
        for name in ("store", "now", "pokes", "shared", "library"):
            setattr(self, name, Passed(self._passing(name)))

    def _passing(self, name: str) -> Callable[[], Any]:
        return lambda: getattr(self._one.parts, name)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._one.parts, name)


def _memories(root: object) -> Iterator[tuple[object, dict[str, Any]]]:
    """Each object of ours that can be reached, with its attributes as they are now."""
    seen: set[int] = set()
    kept: list[object] = []
    waiting: list[object] = [root]
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, (*_LEAVES, Passed, _Standing, OneApp)):
            continue
        seen.add(id(one))
        kept.append(one)
        attributes = _attributes(one)
        if type(one).__module__.startswith("engine.") and attributes:
            yield one, {name: _fresh(value) for name, value in attributes.items()}
        waiting.extend(_parts_of(one, attributes))


def _fresh(value: Any) -> Any:
    """As it was, in the event loop of whoever uses it next."""
    if isinstance(value, _CONTAINERS):
        return copy(value)
    if isinstance(value, asyncio.Semaphore):
        return type(value)(value._value)
    if isinstance(value, MovingWindowRateLimiter):
        return type(value)(MemoryStorage())
    if isinstance(value, (asyncio.Lock, asyncio.Event)):
        return type(value)()
    return value


def _parts_of(one: object, attributes: dict[str, Any]) -> Iterator[object]:
    yield from attributes.values()
    if isinstance(one, FunctionType):
        yield from one.__closure__ or ()
        yield from one.__defaults__ or ()
    elif isinstance(one, MethodType):
        yield one.__self__
        yield one.__func__
    elif isinstance(one, partial):
        yield from (one.func, *one.args, *one.keywords.values())
    elif isinstance(one, CellType):
        yield one.cell_contents
    elif isinstance(one, dict):
        yield from one.values()
    elif isinstance(one, (list, tuple, set, frozenset, deque)):
        yield from one


def _attributes(one: object) -> dict[str, Any]:
    found = dict(getattr(one, "__dict__", {})) if not isinstance(one, FunctionType) else {}
    for kind in type(one).__mro__:
        for name in kind.__dict__.get("__slots__", ()):
            if isinstance(name, str) and name != "__dict__" and hasattr(one, name):
                found[name] = getattr(one, name)
    return found
