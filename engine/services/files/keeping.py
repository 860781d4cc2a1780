"""Stored files: added in versions that never change, listed, read, removed."""

from __future__ import annotations

import asyncio
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import files as rows
from crm_store.files import FileRow
from engine.errors import Conflict, LimitReached, NotFound, Problem, Refused
from engine.services.actor import Actor, allowed
from engine.services.audit import record
from engine.services.files.file_names import named_for
from engine.services.files.kinds import KINDS, declared_type, problems_of
from engine.services.files.using import WritesLetters, files_in_use

# Providers take 25 to 30 MB with everything around; a letter above 10 MB is refused by many
# receivers already.
MOST_BYTES: Final = 10 * 1_048_576
# All versions of all files: they are part of every backup of the database.
MOST_KEPT_BYTES: Final = 2 * 1_073_741_824
NAME: Final = r"[a-z][a-z0-9_-]{0,59}"


@dataclass(frozen=True, slots=True)
class NewFile:
    """`content_type` is what whoever sends it declares; `file_name` what readers see, None for the
    name with the type's extension."""

    name: str
    content_type: str
    content: bytes
    file_name: str | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """`fresh` is False when the newest version was this file already: then nothing was written."""

    file: FileRow
    fresh: bool


@dataclass(frozen=True, slots=True)
class FileDetail:
    """`used_by` are the templates that name the file, with the place in each."""

    versions: tuple[FileRow, ...]
    used_by: tuple[str, ...]

    @property
    def newest(self) -> FileRow:
        return self.versions[0]


async def add_file(session: AsyncSession, actor: Actor, new: NewFile, now: datetime) -> Added:
    """Keep a file as the next version of its name. Letters that name it carry it from their next
    preparation on.

    Raises Refused with every reason, and LimitReached when it, or all of them together, are too
    large.
    """
    allowed(actor, "create", "file")
    if len(new.content) > MOST_BYTES:
        raise LimitReached(
            f"The file has {len(new.content):,} bytes; {MOST_BYTES:,} are the most. Make it "
            "smaller, or put it where a link in the letter leads to."
        )
    content_type = declared_type(new.content_type)
    # beside the others: looking through a large office document takes up to a second
    file_name, digest = await asyncio.to_thread(_looked_through, new, content_type)
    await rows.lock_file(session, new.name)
    before = (await rows.newest_files(session, [new.name])).get(new.name)
    same = (file_name, content_type, digest)
    if before and (before.file_name, before.content_type, before.sha256) == same:
        return Added(before, fresh=False)
    kept = await rows.bytes_kept(session)
    if kept + len(new.content) > MOST_KEPT_BYTES:
        raise LimitReached(
            f"All files together have {kept:,} bytes; {MOST_KEPT_BYTES:,} are the most. Remove "
            "some that no template names (`cadenza file list`), or old versions (`cadenza file "
            "prune`)."
        )
    file = await rows.insert_file(
        session,
        name=new.name,
        version=before.version + 1 if before else 1,
        file_name=file_name,
        content_type=content_type,
        sha256=digest,
        content=new.content,
        created_by=actor.name,
        now=now,
    )
    await record(session, actor, "create", "file", new.name, _said(before), _said(file))
    return Added(file, fresh=True)


async def list_files(
    session: AsyncSession, actor: Actor, *, after: str = "", limit: int = 50
) -> list[FileRow]:
    """The newest version of each file, by name from behind `after` on."""
    allowed(actor, "read", "file")
    return await rows.file_page(session, after, limit)


async def show_file(
    session: AsyncSession, actor: Actor, name: str, templates: WritesLetters
) -> FileDetail:
    """A file with all its versions, and who wants it. Raises NotFound."""
    allowed(actor, "read", "file")
    versions = await rows.versions_of(session, name)
    if not versions:
        raise _unknown(name)
    uses = await files_in_use(session, templates)
    return FileDetail(tuple(versions), tuple(uses.get(name, ())))


async def read_file(
    session: AsyncSession, actor: Actor, name: str, version: int | None = None
) -> tuple[FileRow, bytes]:
    """A version with its content, the newest without a number. Raises NotFound."""
    allowed(actor, "read", "file")
    versions = await rows.versions_of(session, name)
    wanted = next((one for one in versions if version in (None, one.version)), None)
    if wanted is None:
        raise _unknown(name) if not versions else NotFound(f'"{name}" has no version {version}.')
    return wanted, (await rows.contents(session, [wanted.id]))[wanted.id]


async def remove_file(
    session: AsyncSession, actor: Actor, name: str, templates: WritesLetters
) -> int:
    """Remove every version; how many there were. Mails that were sent keep what they carried; in
    their web version a picture is missing from then on.

    Raises NotFound, and Conflict naming every place where a template still wants it.
    """
    allowed(actor, "delete", "file")
    await rows.lock_file(session, name)
    before = (await rows.newest_files(session, [name])).get(name)
    if before is None:
        raise _unknown(name)
    # behind the lock, which publishing takes too: whoever came first is seen
    if used_by := (await files_in_use(session, templates)).get(name):
        raise Conflict(
            f'"{name}" is still wanted by {", ".join(used_by)}. Take it out there first; letters '
            "of these templates could not be written without it."
        )
    removed = await rows.delete_file(session, name)
    await record(session, actor, "delete", "file", name, before=_said(before))
    return removed


async def prune_file(session: AsyncSession, actor: Actor, name: str, keep: int) -> int:
    """Remove all but the newest `keep` versions; how many went. Letters carry the newest, so that
    templates may name the file meanwhile. Raises NotFound, and Refused to keep none."""
    allowed(actor, "delete", "file")
    if keep < 1:
        raise Refused("Nothing was removed.", [Problem("/keep", "out_of_range", "keep 1 or more")])
    await rows.lock_file(session, name)
    versions = await rows.versions_of(session, name)
    if not versions:
        raise _unknown(name)
    old = versions[keep:]
    if not old:
        return 0
    await rows.delete_versions(session, [one.id for one in old])
    before = {"versions": [one.version for one in old]}
    await record(session, actor, "delete", "file", name, before=before)
    return len(old)


def _looked_through(new: NewFile, content_type: str) -> tuple[str, str]:
    """The name that readers will see, and the digest; raises Refused."""
    return _accepted(new, content_type), hashlib.sha256(new.content).hexdigest()


def _accepted(new: NewFile, content_type: str) -> str:
    """The name that readers will see; raises Refused with everything that is wrong."""
    problems = []
    if not re.fullmatch(NAME, new.name):
        message = "starts with a small letter, then up to 59 small letters, digits, _ and -"
        problems.append(Problem("/name", "bad_name", message))
    problems += problems_of(content_type, new.content)
    file_name = ""
    if content_type in KINDS:
        fallback = f"{new.name[:60]}.{KINDS[content_type].extensions[0]}"
        file_name, wrong = named_for(new.file_name or fallback, fallback, content_type)
        problems += wrong
    if problems:
        raise Refused("The file was not taken.", problems)
    return file_name


def _unknown(name: str) -> NotFound:
    return NotFound(f'There is no file "{name[:60]}". `cadenza file list` shows all.')


def _said(file: FileRow | None) -> dict[str, Any] | None:
    if file is None:
        return None
    return {
        "version": file.version,
        "file_name": file.file_name,
        "content_type": file.content_type,
        "size_bytes": file.size_bytes,
        "sha256": file.sha256,
    }
