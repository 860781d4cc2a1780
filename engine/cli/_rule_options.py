"""The options that the verbs of `cadenza rule` share, read and checked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

from engine.errors import Problem, Refused
from engine.local_time import is_zone
from engine.rules import Language, Subject
from engine.services.field_values import ValueRefused, instant
from engine.services.rules import Origin
from engine.services.rules.asked import ORIGINS
from engine.services.rules.files import Usual


def usual_from(
    at: str | None, zone: str, subject: str, origin: str, *, event: bool = False
) -> Usual:
    problems = []
    now = datetime.now(UTC)
    try:
        now = now if at is None else instant(at, zone=zone if is_zone(zone) else "UTC")
    except ValueRefused as refusal:
        problems.append(Problem("--at", refusal.code, refusal.message))
    if not is_zone(zone):
        problems.append(Problem("--zone", "unknown_zone", f'"{zone}" is no time zone.'))
    for option, value, known in (
        ("--subject", subject, get_args(Subject)),
        ("--from", origin, ORIGINS),
    ):
        if value not in known:
            problems.append(Problem(option, "unknown", f"choose one of {', '.join(known)}."))
    if problems:
        raise Refused("The options cannot be used.", problems)
    return Usual(now, zone, _subject(subject), event, _origin(origin))


def _subject(name: str) -> Subject:
    return next(one for one in get_args(Subject) if one == name)


def _origin(name: str) -> Origin:
    return next(one for one in ORIGINS if one == name)


def language_from(name: str) -> Language:
    if name not in get_args(Language):
        raise Refused("The options cannot be used.", [Problem("--language", "unknown", "en or zh")])
    return "zh" if name == "zh" else "en"
