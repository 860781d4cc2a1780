"""A letter once more in the browser."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.services.links import viewing
from engine.services.links.tokens import Kind
from engine.services.templates import RenderedMessage
from engine.services.templates.ready import write_message
from tests.links.conftest import Post, paths
from tests.messages.people import LINKS


async def test_the_letter_is_shown_again_with_its_measured_links(post: Post) -> None:
    (letter,) = await post.send(await post.contacts(first_name="Ada Lovelace"))
    (path,) = paths(letter, "v")
    answer = await post.client.get(path)
    assert answer.status_code == 200
    assert "Ada Lovelace" in answer.text
    assert paths(letter, "c")[0] in answer.text
    assert paths(letter, "o")[0] not in answer.text
    post.later(timedelta(hours=1))
    await post.client.get(paths(letter, "c")[0])
    assert await post.events() == ["Message Clicked"]


async def test_its_times_are_those_of_the_mail(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    zones: list[str] = []

    def write(*arguments: Any, zone: str, **more: Any) -> RenderedMessage:
        zones.append(zone)
        return write_message(*arguments, zone=zone, **more)

    monkeypatch.setattr(viewing, "write_message", write)
    (letter,) = await post.send(await post.contacts(country="SG"))
    await post.client.get(paths(letter, "v")[0])
    assert zones == ["Asia/Singapore"]


async def test_looking_stores_nothing(post: Post) -> None:
    (letter,) = await post.send(await post.contacts())
    await post.run("DELETE FROM link")
    answer = await post.client.get(paths(letter, "v")[0])
    assert 'href="https://cadenza.test"' in answer.text
    assert await post.rows("SELECT 1 FROM link") == []
    assert await post.events() == []


async def test_a_letter_can_do_nothing_to_whoever_looks_at_it(post: Post) -> None:
    (letter,) = await post.send(await post.contacts(first_name="<script>alert(1)</script>"))
    answer = await post.client.get(paths(letter, "v")[0])
    policy = answer.headers["content-security-policy"]
    assert "<script" not in answer.text
    assert "sandbox " in policy
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-robots-tag"] == "noindex"


async def test_a_letter_of_nobody_is_a_kind_page(post: Post) -> None:
    (letter,) = await post.send(await post.contacts())
    (path,) = paths(letter, "v")
    await post.run("UPDATE message SET template = 'retired_long_ago'")
    assert (await post.client.get(path)).status_code == 410
    await post.run("UPDATE message SET template = 'win_back', contact_id = NULL")
    answer = await post.client.get(path, headers={"Accept-Language": "zh-CN"})
    assert (answer.status_code, "无法再显示" in answer.text) == (410, True)
    unknown = f"/v/{LINKS.signed.token(Kind.VIEW, 999_999)}"
    assert (await post.client.get(unknown)).status_code == 410


async def test_a_letter_that_never_went_is_not_shown(post: Post) -> None:
    (ada,) = await post.contacts(agree=False)
    await post.send([ada])
    await post.run("UPDATE message SET state = 'withheld'")
    ((effect_id,),) = await post.rows("SELECT effect_id FROM message")
    path = f"/v/{LINKS.signed.token(Kind.VIEW, effect_id)}"
    assert (await post.client.get(path)).status_code == 410
