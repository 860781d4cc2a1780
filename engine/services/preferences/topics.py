"""Making and changing topics."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import topics as rows
from crm_store.models import Frequency
from crm_store.topics import TopicRow
from engine.errors import NotFound, Problem, Refused
from engine.services import audit
from engine.services.actor import Actor, allowed

PURPOSES: Final = ("marketing", "service")
MEDIA: Final = ("email", "sms", "chat")
LONGEST_LABEL: Final = 80
LONGEST_HELP: Final = 300
# More than anybody reads on a page.
MOST_TOPICS: Final = 50
_SLUG: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")

# What a new workspace begins with, and the shipped templates name.
READY: Final = (
    TopicRow(
        "newsletter",
        "Newsletter",
        "新闻通讯",
        "What is new, about once a month.",
        "最新动态，约每月一次。",
        position=10,
    ),
    TopicRow(
        "offers",
        "Offers",
        "优惠",
        "Discounts and vouchers for you.",
        "为您准备的折扣和优惠券。",
        position=20,
    ),
    TopicRow(
        "tips",
        "Tips",
        "使用技巧",
        "How to get more out of what you bought.",
        "如何更好地使用您购买的产品。",
        position=30,
    ),
    TopicRow(
        "greetings",
        "Greetings",
        "问候",
        "Birthdays and anniversaries.",
        "生日与周年问候。",
        position=40,
    ),
)


async def list_topics(session: AsyncSession, actor: Actor) -> list[TopicRow]:
    """In the order people see them. Raises NotAllowed."""
    allowed(actor, "read", "message")
    return await rows.topic_rows(session)


async def put_topic(session: AsyncSession, actor: Actor, topic: TopicRow) -> bool:
    """Make it, or replace the one of that slug; whether it is new. Raises NotAllowed and Refused
    with every mistake."""
    allowed(actor, "edit", "message")
    known = {one.slug: one for one in await rows.topic_rows(session)}
    _check(topic, known_slugs=frozenset(known))
    is_new = await rows.put_topic(session, topic)
    before = known.get(topic.slug)
    await audit.record(
        session,
        actor,
        "create" if is_new else "edit",
        "topic",
        topic.slug,
        None if before is None else _document(before),
        _document(topic),
    )
    return is_new


async def remove_topic(session: AsyncSession, actor: Actor, slug: str) -> None:
    """Nobody is asked about it any more; letters about it go to whoever has not switched it off.
    What contacts chose stays. Raises NotAllowed, NotFound."""
    allowed(actor, "edit", "message")
    if not await rows.delete_topic(session, slug):
        raise NotFound(f'There is no topic "{slug[:63]}".')
    await audit.record(session, actor, "delete", "topic", slug)


async def add_ready_topics(session: AsyncSession, actor: Actor) -> int:
    """Those a workspace begins with, as far as they are not there; how many were made."""
    known = {one.slug for one in await list_topics(session, actor)}
    new = [topic for topic in READY if topic.slug not in known]
    for topic in new:
        await put_topic(session, actor, topic)
    return len(new)


def _check(topic: TopicRow, *, known_slugs: frozenset[str]) -> None:
    problems = [*_words_problems(topic)]
    if not _SLUG.fullmatch(topic.slug):
        sentence = "use lower-case letters, digits and _, with a letter first."
        problems.append(Problem("/slug", "bad_name", sentence))
    elif topic.slug not in known_slugs and len(known_slugs) >= MOST_TOPICS:
        sentence = f"there are {MOST_TOPICS} topics already; remove one first."
        problems.append(Problem("/slug", "too_many", sentence))
    if topic.purpose not in PURPOSES:
        problems.append(_one_of("/purpose", PURPOSES))
    if topic.medium is not None and topic.medium not in MEDIA:
        problems.append(_one_of("/medium", MEDIA))
    if not set(topic.frequencies) <= set(Frequency):
        problems.append(_one_of("/frequencies", tuple(Frequency)))
    if problems:
        raise Refused(f'The topic "{topic.slug[:63]}" cannot be kept.', problems)


def _words_problems(topic: TopicRow) -> list[Problem]:
    if not topic.label.strip():
        return [Problem("/label", "empty", "write what people shall read.")]
    limits = {"label": LONGEST_LABEL, "label_zh": LONGEST_LABEL, "help": LONGEST_HELP}
    limits["help_zh"] = LONGEST_HELP
    return [
        Problem(f"/{name}", "too_long", f"use at most {most} characters.")
        for name, most in limits.items()
        if len(getattr(topic, name) or "") > most
    ]


def _one_of(place: str, known: tuple[str, ...]) -> Problem:
    return Problem(place, "unknown_value", f"must be one of {', '.join(known)}.")


def _document(topic: TopicRow) -> dict[str, Any]:
    return {**asdict(topic), "frequencies": list(topic.frequencies)}


async def topics_named(session: AsyncSession, slugs: Collection[str]) -> list[TopicRow]:
    """Those that are there, for pages that anybody with a link may read."""
    if not slugs:
        return []
    return [topic for topic in await rows.topic_rows(session) if topic.slug in slugs]
