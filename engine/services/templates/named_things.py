"""Whether the topic and the sender that a template names are there, said when it is checked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.channels import identities
from crm_store.topics import topic_rows
from engine.errors import Problem
from engine.flows.problems import did_you_mean
from engine.services.templates.bundle import META, Bundle
from engine.services.templates.checking import Checked
from engine.services.templates.meta import read_meta


async def with_unknown_names(session: AsyncSession, bundle: Bundle, checked: Checked) -> Checked:
    """The answer with a warning for each: they may be made after the template, but before it is
    sent. Without its sender a message is held; with a topic that nobody made it goes to those too
    who would switch it off."""
    meta = read_meta(bundle.files.get(META, ""), META, [])
    if meta is None or (meta.topic is None and meta.sender is None):
        return checked
    topics = {row.slug for row in await topic_rows(session)} if meta.topic else set[str]()
    senders = {row.slug for row in await identities(session)} if meta.sender else set[str]()
    place = f"{bundle.prefix}{META}"

    def unknown() -> Iterator[Problem]:
        for what, named, known in (
            ("topic", meta.topic, topics),
            ("sender", meta.sender, senders),
        ):
            if named is not None and named not in known:
                words = f'there is no {what} "{named}"; {did_you_mean(named, sorted(known))}'
                yield Problem(place, f"unknown_{what}", words)

    return replace(checked, warnings=(*checked.warnings, *unknown()))
