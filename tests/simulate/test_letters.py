"""Letters of a simulation are written as in life."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from crm_store.recipients import Recipient
from engine.services.simulating.letters import Letters
from engine.services.templates import TemplateLibrary
from engine.simulate import DELIVERED
from engine.simulate.people import Person
from engine.simulate.surroundings import Letter
from tests.messages.people import NOW, SETTINGS


def test_times_are_those_of_the_contacts_country(tmp_path: Path) -> None:
    folder = tmp_path / "seen"
    folder.mkdir()
    (folder / "meta.yaml").write_text("label: {en: Seen, zh: 见}\npurpose: service\n")
    (folder / "subject.txt").write_text("Seen at {{ contact.last_seen_at | time }}\n")
    (folder / "body.html").write_text("<p>Seen</p>\n")
    contact = {
        "id": 1,
        "email": "ada@example.com",
        "language": "en",
        "time_zone": None,
        "country": "SG",
        "last_seen_at": datetime(2026, 3, 1, 4, 30, tzinfo=UTC),
    }
    postman = Letters(
        TemplateLibrary(tmp_path), SETTINGS, {1: Recipient(contact, None, None, None)}
    )
    assert postman(Letter(Person(1, {}, "UTC"), "hello", "seen", NOW)) == DELIVERED
    assert postman.shown[0].message.subject.replace("\u202f", " ") == "Seen at 12:30 PM"
