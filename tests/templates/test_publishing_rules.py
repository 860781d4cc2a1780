"""What publishing looks at beside the texts: flows, frames, names, and who else is at it."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest
from sqlalchemy import delete

from crm_store.models import Consent
from crm_store.session import Store
from engine.errors import Conflict
from engine.services import flows
from engine.services.actor import SYSTEM
from engine.services.messages import NotSent, Prepared, prepare
from engine.services.plans import Plans
from engine.services.templates import TemplateLibrary
from engine.services.templates.drafts import ANYTHING, save_template
from engine.services.templates.publishing import (
    PublishedTemplate,
    publish_template,
    retire_template,
)
from tests.messages.people import NOW, SETTINGS, TEMPLATES, add_asks, add_contacts

SERVICE = "label: {en: News, zh: 新闻}\npurpose: service\n"
MARKETING = SERVICE.replace("service", "marketing")
NEWS = {"meta.yaml": SERVICE, "subject.txt": "News", "body.html": "<p>Hello</p>"}
OFFER = {
    "meta.yaml": MARKETING,
    "subject.txt": "Buy",
    "body.html": '<p>Buy</p><a href="{{ unsubscribe_url }}">no</a>',
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("templates")
    for name in ("_frames", "win_back"):
        shutil.copytree(TEMPLATES / name, root / name)
    shutil.copy(TEMPLATES / "_sample.yaml", root)
    return root


@pytest.fixture
def library(folder: Path) -> TemplateLibrary:
    return TemplateLibrary(folder)


async def publish(
    store: Store, library: TemplateLibrary, name: str, files: dict[str, str]
) -> PublishedTemplate:
    async with store.transaction() as session:
        await save_template(session, SYSTEM, library, name, files, now=NOW, seen=ANYTHING)
        return await publish_template(session, SYSTEM, library, name, now=NOW)


async def publish_flow(store: Store, library: TemplateLibrary, template: str) -> None:
    source = (
        "flow: tell\nlabel: Tell\nsubject: contact\npurpose: service\n"
        "trigger: {on: manual}\nsteps:\n"
        f"  hello: {{do: send_message, template: {template}, next: done}}\n  done: {{do: exit}}\n"
    )
    async with store.transaction() as session:
        await flows.save_draft(session, SYSTEM, source, library=library, file="tell.yaml")
        await flows.publish(session, SYSTEM, "tell", plans=Plans(), library=library, now=NOW)


async def test_a_template_that_becomes_marketing_needs_a_yes_in_service_flows_too(
    store: Store, library: TemplateLibrary
) -> None:
    assert (await publish(store, library, "news", NEWS)).checked.warnings == ()
    await publish_flow(store, library, "news")
    done = await publish(store, library, "news", OFFER)
    assert [one.code for one in done.checked.warnings] == ["marketing_in_service"]
    async with store.transaction() as session:
        ids = await add_contacts(session, 2)
        await session.execute(delete(Consent).where(Consent.contact_id == ids[0]))
        asks = await add_asks(session, ids, template="news", purpose="service")
        one, other = await prepare(
            session, asks, library=library, sender_settings=SETTINGS, channel_name="null", now=NOW
        )
    assert isinstance(one, NotSent)
    assert one.code == "no_consent"
    assert isinstance(other, Prepared)
    assert "List-Unsubscribe" in other.outgoing.headers


async def test_a_marketing_file_is_not_uncovered_for_a_service_flow(
    store: Store, library: TemplateLibrary
) -> None:
    await publish(store, library, "win_back", NEWS)
    await publish_flow(store, library, "win_back")
    async with store.transaction() as session:
        with pytest.raises(Conflict, match='"tell"'):
            await retire_template(session, SYSTEM, library, "win_back", now=NOW)


async def test_short_words_alone_need_no_frame(
    store: Store, library: TemplateLibrary, folder: Path
) -> None:
    files = {"meta.yaml": SERVICE + "frame: letter\n", "short.txt": "Hello"}
    await publish(store, library, "ping", files)
    worker = TemplateLibrary(folder)
    async with store.transaction() as session:
        await worker.refresh(session)
    message = worker.render("ping", {"contact": {}}, language="en", zone="UTC", links={})
    assert message.short_text == "Hello"


async def test_a_topic_and_a_sender_that_nobody_made_are_named(
    store: Store, library: TemplateLibrary
) -> None:
    meta = SERVICE + "topic: tipps\nsender: shopp\n"
    done = await publish(store, library, "news", {**NEWS, "meta.yaml": meta})
    codes = {one.code for one in done.checked.warnings}
    assert codes == {"unknown_topic", "unknown_sender"}


async def test_of_two_who_make_a_template_of_one_name_the_later_is_told(
    store: Store, library: TemplateLibrary
) -> None:
    first_is_in, first_may_commit = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with store.transaction() as session:
            await save_template(session, SYSTEM, library, "news", NEWS, now=NOW)
            first_is_in.set()
            await first_may_commit.wait()

    async def second() -> None:
        async with store.transaction() as session:
            await save_template(session, SYSTEM, library, "news", NEWS, now=NOW)

    one = asyncio.create_task(first())
    await first_is_in.wait()
    other = asyncio.create_task(second())
    await asyncio.wait([other], timeout=0.2)
    first_may_commit.set()
    await one
    with pytest.raises(Conflict):
        await other
