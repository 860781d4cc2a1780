"""`POST /api/templates/{name}/{preview,proof,test}`."""

from __future__ import annotations

import httpx2

from engine.channels.base import OutgoingMessage
from engine.channels.null import NullChannel
from tests.api.conftest import Parts
from tests.api.people import ADA


class Kept(NullChannel):
    def __init__(self) -> None:
        self.mails: list[OutgoingMessage] = []

    async def send(self, message: OutgoingMessage) -> None:
        self.mails.append(message)


async def test_a_preview_shows_the_letter_of_a_contact(api: httpx2.AsyncClient) -> None:
    path = "/api/templates/win_back/preview"
    answer = await api.post(path, json={"contact": ADA, "language": "zh"})
    seen = answer.json()
    assert (answer.status_code, seen["contact_id"], seen["language"]) == (200, ADA, "zh")
    assert seen["subject"].startswith("Ada")
    assert seen["headers"][0]["name"] == "From"
    assert seen["html_bytes"] == len(seen["html"].encode())
    made_up = (await api.post(path, json={})).json()
    assert (made_up["contact_id"], made_up["languages"]) == (None, ["en", "zh"])
    assert (await api.post(path, json={"contact": "no@example.com"})).status_code == 404
    assert (await api.post("/api/templates/nothing/preview", json={})).status_code == 404
    assert (await api.post(path, json={"language": "tlh"})).status_code == 422


async def test_a_proof_is_written_for_some(api: httpx2.AsyncClient) -> None:
    found = (await api.post("/api/templates/win_back/proof", json={"people": 2})).json()
    assert (found["drawn"], found["written"]) == (2, 2)
    assert found["reach"] == {"no_consent": 2}
    assert len(found["subjects"]) == 2
    none = await api.post("/api/templates/win_back/proof", json={"segment": "nowhere"})
    assert none.status_code == 404
    many = await api.post("/api/templates/win_back/proof", json={"people": 501})
    assert many.status_code == 422


async def test_a_test_goes_to_the_keys_own_person(api: httpx2.AsyncClient, parts: Parts) -> None:
    parts.channel = channel = Kept()
    answer = await api.post("/api/templates/offer/test", json={"contact": ADA})
    assert answer.json()["mails"][0]["answer"] == "sent"
    (mail,) = channel.mails
    assert mail.to == "marketer@example.com"
    assert mail.subject.startswith("[Test] ")
    typed = await api.post("/api/templates/offer/test", json={"to": "ada@example.com"})
    assert typed.status_code == 422
    empty = await api.post("/api/templates/offer/test", json={"to": "seeds"})
    assert (empty.status_code, len(channel.mails)) == (409, 1)
