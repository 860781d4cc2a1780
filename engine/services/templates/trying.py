"""Writing a template that may not be published yet, for a made-up contact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import templates as rows
from engine.errors import Problem, Refused
from engine.local_time import is_zone
from engine.services.actor import Actor, allowed
from engine.services.templates.bundle import Bundle
from engine.services.templates.checking import SAMPLE_LINKS
from engine.services.templates.drafts import acceptable, bundle_of, known_now
from engine.services.templates.library import TemplateLibrary, UnknownTemplate
from engine.services.templates.ready import RenderedMessage
from engine.services.templates.room import Room, the_room
from engine.services.templates.sample import merged, sample_for


async def render_template(
    session: AsyncSession,
    actor: Actor,
    library: TemplateLibrary,
    name: str,
    *,
    files: Mapping[str, str] | None = None,
    facts: Mapping[str, Mapping[str, Any]] | None = None,
    language: str = "en",
    zone: str = "UTC",
    room: Room | None = None,
) -> RenderedMessage:
    """These texts, or the draft of this name, or the files, as the sample contact would get them.

    `facts` are merged over the sample's, group by group; null takes a value away. Raises
    UnknownTemplate, and Refused with what is wrong.
    """
    allowed(actor, "read", "template")
    if not is_zone(zone):
        raise Refused("Nothing was written.", [Problem("/zone", "unknown_zone", "is no zone")])
    bundle = await latest_bundle(session, library, name, files)
    return await (room or the_room()).render(
        bundle,
        await known_now(session),
        merged(sample_for(bundle, library.sample()), facts or {}),
        language=language,
        zone=zone,
        links=SAMPLE_LINKS,
    )


async def latest_bundle(
    session: AsyncSession,
    library: TemplateLibrary,
    name: str,
    files: Mapping[str, str] | None = None,
) -> Bundle:
    """The texts as somebody is editing them: those given, else the draft, else the files. Raises
    UnknownTemplate."""
    if files is not None:
        acceptable(name, files)
        return bundle_of(library, name, files)
    record = await rows.template_named(session, name)
    if record is not None:
        return bundle_of(library, name, record.draft)
    bundle = library.file_bundle(name)
    if bundle is None:
        raise UnknownTemplate(f'There is no message template "{name[:60]}".')
    return bundle
