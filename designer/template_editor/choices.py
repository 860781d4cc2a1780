"""What a template's details may name: frames, topics, senders, stored files."""

from __future__ import annotations

from dataclasses import dataclass

from designer.runtime import Designer
from designer.visitor import Visitor
from engine.services.actor import may
from engine.services.channels.identities import list_identities
from engine.services.preferences.topics import list_topics
from engine.services.templates.bundle import frame_of


@dataclass(frozen=True, slots=True)
class Choices:
    """Names with the words for them."""

    frames: dict[str, str]
    topics: dict[str, str]
    senders: dict[str, str]


async def choices_for(designer: Designer, visitor: Visitor) -> Choices:
    """What this person may not read is empty; names can be typed all the same."""
    somebody, chinese = visitor.somebody, visitor.t.short == "zh"
    topics: dict[str, str] = {}
    senders: dict[str, str] = {}
    async with designer.transaction() as session:
        if may(somebody, "read", "message"):
            for topic in await list_topics(session, somebody):
                topics[topic.slug] = (topic.label_zh if chinese else None) or topic.label
        if may(somebody, "read", "channel"):
            for one in await list_identities(session, somebody):
                senders[one.slug] = f"{one.sender.name} <{one.sender.address}>"
    forms: dict[str, set[str]] = {}
    for file in designer.runtime.templates.frames:
        if (found := frame_of(file)) is not None:
            forms.setdefault(found[0], set()).add(found[2].upper())
    frames = {name: f"{name} ({', '.join(sorted(of))})" for name, of in sorted(forms.items())}
    return Choices(frames, topics, senders)
