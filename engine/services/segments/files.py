"""A segment as a file: name, words, and its rule or the word that it is a list."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import PurePath
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Segment, SegmentKind
from crm_store.segments import segment_named
from engine.errors import Problem, Refused
from engine.flows.places import Places
from engine.flows.problems import Code
from engine.flows.written import TextRefused, read_text
from engine.services.actor import Actor
from engine.services.segments.editing import (
    Edit,
    NewSegment,
    create_segment,
    edit_segment,
    problems_of,
)

KEYS: Final = ("name", "label", "label_zh", "kind", "rule")


async def check_file(session: AsyncSession, text: str | bytes, file: str) -> NewSegment:
    """The segment in the text. Raises Refused with every mistake and its line; stores nothing."""
    new, places = _read(text, file)
    found = await problems_of(session, new, is_new=await _is_new(session, new))
    if found:
        raise Refused(
            f"The segment in {file} has mistakes.", [_placed(one, places) for one in found]
        )
    return new


async def save_file(
    session: AsyncSession, actor: Actor, text: str | bytes, file: str, now: datetime
) -> Segment:
    """Make the segment of a file, or change the one of that name. Raises Refused like the check."""
    new = await check_file(session, text, file)
    if await _is_new(session, new):
        return await create_segment(session, actor, new, now)
    edit = Edit(label=new.label, label_zh=new.label_zh, rule=new.rule)
    return await edit_segment(session, actor, new.name, edit, now)


async def _is_new(session: AsyncSession, new: NewSegment) -> bool:
    return await segment_named(session, new.name) is None


def _read(text: str | bytes, file: str) -> tuple[NewSegment, Places]:
    try:
        written = read_text(text, file)
    except TextRefused as refused:
        raise Refused(
            f"{file} cannot be read.",
            [Problem(one.place, one.code, one.message) for one in refused.problems],
        ) from refused
    places, data = written.places, written.data
    problems = [Problem(one.place, one.code, one.message) for one in written.problems]
    if not isinstance(data, dict):
        raise Refused(f"{file} is no segment: write name, label and rule.", problems)
    problems += [
        _placed(Problem(f"/{key}", Code.UNKNOWN_KEY, f'"{key}" is no part of a segment.'), places)
        for key in data
        if key not in KEYS
    ]
    kind = data.get("kind", SegmentKind.RULE.value)
    if kind not in list(SegmentKind):
        message = 'A segment is of kind "rule" or "static".'
        problems.append(_placed(Problem("/kind", Code.BAD_CHOICE, message), places))
    if problems:
        raise Refused(f"The segment in {file} has mistakes.", problems)
    name = str(data.get("name", PurePath(file).stem))
    new = NewSegment(name, str(data.get("label") or _spoken(name)), rule=data.get("rule"))
    label_zh = data.get("label_zh")
    new = replace(new, label_zh=None if label_zh is None else str(label_zh), kind=SegmentKind(kind))
    return new, places


def _spoken(name: str) -> str:
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _placed(problem: Problem, places: Places) -> Problem:
    line, column = places.position(problem.place)
    return replace(problem, place=f"{places.file}:{line}:{column}")
