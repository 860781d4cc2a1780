"""Writing templates, keeping files and the sending policy, as somebody meets them."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from nicegui import ui
from nicegui.elements.upload_files import SmallFileUpload
from sqlalchemy import text

from crm_store.session import Store
from designer.template_editor import room
from engine.services.actor import SYSTEM
from engine.services.sending import editing
from engine.services.templates.drafts import ANYTHING, keep_draft, see_template
from engine.services.templates.inside_room import answer
from engine.services.templates.room import Room
from tests.browser.serve import shipped_templates
from tests.designer.conftest import Visit
from tests.designer.seeded_runs import NOW
from tests.files import samples

META = "label: {en: News, zh: 新闻}\npurpose: service\n"
NEWS = {
    "meta.yaml": META,
    "subject.txt": "Hello {{ contact.first_name }}\n",
    "body.html": "<p>News</p>\n",
}
# Tenths of a second: what is typed is kept and seen behind the page's back.
PATIENT = 100


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the pauses for typing, and without a process of its own for drafts."""

    async def ask(_: Room, asked: tuple[Any, ...]) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads(orjson.dumps(answer(asked)))
        return found

    monkeypatch.setattr(room, "LOOK_AFTER", 0)
    monkeypatch.setattr(room, "KEEP_AFTER", 0)
    monkeypatch.setattr(Room, "_ask", ask)


@pytest.fixture
async def news(seeded: Store) -> None:
    async with seeded.transaction() as session:
        await keep_draft(session, SYSTEM, "news", NEWS, now=NOW)


def only(visit: Visit, marker: str) -> Any:
    (found,) = visit.user.find(marker=marker).elements
    return found


async def draft(store: Store, name: str = "news") -> dict[str, str]:
    async with store.transaction() as session:
        return dict((await see_template(session, SYSTEM, shipped_templates(), name)).files)


async def quiet(visit: Visit) -> None:
    """Nothing is being kept, written or checked any more."""
    await visit.user.should_see(marker="checked", retries=PATIENT)


@pytest.mark.usefixtures("news")
async def test_what_is_typed_is_kept_and_seen(visit: Visit, seeded: Store) -> None:
    await visit.user.open("/templates/news/edit")
    await quiet(visit)
    await visit.user.should_see("Hello Ada")
    only(visit, "text-subject.txt").set_value("For {{ contact.first_name }}")
    await visit.user.should_see("For Ada", retries=PATIENT)
    await visit.user.should_see("Saved", retries=PATIENT)
    assert (await draft(seeded))["subject.txt"] == "For {{ contact.first_name }}\n"
    only(visit, "text-body.html").set_value("<p>{{ contact.cty }}</p>")
    await visit.user.should_see('did you mean "contact.city"', retries=PATIENT)
    await visit.user.should_see("body.html, line 1")
    visit.user.find(marker="problem-0").click()
    await visit.user.should_see("1 problem")
    await visit.user.should_see("Saved", retries=PATIENT)


@pytest.mark.usefixtures("news")
async def test_nobody_overwrites_what_they_have_not_seen(visit: Visit, seeded: Store) -> None:
    await visit.user.open("/templates/news/edit")
    await quiet(visit)
    async with seeded.transaction() as session:
        theirs = {**NEWS, "subject.txt": "Theirs\n"}
        await keep_draft(session, SYSTEM, "news", theirs, now=NOW, seen=ANYTHING)
    only(visit, "text-subject.txt").set_value("Mine")
    await visit.user.should_see("Yours are not saved", retries=PATIENT)
    assert (await draft(seeded))["subject.txt"] == "Theirs\n"
    visit.user.find(marker="take-theirs").click()
    await visit.user.should_see("Theirs", retries=PATIENT)
    assert only(visit, "text-subject.txt").value == "Theirs"
    visit.user.find(marker="undo").click()
    await visit.user.should_see("Saved", retries=PATIENT)
    assert (await draft(seeded))["subject.txt"] == "Mine\n"
    await quiet(visit)


@pytest.mark.usefixtures("news")
async def test_a_draft_is_published_and_compared(visit: Visit, seeded: Store) -> None:
    await visit.user.open("/templates/news/edit")
    await quiet(visit)
    visit.user.find(marker="publish").click()
    await visit.user.should_see("It was never published")
    visit.user.find(marker="confirm-publish").click()
    await visit.user.should_see("Published as v1.", retries=PATIENT)
    async with seeded.transaction() as session:
        later = {**NEWS, "subject.txt": "Later\n"}
        await keep_draft(session, SYSTEM, "news", later, now=NOW, seen=ANYTHING)
    await visit.user.open("/templates/news/versions")
    await visit.user.should_see("Later")
    await visit.user.should_see("Hello {{ contact.first_name }}")
    await visit.user.should_see("Sent now")
    await visit.user.open("/templates/news/versions?left=9")
    await visit.user.should_see("This is not here")


async def test_publishing_asks_the_chain_that_must_agree(visit: Visit, seeded: Store) -> None:
    async with seeded.transaction() as session:
        await keep_draft(session, SYSTEM, "news", NEWS, now=NOW)
        rule = "INSERT INTO publish_rule (kind, name, chain) VALUES ('template', '', 'legal')"
        await session.execute(text(rule))
    await visit.user.open("/templates/news/edit")
    await quiet(visit)
    visit.user.find(marker="publish").click()
    await visit.user.should_see("It was never published")
    visit.user.find(marker="confirm-publish").click()
    await visit.user.should_see("“legal” must agree", retries=PATIENT)
    await visit.user.should_see(marker="ask")


async def test_a_new_template_begins_from_a_ready_one(visit: Visit, seeded: Store) -> None:
    await visit.user.open("/templates")
    visit.user.find(marker="new-template").click()
    only(visit, "new-label").set_value("Our offer")
    only(visit, "new-start").set_value("copy:offer")
    visit.user.find(marker="create-template").click()
    await visit.user.should_see(marker="text-body.html", retries=PATIENT)
    assert (await draft(seeded, "our_offer"))["subject.zh.txt"]
    await quiet(visit)


async def test_who_may_only_look_finds_no_editor(visit: Visit, seeded: Store) -> None:
    async with seeded.transaction() as session:
        await session.execute(text("UPDATE \"user\" SET role = 'viewer'"))
    await visit.user.open("/templates/offer/edit")
    await visit.user.should_see("You may not see this")
    await visit.user.open("/templates/offer")
    await visit.user.should_not_see("Edit")


async def test_a_file_is_put_on_the_shelf_and_taken_off(visit: Visit, seeded: Store) -> None:
    await visit.user.open("/files")
    await visit.user.should_see("No files yet")
    upload = only(visit, "upload")
    await upload.handle_uploads([SmallFileUpload("Our logo.png", "image/png", samples.PNG)])
    await visit.user.should_see("Kept as “our_logo”", retries=PATIENT)
    await upload.handle_uploads([SmallFileUpload("x.png", "image/png", b"<svg/>")])
    await visit.user.should_see("The file was not taken.", retries=PATIENT)
    await visit.user.open("/files")
    await visit.user.should_see("Our logo.png")
    picture = await visit.http.get("/files/our_logo/picture?version=1")
    assert (picture.content, picture.headers["content-type"]) == (samples.PNG, "image/png")
    assert "sandbox" in picture.headers["content-security-policy"]
    saved = await visit.http.get("/files/our_logo/content")
    assert saved.headers["content-disposition"].startswith("attachment")
    assert (await visit.http.get("/files/nothing/picture")).status_code == 404
    visit.user.find(marker="do-delete").click()
    visit.user.find(marker="confirm-delete").click()
    await visit.user.should_see("No files yet", retries=PATIENT)


async def test_a_mistake_in_the_policy_stands_at_its_rule(visit: Visit, seeded: Store) -> None:
    await visit.user.open("/sending")
    visit.user.find(marker="add-caps").click()
    await visit.user.should_see("at most 3 a week to one person")
    rule = only(visit, "rule-caps-0")
    field = next(one for one in rule.descendants() if isinstance(one, ui.number))
    field.set_value(5000)
    await visit.user.should_see("no whole number from 1 to 1000", retries=PATIENT)
    field.set_value(2)
    await visit.user.should_not_see("no whole number", retries=PATIENT)
    visit.user.find(marker="save-policy").click()
    await visit.user.should_see("Saved as version", retries=PATIENT)
    async with seeded.transaction() as session:
        seen = await editing.see(session, SYSTEM)
    assert seen.document["caps"] == [{"most": 2, "per": "week"}]
    assert seen.document["quiet_hours"]


async def test_the_seed_list_is_kept_by_admins(visit: Visit) -> None:
    await visit.user.open("/sending")
    await visit.user.should_see("Nobody is on it yet.")
    only(visit, "seed-address").set_value("no address")
    visit.user.find(marker="add-seed").click()
    await visit.user.should_see("is no address")
    only(visit, "seed-address").set_value("proofs@example.test")
    visit.user.find(marker="add-seed").click()
    await visit.user.should_see(marker="drop-proofs@example.test")
    visit.user.find(marker="drop-proofs@example.test").click()
    await visit.user.should_see("Nobody is on it yet.")
