"""Templates, as a person who writes them meets them."""

from __future__ import annotations

import pytest
from nicegui import ui
from sqlalchemy import select, text

from crm_store.models import Contact
from crm_store.session import Store
from designer import letter_check
from designer.components.data_table import DataTable
from engine.channels.base import OutgoingMessage
from engine.channels.null import NullChannel
from engine.errors import Problem
from engine.services.templates.checking import Checked
from tests.designer.conftest import Visit
from tests.designer.seed import EMAIL


class Kept(NullChannel):
    def __init__(self) -> None:
        self.mails: list[OutgoingMessage] = []

    async def send(self, message: OutgoingMessage) -> None:
        self.mails.append(message)


async def contact_id(store: Store, email: str) -> int:
    async with store.transaction() as session:
        found = await session.scalar(select(Contact.id).where(Contact.email == email))
    assert found is not None
    return found


def frames(visit: Visit) -> list[ui.element]:
    return [one for one in visit.user.find(ui.element).elements if one.tag == "iframe"]


async def test_templates_are_listed_with_their_languages(visit: Visit) -> None:
    await visit.user.open("/templates")
    await visit.user.should_see(DataTable)
    rows = next(iter(visit.user.find(DataTable).elements)).rows
    line = next(row for row in rows if row.address == "/templates/win_back")
    assert [cell.text for cell in line.cells[1:5]] == ["Marketing", "", "en, zh", "Files"]


async def test_a_letter_is_shown_as_a_contact_would_get_it(visit: Visit, seeded: Store) -> None:
    wei = await contact_id(seeded, "li.wei@example.test")
    await visit.user.open(f"/templates/win_back?contact={wei}")
    await visit.user.should_see("伟，好久不见")
    await visit.user.should_see("li.wei@example.test")
    (frame,) = frames(visit)
    assert frame.props["sandbox"] == ""
    assert "Content-Security-Policy" in frame.props["srcdoc"].split("<html")[0]
    await visit.user.open(f"/templates/win_back?contact={wei}&language=en&view=text")
    await visit.user.should_see("伟, it has been a while")


async def test_hostile_values_stay_text_in_the_preview(visit: Visit, seeded: Store) -> None:
    mallory = await contact_id(seeded, "mallory@example.test")
    await visit.user.open(f"/templates/win_back?contact={mallory}")
    (frame,) = frames(visit)
    assert "<b>Mallory</b>" not in frame.props["srcdoc"]
    assert "&lt;b&gt;Mallory&lt;/b&gt;" in frame.props["srcdoc"]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/templates/nothing_here", "This is not here"),
        ("/templates/win_back?contact=nobody@example.test", "There is no contact"),
        ("/templates/win_back?language=tlh", "has no variant in that language"),
    ],
)
async def test_what_is_not_there_is_said(visit: Visit, address: str, said: str) -> None:
    await visit.user.open(address)
    await visit.user.should_see(said)


async def test_a_test_goes_to_whoever_is_signed_in(visit: Visit, seeded: Store) -> None:
    visit.runtime.channel = channel = Kept()
    await visit.user.open("/templates/offer")
    visit.user.find(marker="test-me").click()
    await visit.user.should_see(f"Sent to {EMAIL}")
    (mail,) = channel.mails
    assert (mail.to, mail.subject.startswith("[Test] ")) == (EMAIL, True)
    visit.user.find(marker="test-seeds").click()
    await visit.user.should_see("The seed list is empty")
    async with seeded.transaction() as session:
        count = "SELECT count(*) FROM audit WHERE subject_kind = 'test_message'"
        assert await session.scalar(text(count)) == 1


async def test_a_proof_names_those_it_is_about(visit: Visit) -> None:
    await visit.user.open("/templates/win_back")
    visit.user.find(marker="draw").click()
    await visit.user.should_see("can be written")
    await visit.user.should_see("If sent now")


async def test_the_check_of_a_template_is_told(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def checked(*_: object) -> Checked:
        return Checked((Problem("offer/body.html:3", "x", "A link leads nowhere."),), ())

    monkeypatch.setattr(letter_check, "check_files", checked)
    await visit.user.open("/templates/offer")
    visit.user.find(marker="check").click()
    await visit.user.should_see("A link leads nowhere.")
    await visit.user.should_see("offer/body.html:3")
