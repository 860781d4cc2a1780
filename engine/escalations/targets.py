"""Whom a level tells, as it is written and as it is found in the directory.

    owner                    the subject's owner
    manager, manager:2       so many levels above the owner
    team_head, team_head:X   the head of the subject's team, or of the team X
    team:X, role:X           everybody of a team or role who is there
    on_duty:X                whoever has the turn of the rotation X
    ben@example.com, user:X  one person, by address or by name

Whoever is away is stood in for by their deputy. Several people of a team or role are not: those who
are there are told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Final, NamedTuple

from pydantic import AfterValidator, Field

from engine.escalations.rotation import Rotation, concerned, find_person, on_duty
from engine.flows.field_types import refused
from engine.flows.problems import Code, did_you_mean, shown
from engine.people import ROLES, Directory

_ADDRESS: Final = re.compile(r"[^@\s\x00:]+@[^@\s\x00]+")
_WITH_VALUE: Final = ("team", "role", "on_duty", "user")
_PERHAPS_VALUE: Final = ("manager", "team_head")
MOST_MANAGERS_UP: Final = 10


class Target(NamedTuple):
    """`kind` is "owner", "manager", "team_head", "team", "role", "on_duty" or "user"; `levels`
    counts for managers alone."""

    kind: str
    value: str = ""
    levels: int = 1


class Found(NamedTuple):
    """One person to tell, and how they came to be it: "owner", "role:admin", "deputy of owner"."""

    user_id: int
    why: str


@dataclass(frozen=True, slots=True)
class Scene:
    """What a policy is read against: the people, the turns, and whose matter it is."""

    directory: Directory
    rotations: Mapping[str, Rotation]
    owner_id: int | None = None
    team: str | None = None


@lru_cache(maxsize=1024)
def target_of(text: str) -> Target:
    """What a checked text means."""
    kind, separator, value = text.partition(":")
    value = value.strip()
    if kind == "manager":
        return Target(kind, levels=int(value) if separator else 1)
    if kind == "owner" or kind in _PERHAPS_VALUE or (separator and kind in _WITH_VALUE):
        return Target(kind, value)
    return Target("user", text)


def people_of(text: str, scene: Scene, at: datetime) -> list[Found]:
    """Who is to be told now, nobody twice; empty when nobody is there."""
    target, directory = target_of(text), scene.directory
    if target.kind in ("team", "role"):
        members = directory.members if target.kind == "team" else directory.with_role
        return [Found(one, text) for one in members(target.value) if directory.is_present(one, at)]
    if target.kind == "on_duty":
        rotation = scene.rotations.get(target.value)
        turn = on_duty(rotation, at, directory) if rotation else None
        return [] if turn is None else [Found(turn, text)]
    meant = _one_meant(target, scene)
    acting = None if meant is None else directory.stands_in(meant, at)
    if acting is None:
        return []
    return [Found(acting, text if acting == meant else f"deputy of {text}")]


def those_of(text: str, scene: Scene) -> frozenset[int]:
    """Everybody whose coming back could change whom the target means."""
    target, directory = target_of(text), scene.directory
    if target.kind == "team":
        return frozenset(directory.members(target.value))
    if target.kind == "role":
        return frozenset(directory.with_role(target.value))
    if target.kind == "on_duty":
        rotation = scene.rotations.get(target.value)
        return concerned(rotation, directory) if rotation else frozenset()
    meant = _one_meant(target, scene)
    return frozenset() if meant is None else frozenset({meant})


def _one_meant(target: Target, scene: Scene) -> int | None:
    directory = scene.directory
    match target.kind:
        case "owner":
            return scene.owner_id
        case "manager":
            owner = scene.owner_id
            return None if owner is None else directory.manager_of(owner, target.levels)
        case "team_head":
            team = target.value or scene.team
            return directory.head_of(team) if team else None
        case _:
            return find_person(target.value, directory)


def _target(text: str) -> str:
    kind, separator, value = text.partition(":")
    value = value.strip()
    if text == "owner" or _ADDRESS.fullmatch(text):
        return text
    if "\0" not in text:
        if kind == "manager" and (not separator or _counts(value)):
            return text
        if kind == "role" and separator:
            if value in ROLES:
                return text
            message = f"there is no role {shown(value)}; {did_you_mean(value, ROLES)}"
            raise refused(Code.UNKNOWN_PERSON, message)
        if kind == "team_head" and (not separator or value):
            return text
        if kind in _WITH_VALUE and value:
            return text
    raise refused(
        Code.UNKNOWN_PERSON,
        f'{shown(text)} is nobody; write "owner", "manager" or "manager:2", "team_head", '
        '"team:<name>", "role:<role>", "on_duty:<rotation>" or the e-mail address of a user.',
    )


def _counts(value: str) -> bool:
    return value.isascii() and value.isdigit() and 1 <= int(value) <= MOST_MANAGERS_UP


TargetText = Annotated[str, Field(strict=True, max_length=320), AfterValidator(_target)]
