"""A file of events for a simulation: one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.base import folded
from crm_store.contacts import ids_by_email
from engine.errors import NotFound, Problem, Refused
from engine.flows.triggers.own_events import KIND_OF_OURS
from engine.simulate import Occurrence

LONGEST_FILE_BYTES = 256 * 2**20
MOST_PROBLEMS = 50
_KEYS = frozenset({"at", "event", "email", "contact", "properties"})


@dataclass(frozen=True, slots=True)
class Line:
    """`who` is a contact's number or address."""

    at: datetime
    event: str
    who: int | str
    properties: Mapping[str, Any]


def read_lines(path: Path) -> list[Line]:
    """Lines such as {"at": "2026-03-02T09:00:00Z", "email": "ada@example.com", "event": "Opened"}.

    `contact` with a number may stand for `email`, and `properties` may be left out. Raises Refused
    with the place of every mistake.
    """
    if not path.is_file():
        raise NotFound(f'There is no file "{path}". Correct the path.')
    if path.stat().st_size > LONGEST_FILE_BYTES:
        raise Refused(f'"{path}" is larger than 256 MiB. Give fewer events.')
    lines: list[Line] = []
    problems: list[Problem] = []
    with path.open(encoding="utf-8", errors="replace") as file:
        for number, text in enumerate(file, 1):
            if not text.strip():
                continue
            read = _line(text)
            if isinstance(read, Line):
                lines.append(read)
            elif len(problems) < MOST_PROBLEMS:
                problems.append(Problem(f"{path.name}:{number}", "bad_event", read))
    if problems:
        raise Refused(f'"{path.name}" is no file of events.', problems)
    return lines


def _line(text: str) -> Line | str:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return "this line is no JSON object."
    if not isinstance(said, dict):
        return "this line is no JSON object."
    if unknown := sorted(said.keys() - _KEYS):
        return f'unknown key "{unknown[0][:40]}"; a line has {", ".join(sorted(_KEYS))}.'
    at, who = _moment(said.get("at")), said.get("contact", said.get("email"))
    if at is None:
        return '"at" needs a time with its offset, such as "2026-03-02T09:00:00Z".'
    if not isinstance(said.get("event"), str) or not said["event"]:
        return '"event" needs the name of an event.'
    if isinstance(who, bool) or not isinstance(who, int | str):
        return '"email" or "contact" must say whose event it is.'
    properties = said.get("properties", {})
    if not isinstance(properties, dict):
        return '"properties" needs an object.'
    return Line(at, said["event"], who, properties)


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


async def occurrences_of(session: AsyncSession, lines: list[Line]) -> list[Occurrence]:
    """The events of known contacts; strangers' are left out."""
    keys = {folded(line.who) for line in lines if isinstance(line.who, str)}
    ids = await ids_by_email(session, keys)
    known = [
        (line, line.who if isinstance(line.who, int) else ids.get(folded(line.who)))
        for line in lines
    ]
    return [
        Occurrence(line.at, id_, line.event, line.properties, KIND_OF_OURS.get(line.event, "track"))
        for line, id_ in known
        if id_ is not None
    ]
