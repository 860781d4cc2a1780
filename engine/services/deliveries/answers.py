"""What an answer to a delivery means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from engine.outgoing import Answered, OutgoingError
from engine.outgoing.sorting import pause_asked_for

LONGEST_KEPT: Final = 1_000
OK: Final = "ok"


@dataclass(frozen=True, slots=True)
class Result:
    """One call. `pause` is how long the receiver asked to be left alone; `gone` that it wants no
    more, ever."""

    at: datetime
    milliseconds: int
    code: str
    status: int | None = None
    answer: str = ""
    pause: timedelta | None = None

    @property
    def ok(self) -> bool:
        return self.code == OK

    @property
    def gone(self) -> bool:
        return self.status == HTTPStatus.GONE


def result_of(answer: Answered, at: datetime, milliseconds: int) -> Result:
    """Any status of 200 to 299 is a success; a redirect is none."""
    if 200 <= answer.status < 300:
        return Result(at, milliseconds, OK, answer.status, excerpt(answer.body))
    return Result(
        at,
        milliseconds,
        f"http_{answer.status}",
        answer.status,
        excerpt(answer.body),
        pause_asked_for(answer.headers.get("retry-after"), at),
    )


def unanswered(error: OutgoingError, at: datetime, milliseconds: int) -> Result:
    return Result(at, milliseconds, error.code, answer=error.reason[:LONGEST_KEPT])


def excerpt(body: bytes) -> str:
    """The beginning of an answer, as text that every column and page can hold."""
    # a character has at most four bytes, and one may be cut at the end
    text = body[: LONGEST_KEPT * 4].decode("utf-8", "replace")[:LONGEST_KEPT]
    return "".join(one if one.isprintable() or one in "\n\t" else "\ufffd" for one in text)
