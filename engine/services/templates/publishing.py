"""What makes templates count: publishing, publishing an older version again, retiring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import templates as rows
from crm_store.flows import definitions, versions_at_work
from crm_store.models import MessageTemplate, MessageTemplateVersion, TemplateState
from engine.errors import Conflict, NotFound, Problem, Refused
from engine.flows.model import Flow, Purpose, from_definition
from engine.flows.problems import SettingsRefused
from engine.services import audit
from engine.services.actor import Actor, allowed
from engine.services.agreement import agreed
from engine.services.segment_door import ChangedMeanwhile
from engine.services.templates.bundle import META, Bundle
from engine.services.templates.checking import Checked
from engine.services.templates.drafts import ANYTHING, bundle_of, draft_of, known_now
from engine.services.templates.library import TemplateLibrary
from engine.services.templates.meta import read_meta
from engine.services.templates.named_things import with_unknown_names
from engine.services.templates.room import Room, the_room
from engine.services.templates.wanted_files import with_file_problems
from engine.steps import STEP_KINDS


@dataclass(frozen=True, slots=True)
class PublishedTemplate:
    """`unchanged`: this very text was what is sent already."""

    name: str
    number: int
    unchanged: bool
    checked: Checked


async def publish_template(
    session: AsyncSession,
    actor: Actor,
    library: TemplateLibrary,
    name: str,
    *,
    now: datetime,
    number: int | None = None,
    seen: str | None = None,
    room: Room | None = None,
    approved: bool = False,
) -> PublishedTemplate:
    """Make the draft, or with `number` an older version, what is sent from now on, in place of a
    file of the same name too. The same text twice is one version.

    `seen` is the tag of the draft as it was looked at; `approved` is said by the chain that agreed.
    Raises NotFound, ChangedMeanwhile, NeedsApproval, and Refused with everything that has to be
    mended.
    """
    allowed(actor, "publish", "template")
    record = await draft_of(session, name, lock=True)
    if seen not in (None, ANYTHING, str(record.revision)):
        raise ChangedMeanwhile(f'Template "{name}" was changed by somebody else meanwhile.')
    bundle = await _bundle(session, library, record, number)
    room, known = room or the_room(), await known_now(session)
    checked = await room.check(bundle, known, library.sample())
    kept = Bundle(name, bundle.files, {file: bundle.frames[file] for file in checked.frames})
    if not checked.problems and dict(kept.frames) != dict(bundle.frames):
        # workers get nothing but these
        checked = await room.check(kept, known, library.sample())
    checked = await with_file_problems(session, bundle, checked, hold=True)
    if checked.problems:
        count = len(checked.problems)
        words = f'Template "{name}" was not published: {count} to mend.'
        raise Refused(words, checked.problems)
    await agreed(session, "template", name, approved=approved)
    checked = await with_unknown_names(session, bundle, checked)
    checked = await _with_flows(session, bundle, checked)
    version = await _version(session, actor, record, bundle, checked, now)
    was = _state(record)
    unchanged = record.published_version_id == version.id and was["state"] == "published"
    record.published_version_id, record.state = version.id, TemplateState.PUBLISHED
    await session.flush()
    if not unchanged:
        await rows.number_change(session, record, now)
    after = {"state": "published", "version": version.number, "hash": version.hash}
    await audit.record(session, actor, "publish", "template", record.id, was, after)
    return PublishedTemplate(name, version.number, unchanged, checked)


async def retire_template(
    session: AsyncSession,
    actor: Actor,
    library: TemplateLibrary,
    name: str,
    *,
    now: datetime,
) -> None:
    """Send it no more; a file of the same name is sent again. Its versions stay, and publishing
    brings it back. Raises Conflict while flows that people enter need it."""
    allowed(actor, "publish", "template")
    record = await draft_of(session, name, lock=True)
    if record.state == TemplateState.RETIRED:
        return
    await _no_marketing_unasked(session, library, name)
    users = await flows_that_send(session, name) if library.file_bundle(name) is None else ()
    if users:
        words = ", ".join(f'"{one}"' for one in users[:10])
        raise Conflict(f'Template "{name}" is sent by {words}; change or retire those flows first.')
    was = _state(record)
    record.state = TemplateState.RETIRED
    await session.flush()
    await rows.number_change(session, record, now)
    await audit.record(
        session, actor, "retire", "template", record.id, was, {"state": record.state}
    )


async def _with_flows(session: AsyncSession, bundle: Bundle, checked: Checked) -> Checked:
    """Said of marketing that service flows send: from now on it asks for consent in them too."""
    meta = read_meta(bundle.files[META], META, [])
    if meta is None or meta.purpose != "marketing":
        return checked
    flows = await flows_that_send(session, bundle.name, Purpose.SERVICE)
    if not flows:
        return checked
    words = "is marketing, so only people who agreed to that get it; these service flows send it: "
    words += ", ".join(f'"{one}"' for one in flows[:10])
    said = Problem(f"{bundle.prefix}{META}", "marketing_in_service", f"{words}.")
    return replace(checked, warnings=(*checked.warnings, said))


async def _no_marketing_unasked(session: AsyncSession, library: TemplateLibrary, name: str) -> None:
    """A file that would be sent again may be marketing, and flows were not looked at with it."""
    file = library.file_template(name) if library.file_bundle(name) is not None else None
    if file is None or file.meta.purpose != "marketing":
        return
    flows = await flows_that_send(session, name, Purpose.SERVICE)
    if flows:
        words = ", ".join(f'"{one}"' for one in flows[:10])
        said = f'The file "{name}" is marketing, and the service flows {words} would send it to '
        raise Conflict(f"{said}everybody; change or retire those flows first.")


async def files_of_version(
    session: AsyncSession, actor: Actor, name: str, number: int
) -> Mapping[str, str]:
    """The texts of a published version; raises NotFound."""
    allowed(actor, "read", "template")
    record = await draft_of(session, name)
    return (await _numbered(session, record, number)).sources


async def bundle_of_version(session: AsyncSession, name: str, number: int) -> Bundle:
    """A published version in the frames it was checked with; raises NotFound."""
    return await _bundle_numbered(session, await draft_of(session, name), number)


async def flows_that_send(
    session: AsyncSession, name: str, purpose: Purpose | None = None
) -> tuple[str, ...]:
    """The flows at work (of this purpose, if one is given), by name, whose published version sends
    this template."""
    at_work = await versions_at_work(session)
    stored = await definitions(session, [version for _, version, _ in at_work])
    found = ((flow, stored.get(version)) for flow, version, _ in at_work)
    return tuple(flow for flow, one in found if one and _sends(from_definition(one), name, purpose))


def _sends(flow: Flow, name: str, purpose: Purpose | None) -> bool:
    return purpose in (None, flow.purpose) and name in _templates_of(flow)


def _templates_of(flow: Flow) -> set[str]:
    found: set[str] = set()
    for node in flow.nodes.values():
        try:
            found.update(STEP_KINDS[node.kind].read(node.settings).templates())
        except (SettingsRefused, KeyError, ValueError):  # of a release that knew other steps
            continue
    return found


async def _bundle(
    session: AsyncSession, library: TemplateLibrary, record: MessageTemplate, number: int | None
) -> Bundle:
    if number is None:
        return bundle_of(library, record.name, record.draft)
    return await _bundle_numbered(session, record, number)


async def _bundle_numbered(session: AsyncSession, record: MessageTemplate, number: int) -> Bundle:
    version = await _numbered(session, record, number)
    return Bundle(record.name, version.sources, version.frames)


async def _numbered(
    session: AsyncSession, record: MessageTemplate, number: int
) -> MessageTemplateVersion:
    version = await rows.version_numbered(session, record.id, number)
    if version is None:
        raise NotFound(f'Template "{record.name}" has no version {number}.')
    return version


async def _version(
    session: AsyncSession,
    actor: Actor,
    record: MessageTemplate,
    bundle: Bundle,
    checked: Checked,
    now: datetime,
) -> MessageTemplateVersion:
    """The version of this text, which is made when there was none."""
    frames = {file: bundle.frames[file] for file in checked.frames}
    hash_ = Bundle(bundle.name, bundle.files, frames).hash()
    known = await rows.version_with_hash(session, record.id, hash_)
    if known is not None:
        return known
    version = rows.add_version(
        session,
        {
            "template_id": record.id,
            "number": await rows.highest_number(session, record.id) + 1,
            "hash": hash_,
            "sources": dict(bundle.files),
            "frames": frames,
            "checked_at": now,
            "published_at": now,
            "published_by": actor.id if actor.kind == "user" else None,
        },
    )
    await session.flush()
    return version


def _state(record: MessageTemplate) -> dict[str, Any]:
    return {"state": str(record.state), "revision": record.revision}
