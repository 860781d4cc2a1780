"""What writing a template needs of the services: keeping, looking, choosing variables."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.session import Store
from engine.errors import Conflict, NotAllowed, NotFound, Refused
from engine.services.actor import SYSTEM, Actor
from engine.services.segment_door import ChangedMeanwhile
from engine.services.templates import TemplateLibrary
from engine.services.templates.drafts import (
    ANYTHING,
    check_files,
    keep_draft,
    save_template,
    see_template,
)
from engine.services.templates.offered import offered_variables
from engine.services.templates.publishing import publish_template
from engine.services.templates.room import Room
from engine.services.trying_messages import Desk, preview
from tests.messages.people import NOW, SETTINGS, TEMPLATES, add_contacts

NEWS = {
    "meta.yaml": "label: {en: News, zh: 新闻}\npurpose: service\n",
    "subject.txt": "Hello {{ contact.first_name }}\n",
    "body.html": "<p>News</p>\n",
}
VIEWER = Actor("user", None, "Cleo", "viewer")
MARKETER = Actor("user", None, "Mia", "marketer")


@pytest.fixture(scope="module")
def library() -> TemplateLibrary:
    return TemplateLibrary(TEMPLATES)


@dataclass
class Doors:
    """Opens transactions and counts those that are open."""

    store: Store
    open: int = 0
    opened: int = 0
    while_written: list[int] = field(default_factory=list)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        async with self.store.transaction() as session:
            self.open += 1
            self.opened += 1
            try:
                yield session
            finally:
                self.open -= 1


@pytest.fixture
def doors(store: Store, monkeypatch: pytest.MonkeyPatch) -> Doors:
    found = Doors(store)
    ask = Room._ask

    async def watched(self: Room, asked: tuple[Any, ...]) -> dict[str, Any]:
        found.while_written.append(found.open)
        return await ask(self, asked)

    monkeypatch.setattr(Room, "_ask", watched)
    return found


async def test_no_transaction_is_open_while_a_draft_is_written(
    doors: Doors, library: TemplateLibrary
) -> None:
    async with doors.store.transaction() as session:
        (ada,) = await add_contacts(session, 1)
    desk = Desk(library, SETTINGS)
    seen = await preview(doors.transaction, VIEWER, desk, "news", now=NOW, contact=ada, files=NEWS)
    found = await check_files(doors.transaction, VIEWER, library, "news", NEWS)
    assert (seen.letter.subject, found.problems) == ("Hello Ada", ())
    assert doors.while_written == [0, 0]
    assert doors.opened == 4


async def test_a_version_is_written_as_it_was_published(
    store: Store, library: TemplateLibrary
) -> None:
    desk = Desk(library, SETTINGS)
    async with store.transaction() as session:
        await save_template(session, SYSTEM, library, "news", NEWS, now=NOW)
        await publish_template(session, SYSTEM, library, "news", now=NOW)
        later = {**NEWS, "subject.txt": "Later\n"}
        await keep_draft(session, MARKETER, "news", later, now=NOW, seen=ANYTHING)
    first = await preview(store.transaction, VIEWER, desk, "news", now=NOW, version=1)
    draft = await preview(store.transaction, VIEWER, desk, "news", now=NOW, draft=True)
    assert (first.letter.subject, draft.letter.subject) == ("Hello Ada", "Later")
    with pytest.raises(NotFound):
        await preview(store.transaction, VIEWER, desk, "news", now=NOW, version=7)


async def test_a_draft_is_kept_without_a_look_and_only_by_who_saw_it(
    store: Store, library: TemplateLibrary
) -> None:
    broken = {**NEWS, "body.html": "{% if"}
    async with store.transaction() as session:
        made = await keep_draft(session, MARKETER, "news", NEWS, now=NOW)
        again = await keep_draft(session, MARKETER, "news", NEWS, now=NOW, seen=made.tag)
        kept = await keep_draft(session, MARKETER, "news", broken, now=NOW, seen=made.tag)
        detail = await see_template(session, VIEWER, library, "news")
    assert (made.created, again.tag, kept.created) == (True, made.tag, False)
    assert (detail.files["body.html"], detail.tag) == ("{% if", kept.tag)
    async with store.transaction() as session:
        with pytest.raises(ChangedMeanwhile):
            await keep_draft(session, MARKETER, "news", NEWS, now=NOW, seen=made.tag)
        with pytest.raises(Conflict):
            await keep_draft(session, MARKETER, "news", NEWS, now=NOW)
        with pytest.raises(NotAllowed):
            await keep_draft(session, VIEWER, "news", NEWS, now=NOW, seen=kept.tag)
        with pytest.raises(Refused):
            odd = {**NEWS, "../x": ""}
            await keep_draft(session, MARKETER, "news", odd, now=NOW, seen=kept.tag)


async def test_variables_are_offered_with_what_the_sample_has(
    store: Store, library: TemplateLibrary
) -> None:
    own = {**NEWS, "sample.yaml": "contact: {first_name: Zoë}\n"}
    async with store.transaction() as session:
        found = {
            one.path: one for one in await offered_variables(session, VIEWER, library, "news", own)
        }
    assert found["contact.first_name"].sample == "Zoë"
    assert found["account.annual_revenue"].sample == "5,120,000.00 SGD"
    assert found["contact.lifecycle_stage"].values
    assert found["unsubscribe_url"].kind == "link"
    assert found["contact.first_name"].label.zh
