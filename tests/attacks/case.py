"""One attack in one line of a table: what is tried, who wrote of it, what must happen instead."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

# An answer to a hostile input takes milliseconds; a machine with other work may take longer.
MOST_SECONDS = 2.0


@dataclass(frozen=True)
class Case:
    """`source` is a weakness (CWE), a chapter of OWASP or an RFC, or an advisory. `attack` raises
    AssertionError where what is `expected` does not happen."""

    name: str
    source: str
    expected: str
    attack: Callable[..., Any]

    def run(self) -> None:
        began = time.process_time()
        self.attack()
        assert time.process_time() - began < MOST_SECONDS, "it took too long"


@dataclass(frozen=True)
class LiveCase:
    """The same against a door; `attack` is given the door."""

    name: str
    source: str
    expected: str
    attack: Callable[[Any], Awaitable[None]]


def refuses(*kinds: type[BaseException]) -> Callable[[Callable[[], Any]], Callable[[], None]]:
    """The deed must raise one of these, and its words must stay short."""

    def of(deed: Callable[[], Any]) -> Callable[[], None]:
        def tried() -> None:
            with pytest.raises(kinds) as refusal:
                deed()
            assert len(str(refusal.value)) < 20_000

        return tried

    return of


def gives(deed: Callable[[], Any], wanted: Any) -> Callable[[], None]:
    def tried() -> None:
        found = deed()
        assert found == wanted, f"{found!r} is not {wanted!r}"

    return tried


def holds(deed: Callable[[], Any]) -> Callable[[], None]:
    """What `deed` returns must be true."""

    def tried() -> None:
        assert deed()

    return tried
