"""Looking at templates and keeping their drafts; see `publishing` for what makes them count."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import templates as rows
from crm_store.models import MessageTemplate
from crm_store.templates import VersionLine
from engine.errors import Conflict, NotFound, Problem, Refused
from engine.services import audit
from engine.services.actor import Actor, allowed
from engine.services.plans import current_catalogue
from engine.services.segment_door import ChangedMeanwhile
from engine.services.templates.bundle import META, NAME, SAMPLE, Bundle, frames_named, part_of
from engine.services.templates.checking import Checked
from engine.services.templates.library import TemplateLibrary, UnknownTemplate
from engine.services.templates.meta import Meta, read_meta
from engine.services.templates.named_things import with_unknown_names
from engine.services.templates.room import Room, the_room
from engine.services.templates.vocabulary import Known, known_variables
from engine.services.templates.wanted_files import with_file_problems

Origin = Literal["file", "database"]
# Opens a transaction. What writes unpublished texts, which may take seconds, opens one before and
# another after, so that no connection of the database is held meanwhile.
Transactions: TypeAlias = Callable[[], AbstractAsyncContextManager[AsyncSession]]
MOST_FILES: Final = 60
MOST_CHARACTERS: Final = 131_072
# YAML is read here and not in the room, and reading it is slow.
MOST_YAML: Final = 16_384
MOST_CHARACTERS_IN_ALL: Final = 700_000
ANYTHING: Final = "*"


@dataclass(frozen=True, slots=True)
class TemplateSummary:
    """`version` is what is sent now: "v3", or the hash of the files; None where nothing is.
    `covers_file`: there are files of this name too. `meta` is None when the draft's cannot be read.
    """

    name: str
    origin: Origin
    state: str
    version: str | None
    meta: Meta | None
    covers_file: bool
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class TemplateDetail:
    """`files` are the draft's texts by file name (of a template that is files: those). `tag` stands
    for the draft as it is now; None where there is none to be edited."""

    summary: TemplateSummary
    files: Mapping[str, str]
    tag: str | None
    versions: tuple[VersionLine, ...] = ()


@dataclass(frozen=True, slots=True)
class SavedTemplate:
    """`checked` says what keeps the draft from being published, and what would be better."""

    name: str
    tag: str
    created: bool
    checked: Checked


@dataclass(frozen=True, slots=True)
class KeptDraft:
    """`tag` stands for the draft as it is now."""

    tag: str
    created: bool


async def list_templates(
    session: AsyncSession, actor: Actor, library: TemplateLibrary
) -> list[TemplateSummary]:
    """All by name, those of the files and those of the database."""
    allowed(actor, "read", "template")
    found = {name: _of_file(library, name) for name in library.file_names()}
    for line in await rows.template_lines(session):
        found[line.name] = _summary(
            library, line.name, line.state, line.version, line.meta, line.updated_at
        )
    return [found[name] for name in sorted(found)]


async def see_template(
    session: AsyncSession, actor: Actor, library: TemplateLibrary, name: str
) -> TemplateDetail:
    """Raises UnknownTemplate."""
    allowed(actor, "read", "template")
    record = await rows.template_named(session, name)
    if record is None:
        bundle = library.file_bundle(name)
        if bundle is None:
            raise UnknownTemplate(f'There is no message template "{name[:60]}".')
        return TemplateDetail(_of_file(library, name), bundle.files, None)
    versions = tuple(await rows.version_lines(session, record))
    sent = next((one.number for one in versions if one.is_sent), None)
    meta = record.draft.get(META, "")
    summary = _summary(library, name, record.state, sent, meta, record.updated_at)
    return TemplateDetail(summary, record.draft, str(record.revision), versions)


async def save_template(
    session: AsyncSession,
    actor: Actor,
    library: TemplateLibrary,
    name: str,
    files: Mapping[str, str],
    *,
    now: datetime,
    seen: str | None = None,
    room: Room | None = None,
) -> SavedTemplate:
    """Keep texts as the draft of this name; what is sent does not change until it is published.

    `seen` is the tag of the draft that was edited, "*" for whichever is there; without one the name
    must be new. A draft may have problems. Raises ChangedMeanwhile, Conflict, and Refused for files
    that no template has.
    """
    # What is wrong with it is told as well, which is for who may read it.
    allowed(actor, "read", "template")
    kept = await keep_draft(session, actor, name, files, now=now, seen=seen)
    bundle = bundle_of(library, name, files)
    checked = await (room or the_room()).check(bundle, await known_now(session), library.sample())
    return SavedTemplate(name, kept.tag, kept.created, await _with_names(session, bundle, checked))


async def keep_draft(
    session: AsyncSession,
    actor: Actor,
    name: str,
    files: Mapping[str, str],
    *,
    now: datetime,
    seen: str | None = None,
) -> KeptDraft:
    """As `save_template`, without looking at the texts: for who keeps them while they are typed.
    The same texts again write nothing."""
    record = await rows.template_named(session, name, lock=True)
    allowed(actor, "create" if record is None else "edit", "template")
    acceptable(name, files)
    if record is not None and seen is None:
        raise Conflict(f'There is a template "{name}" already. Edit it, or choose another name.')
    if seen not in (None, ANYTHING, None if record is None else str(record.revision)):
        raise ChangedMeanwhile(f'Template "{name}" was changed by somebody else meanwhile.')
    created = record is None
    if record is None:
        record = await rows.add_template(session, name, files, now)
        if record is None:
            raise Conflict(f'Somebody else has just made a template "{name}". Load it again.')
    elif record.draft == dict(files):
        return KeptDraft(str(record.revision), created=False)
    else:
        record.draft, record.updated_at = dict(files), now
        record.revision += 1
    after = {"revision": record.revision}
    await audit.record(session, actor, "save_draft", "template", record.id, after=after)
    return KeptDraft(str(record.revision), created)


async def check_files(
    transaction: Transactions,
    actor: Actor,
    library: TemplateLibrary,
    name: str,
    files: Mapping[str, str],
    *,
    room: Room | None = None,
) -> Checked:
    """What keeps these texts from being published, and what would be better. Nothing is kept, and
    no transaction is open while they are tried."""
    allowed(actor, "read", "template")
    acceptable(name, files)
    bundle = bundle_of(library, name, files)
    async with transaction() as session:
        known = await known_now(session)
    checked = await (room or the_room()).check(bundle, known, library.sample())
    async with transaction() as session:
        return await _with_names(session, bundle, checked)


async def _with_names(session: AsyncSession, bundle: Bundle, checked: Checked) -> Checked:
    checked = await with_unknown_names(session, bundle, checked)
    return await with_file_problems(session, bundle, checked)


def bundle_of(library: TemplateLibrary, name: str, files: Mapping[str, str]) -> Bundle:
    """The texts with the frame that their meta names."""
    meta = read_meta(files.get(META, ""), META, [])
    return Bundle(name, files, frames_named(meta.frame if meta else None, library.frames))


async def known_now(session: AsyncSession) -> Known:
    """The variables there are, with the company's own fields."""
    return known_variables(await current_catalogue(session))


async def draft_of(session: AsyncSession, name: str, *, lock: bool = False) -> MessageTemplate:
    """Raises NotFound for a name that is only files, or nothing."""
    record = await rows.template_named(session, name, lock=lock)
    if record is None:
        raise NotFound(f'There is no template "{name[:60]}" in the database. Save a draft first.')
    return record


def _summary(
    library: TemplateLibrary,
    name: str,
    state: str,
    number: int | None,
    meta: str,
    updated_at: datetime,
) -> TemplateSummary:
    """Of a template in the database. Unless it is published, files of its name are what is sent."""
    file = _of_file(library, name) if library.file_bundle(name) is not None else None
    sent = f"v{number}" if number is not None else file.version if file else None
    known = read_meta(meta, META, [])
    return TemplateSummary(name, "database", state, sent, known, file is not None, updated_at)


def _of_file(library: TemplateLibrary, name: str) -> TemplateSummary:
    template = library.file_template(name)
    return TemplateSummary(name, "file", "published", template.version, template.meta, False, None)


def acceptable(name: str, files: Mapping[str, str]) -> None:
    """Nothing but names that templates have: they are written to disk when it is exported."""
    problems = []
    if not NAME.fullmatch(name):
        words = "write small letters, digits and _, a letter first, 61 characters at most"
        problems.append(Problem("/name", "bad_name", words))
    for file, text in list(files.items())[:MOST_FILES]:
        if file not in (META, SAMPLE) and part_of(file) is None:
            words = f'"{file[:60]}" is not part of a template; see the list of its files'
            problems.append(Problem("/files", "unknown_file", words))
        elif len(text) > (most := MOST_YAML if file.endswith(".yaml") else MOST_CHARACTERS):
            words = f"{file} is longer than {most:,} characters"
            problems.append(Problem("/files", "too_large", words))
        elif "\x00" in text:
            problems.append(Problem("/files", "bad_text", f"{file} has a NUL character in it"))
    if len(files) > MOST_FILES or sum(map(len, files.values())) > MOST_CHARACTERS_IN_ALL:
        problems.append(Problem("/files", "too_large", "there is too much of it"))
    if problems:
        raise Refused("These are not the texts of a template.", problems)
