"""Somebody writes another person's address into a form: few letters, and no choice undone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from engine.services import subscribing
from engine.services.actor import Actor
from engine.services.preferences.choosing import Choice, choose
from engine.services.subscribing import MOST_UNANSWERED, Asked, Standing
from tests.links.conftest import Post
from tests.links.test_preferences_page import topics


async def ask(post: Post, contact_id: int, about: Sequence[str] = ()) -> Asked:
    stranger = Actor("subject", contact_id, f"Contact {contact_id}")
    async with post.store.transaction() as session:
        return await subscribing.ask_for_consent(
            session,
            stranger,
            contact_id,
            topics=about,
            source="form:news",
            now=post.clock[0],
            partitions=4,
        )


async def asked_events(post: Post) -> int:
    [(count,)] = await post.rows("SELECT count(*) FROM event WHERE name = 'Subscription Requested'")
    return int(count)


async def test_who_does_not_answer_is_not_written_to_every_day(post: Post) -> None:
    (ada,) = await post.contacts(agree=None)
    for _ in range(10):
        await ask(post, ada)
        post.later(timedelta(days=1, minutes=1))
    assert await asked_events(post) == MOST_UNANSWERED
    post.later(timedelta(days=31))
    assert (await ask(post, ada)).standing is Standing.ASKED


async def test_a_topic_that_was_switched_off_is_asked_about_in_a_letter(post: Post) -> None:
    (ada,) = await post.contacts()
    await topics(post)
    off: Any = Choice(topics={"surveys": False})
    async with post.store.transaction() as session:
        person = Actor("subject", ada, f"Contact {ada}")
        await choose(session, person, ada, off, source="page", now=post.clock[0], partitions=4)
    assert (await ask(post, ada, ["surveys", "news"])).standing is Standing.ASKED
    [(chosen,)] = await post.rows("SELECT topics FROM contact_preference")
    assert chosen == {"surveys": False, "news": True}
    assert await post.rows("SELECT topics FROM consent_request") == [(["surveys"],)]
