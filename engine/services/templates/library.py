"""All message templates, ready to be written for a contact."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import templates as rows
from engine.errors import NotFound, Problem, Refused
from engine.rendering import RenderFailed
from engine.rendering.problems import TemplateRefused
from engine.rules import Catalogue
from engine.services.templates.assembling import Assembled, assemble, frame_problems
from engine.services.templates.bundle import Bundle, frames_named
from engine.services.templates.folder import read_folder
from engine.services.templates.meta import Meta
from engine.services.templates.ready import (
    ReadyTemplate,
    RenderedMessage,
    made_ready,
    write_message,
)
from engine.services.templates.vocabulary import known_variables

log = logging.getLogger(__name__)

# Earlier versions that are kept compiled, for letters that are looked at again.
MOST_EARLIER = 100


class UnknownTemplate(NotFound):
    """No template has this name; the message offers the nearest."""

    code = "unknown_template"


class TemplateLibrary:
    """The templates below a folder, read and checked once, and over them those of the database.

    Raises Refused with every problem of every file. Nothing is read from disk afterwards, so a
    template that is being edited cannot break mail that is going out. What people publish in the
    program comes in with `refresh`; a published template covers the file of the same name.
    """

    def __init__(self, root: Path, *, catalogue: Catalogue | None = None) -> None:
        known = known_variables(catalogue)
        folder = read_folder(root)
        problems = [*folder.problems]
        for file, text in folder.frames.items():
            problems.extend(frame_problems(file, text, known))
        assembled = [assemble(bundle, known) for bundle in folder.bundles]
        problems.extend(problem for one in assembled for problem in one.problems)
        if problems:
            raise Refused(f"Message templates in {root} cannot be used.", problems)
        self._root = root
        self._known = known
        self.frames: Mapping[str, str] = folder.frames
        self._bundles = {one.bundle.name: one.bundle for one in assembled}
        self._files = {one.bundle.name: _of_file(one) for one in assembled}
        # None: published, and of no use to this release.
        self._stored: dict[str, ReadyTemplate | None] = {}
        self._changes_seen = 0
        self._number_of: dict[str, int] = {}
        # By name and number: compiling takes a hundred times as long as writing.
        self._earlier: dict[tuple[str, str], ReadyTemplate | None] = {}

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(name for name in {*self._files, *self._stored} if self._found(name)))

    def meta(self, name: str) -> Meta:
        """Label, purpose and default language; raises UnknownTemplate."""
        return self.template(name).meta

    def published_purpose(self, name: str) -> str | None:
        """Of what was published in the program; None of a file, which changes with a release only
        and is looked at when a flow is published."""
        stored = self._stored.get(name)
        return stored.meta.purpose if stored else None

    def languages(self, name: str) -> tuple[str, ...]:
        return tuple(sorted(self.template(name).variants))

    def attachments(self, name: str) -> tuple[str, ...]:
        """The stored files that letters of this template have beside them."""
        return self.meta(name).attachments

    def pictures(self, name: str) -> frozenset[str]:
        """The stored files that it shows by content id, in any language."""
        found = self._found(name)
        variants = found.variants.values() if found else ()
        return frozenset().union(*(variant.pictures for variant in variants))

    def reads(self, names: Collection[str]) -> frozenset[str]:
        """The variables these templates read in any language; unknown names read nothing."""
        found = (one.reads for name in names if (one := self._found(name)) is not None)
        return frozenset().union(*found)

    def sample(self) -> dict[str, Any]:
        """The facts of a made-up contact, for previews."""
        facts: dict[str, Any] = yaml.safe_load((self._root / "_sample.yaml").read_text("utf-8"))
        return facts

    def file_names(self) -> tuple[str, ...]:
        return tuple(self._files)

    def file_template(self, name: str) -> ReadyTemplate:
        """The template that the files of this name make, whatever covers it."""
        return self._files[name]

    def file_bundle(self, name: str) -> Bundle | None:
        """The texts of a template that is a file, with the frames it may use."""
        return self._bundles.get(name)

    def template(self, name: str) -> ReadyTemplate:
        """Raises UnknownTemplate."""
        found = self._found(name)
        if found is None:
            close = get_close_matches(name, self.names(), n=1)
            meant = f'; did you mean "{close[0]}"?' if close else "."
            raise UnknownTemplate(f'There is no message template "{name[:60]}"{meant}')
        return found

    def render(
        self,
        name: str,
        facts: Mapping[str, Any],
        *,
        language: str,
        zone: str,
        links: Mapping[str, str],
    ) -> RenderedMessage:
        """The message in the nearest language there is. `links` are further variables, such as
        unsubscribe_url. Raises UnknownTemplate or RenderFailed."""
        if name in self._stored and self._stored[name] is None:
            words = "The template was published by another release and cannot be used; publish it."
            raise RenderFailed("not_allowed", words)
        template = self.template(name)
        return write_message(template, facts, language=language, zone=zone, links=links)

    async def as_sent(self, session: AsyncSession, name: str, version: str | None) -> ReadyTemplate:
        """The template in the version that a message was written from, where that is still kept;
        else as it is now. Raises UnknownTemplate."""
        now = self.template(name)
        number = (version or "").removeprefix("v")
        if version in (None, now.version) or not number.isdecimal():
            return now
        if (name, number) not in self._earlier:
            stored = await rows.template_named(session, name)
            kept = await rows.version_numbered(session, stored.id, int(number)) if stored else None
            if kept is None:
                return now
            if len(self._earlier) >= MOST_EARLIER:
                self._earlier.clear()
            change = rows.Change(name, 0, kept.number, kept.sources, kept.frames)
            self._earlier[name, number] = self._ready(change)
        return self._earlier[name, number] or now

    async def refresh(self, session: AsyncSession) -> None:
        """Take in what was published or retired since the last time: one statement, which reads
        nothing but a number when there is nothing new."""
        changes = await rows.changes_after(session, self._changes_seen)
        if changes:
            # beside the others: compiling takes some dozens of milliseconds
            await asyncio.to_thread(self.take_in, changes)

    def take_in(self, changes: Sequence[rows.Change]) -> None:
        """Put published templates over those of the files; what was retired uncovers them."""
        made = [(one, self._ready(one) if one.sources is not None else None) for one in changes]
        for change, template in made:
            # others may have taken in the same or later ones meanwhile
            if change.number <= self._number_of.get(change.name, 0):
                continue
            self._number_of[change.name] = change.number
            if change.sources is None:
                self._stored.pop(change.name, None)
            else:
                self._stored[change.name] = template
        self._changes_seen = max([self._changes_seen, *(one.number for one in changes)])

    def _found(self, name: str) -> ReadyTemplate | None:
        return self._stored[name] if name in self._stored else self._files.get(name)

    def _ready(self, change: rows.Change) -> ReadyTemplate | None:
        bundle = Bundle(change.name, change.sources or {}, change.frames)
        made = assemble(bundle, self._known)
        # Variables are not looked at again: fields of the company's own are not known here.
        problems = [one for one in made.problems if one.code != "unknown_variable"]
        try:
            if made.meta is not None and not problems:
                return made_ready(made, f"v{change.version}")
        except TemplateRefused as refused:
            problems = [Problem(change.name, one.code, one.message) for one in refused.problems]
        log.error("template %s v%s is of no use: %s", change.name, change.version, problems)
        return None


def _of_file(assembled: Assembled) -> ReadyTemplate:
    bundle, meta = assembled.bundle, assembled.meta
    frames = frames_named(meta.frame if meta else None, bundle.frames)
    return made_ready(assembled, Bundle(bundle.name, bundle.files, frames).hash())
