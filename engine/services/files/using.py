"""Which templates want which files, and what is wrong with that."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import files as rows
from crm_store.files import FileRow
from engine.errors import Problem
from engine.services.actor import Actor, allowed
from engine.services.files.enclosing import Wanted, refusal


class WritesLetters(Protocol):
    """What is asked of the templates."""

    async def refresh(self, session: AsyncSession) -> None:
        """Take in what was published meanwhile."""

    def names(self) -> tuple[str, ...]: ...

    def attachments(self, name: str) -> tuple[str, ...]:
        """The files that letters of this template have beside them."""

    def pictures(self, name: str) -> frozenset[str]:
        """The files that they show by content id, in any language."""


async def files_in_use(session: AsyncSession, templates: WritesLetters) -> dict[str, list[str]]:
    """The templates that want each file, with the place in them, as published by now."""
    await templates.refresh(session)
    found: dict[str, list[str]] = {}
    for name in templates.names():
        for file in templates.attachments(name):
            found.setdefault(file, []).append(f"{name}: attachments")
        for file in sorted(templates.pictures(name)):
            found.setdefault(file, []).append(f"{name}: cid:{file}")
    return found


async def known_files(session: AsyncSession, names: Collection[str]) -> dict[str, FileRow]:
    """The newest versions of these files."""
    return await rows.newest_files(session, names)


def file_problems(
    place: str,
    attachments: Collection[str],
    pictures: Collection[str],
    known: Mapping[str, FileRow],
) -> list[Problem]:
    """Why letters of a template could not go out with the files there are now."""
    found = refusal(Wanted(tuple(attachments), pictures), known)
    return [] if found is None else [Problem(place, found.code, found.message)]


async def problems_of_templates(
    session: AsyncSession, actor: Actor, templates: WritesLetters
) -> dict[str, list[Problem]]:
    """Templates whose letters could not go out with the files there are, by name; one question."""
    allowed(actor, "read", "file")
    names = templates.names()
    wanted = {name: (templates.attachments(name), templates.pictures(name)) for name in names}
    known = await known_files(
        session, {file for both in wanted.values() for one in both for file in one}
    )
    found = {name: file_problems(name, *both, known) for name, both in wanted.items()}
    return {name: problems for name, problems in found.items() if problems}
