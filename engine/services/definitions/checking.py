"""Everything that is wrong with a definition, as the company is now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import definitions as rows
from engine.definitions import (
    DefinitionKind,
    DefinitionRefused,
    Draft,
    WarnsToo,
    World,
    located,
    read_definition,
)
from engine.definitions_known import KINDS
from engine.errors import Problem
from engine.services.actor import Actor, allowed
from engine.services.calendars.shelf import CalendarShelf
from engine.services.people_shelf import PeopleShelf
from engine.services.plans import current_catalogue


async def world_now(session: AsyncSession) -> World:
    """The company as this transaction sees it. Templates are not looked at: they are files, too."""
    names = await rows.definition_names(session)
    return World(
        catalogue=await current_catalogue(session),
        directory=await PeopleShelf().directory(session),
        calendars=await CalendarShelf().book(session),
        names={kind: names.get(kind.value, frozenset()) for kind in DefinitionKind},
        flows=frozenset(await rows.flow_names(session)),
    )


async def world_for(session: AsyncSession, actor: Actor, kind: DefinitionKind) -> World:
    """What a definition that is being drawn is checked against, for somebody who may see it."""
    allowed(actor, "read", kind.value)
    return await world_now(session)


def pointed_problems(
    kind: DefinitionKind, name: str, document: Mapping[str, Any], world: World
) -> tuple[Any | None, list[Problem]]:
    """What the kind makes of a document, and every problem under its JSON pointer, for forms that
    show each mistake at its field."""
    problems: list[Problem] = []
    model = KINDS[kind].model(document, problems)
    if model is not None and not problems:
        names = dict(world.names or {})
        names[kind] = names.get(kind, frozenset()) | {name}
        problems += KINDS[kind].check(model, replace(world, names=names))
    return model, problems


def with_names(world: World, drafts: Iterable[Draft]) -> World:
    """A definition may name itself, and those that are published with it."""
    if world.names is None:
        return world
    names = dict(world.names)
    for draft in drafts:
        names[draft.kind] = names.get(draft.kind, frozenset()) | {draft.name}
    return replace(world, names=names)


def checked_model(draft: Draft, world: World) -> tuple[Any | None, list[Problem]]:
    """What the kind makes of the draft, and every problem as file:line:column."""
    problems: list[Problem] = []
    known = KINDS.get(draft.kind)
    if known is None:
        words = f"this release knows no {draft.kind.spoken}."
        return None, located([Problem(f"/{draft.kind.value}", "unknown_kind", words)], draft.places)
    model = known.model(draft.document, problems)
    if model is not None and not problems:
        problems += known.check(model, with_names(world, [draft]))
    return model, located(problems, draft.places)


def warnings_about(draft: Draft, model: Any, world: World) -> list[Problem]:
    """What may be meant in a draft without mistakes, as file:line:column."""
    known = KINDS.get(draft.kind)
    if not isinstance(known, WarnsToo):
        return []
    return located(known.warnings(model, with_names(world, [draft])), draft.places)


class Findings(NamedTuple):
    """No draft where the text is none; `problems` keep it from being published, `warnings` do
    not."""

    draft: Draft | None
    problems: Sequence[Problem]
    warnings: Sequence[Problem] = ()


async def findings(
    session: AsyncSession, actor: Actor, text: str | bytes, file_name: str
) -> Findings:
    """The draft in a text, and what is to be said of it as the company is now."""
    try:
        draft = read_definition(text, file_name)
    except DefinitionRefused as refused:
        # looking at the form of a text tells nothing of the company
        return Findings(None, refused.problems)
    allowed(actor, "read", draft.kind.value)
    world = await world_now(session)
    model, problems = checked_model(draft, world)
    return Findings(draft, problems, [] if problems else warnings_about(draft, model, world))
