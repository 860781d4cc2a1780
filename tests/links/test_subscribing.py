"""Double opt-in: asked, confirmed from the address, and never by a program that follows links."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from engine.errors import NotFound, Refused
from engine.services import consent, subscribing
from engine.services.actor import SYSTEM
from engine.services.consent import state_of
from engine.services.links.tokens import Kind
from engine.services.subscribing import Asked, Standing
from tests.links.conftest import Post, paths
from tests.links.test_preferences_page import topics
from tests.messages.people import LINKS


async def ask(post: Post, contact_id: int, topics: Sequence[str] = ()) -> Asked:
    async with post.store.transaction() as session:
        return await subscribing.ask_for_consent(
            session,
            SYSTEM,
            contact_id,
            topics=topics,
            source="sign_up_form",
            text_version="form 3",
            now=post.clock[0],
            partitions=4,
        )


async def link(post: Post, contact_id: int) -> str:
    (letter,) = await post.send([contact_id], template="confirm_subscription", purpose="service")
    (path,) = paths(letter, "d")
    return path


async def withdraw(post: Post, contact_id: int, **how: Any) -> None:
    async with post.store.transaction() as session:
        await consent.withdraw(session, SYSTEM, contact_id, now=post.clock[0], partitions=4, **how)


async def test_a_request_is_confirmed_by_the_button(post: Post) -> None:
    (ada,) = await post.contacts(agree=None)
    await topics(post)
    asked = await ask(post, ada, ["surveys"])
    assert asked.standing is Standing.ASKED
    assert await post.rows("SELECT 1 FROM consent") == []
    path = await link(post, ada)
    for method in ("GET", "HEAD", "GET"):
        assert (await post.client.request(method, path)).status_code == 200
    assert await post.rows("SELECT 1 FROM consent") == []
    assert "Surveys" in (await post.client.get(path)).text
    post.later(timedelta(hours=1))
    assert "Thank you" in (await post.client.post(path)).text
    async with post.store.transaction() as session:
        (given,) = await state_of(session, ada)
    assert (given.granted, given.source) == (True, "double_opt_in")
    assert given.evidence is not None
    assert given.evidence.pop("address_mark").startswith("m")
    assert given.evidence == {
        "request_id": asked.request_id,
        "asked_at": "2026-03-02T09:00:00+00:00",
        "asked_by": "sign_up_form",
        "confirmed_at": "2026-03-02T10:00:00+00:00",
        "text_version": "form 3",
    }
    assert await post.rows("SELECT topics FROM contact_preference") == [({"surveys": True},)]
    assert await post.events() == ["Subscription Requested", "Subscribed", "Preferences Changed"]
    assert len(await post.send([ada])) == 1


async def test_confirming_twice_is_confirming_once(post: Post) -> None:
    (ada,) = await post.contacts(agree=None)
    await ask(post, ada)
    path = await link(post, ada)
    answers = await asyncio.gather(*(post.client.post(path) for _ in range(3)))
    assert {answer.status_code for answer in answers} == {200}
    assert (await post.events()).count("Subscribed") == 1


async def test_an_old_letter_brings_nobody_back(post: Post) -> None:
    (ada,) = await post.contacts(agree=None)
    await ask(post, ada)
    path = await link(post, ada)
    await post.client.post(path)
    await post.run("UPDATE consent SET granted = false")
    assert (await post.client.post(path)).status_code == 200
    assert await post.rows("SELECT granted FROM consent") == [(False,)]


async def test_a_no_after_the_request_is_kept(post: Post) -> None:
    (ada,) = await post.contacts(agree=None)
    await ask(post, ada)
    path = await link(post, ada)
    post.later(timedelta(hours=25))
    await withdraw(post, ada, source="telephone")
    post.later(timedelta(hours=1))
    assert (await post.client.get(path)).status_code == 410
    assert (await post.client.post(path)).status_code == 410
    assert await post.rows("SELECT granted FROM consent") == [(False,)]
    # and who asks anew is written to at once
    assert (await ask(post, ada)).standing is Standing.ASKED
    assert "Thank you" in (await post.client.post(await link(post, ada))).text


async def test_a_no_that_changed_nothing_closes_what_was_asked_for(post: Post) -> None:
    (ada,) = await post.contacts(agree=False)
    await ask(post, ada)
    path = await link(post, ada)
    post.later(timedelta(hours=1))
    await withdraw(post, ada, source="telephone")
    assert (await post.client.post(path)).status_code == 410
    assert await post.rows("SELECT granted FROM consent") == [(False,)]
    assert await post.send([ada], template="confirm_subscription", purpose="service") == []
    assert post.withheld == ["nothing_to_confirm"]


async def test_an_earlier_letter_brings_nobody_back_who_wants_nothing_at_all(post: Post) -> None:
    (ada,) = await post.contacts(agree=None)
    await ask(post, ada)
    first = await link(post, ada)
    post.later(timedelta(days=2))
    await ask(post, ada)
    await post.client.post(await link(post, ada))
    post.later(timedelta(hours=1))
    await withdraw(post, ada, source="link", all_mail=True)
    post.later(timedelta(hours=1))
    assert (await post.client.post(first)).status_code == 410
    assert await post.rows("SELECT granted FROM consent") == [(False,)]
    assert ("unsubscribed",) in await post.rows("SELECT reason FROM suppression")


async def test_a_link_proves_the_address_it_was_sent_to_and_no_other(post: Post) -> None:
    (ada,) = await post.contacts(agree=None)
    await ask(post, ada)
    path = await link(post, ada)
    await post.run("UPDATE contact SET email = :new, email_key = :new", new="right@example.org")
    assert (await post.client.post(path)).status_code == 410
    assert await post.rows("SELECT 1 FROM consent") == []
    # the page that shows the letter once more gives its reader no link that counts
    ((effect,),) = await post.rows("SELECT effect_id FROM message")
    again = await post.client.get(f"/v/{LINKS.signed.token(Kind.VIEW, effect)}")
    assert again.status_code == 200
    assert "/d/" in again.text
    assert not re.search(r"/d/[\w-]{8}\.", again.text)
    assert "Thank you" in (await post.client.post(await link(post, ada))).text


async def test_what_is_asked_for_meanwhile_is_in_the_same_yes(post: Post) -> None:
    (ada,) = await post.contacts(agree=None)
    await topics(post)
    await ask(post, ada, ["surveys"])
    path = await link(post, ada)
    post.later(timedelta(hours=1))
    assert (await ask(post, ada, ["tips"])).standing is Standing.WAITING
    await post.client.post(path)
    assert await post.rows("SELECT topics FROM contact_preference") == [
        ({"surveys": True, "tips": True},)
    ]
    assert (await post.events()).count("Subscription Requested") == 1


async def test_asking_again_sends_again_after_a_day(post: Post) -> None:
    (ada,) = await post.contacts(agree=None)
    first = await ask(post, ada)
    post.later(timedelta(hours=23))
    assert (await ask(post, ada)) == Asked(Standing.WAITING, first.request_id)
    post.later(timedelta(hours=2))
    second = await ask(post, ada)
    assert second.standing is Standing.ASKED
    assert second.request_id != first.request_id
    assert (await post.events()).count("Subscription Requested") == 2


async def test_who_agreed_already_is_not_asked(post: Post) -> None:
    (ada,) = await post.contacts()
    await topics(post)
    assert (await ask(post, ada, ["surveys"])).standing is Standing.AGREED
    assert await post.rows("SELECT topics FROM contact_preference") == [({"surveys": True},)]
    assert "Subscription Requested" not in await post.events()


async def test_a_link_expires(post: Post) -> None:
    (ada,) = await post.contacts(agree=None)
    await ask(post, ada)
    path = await link(post, ada)
    post.later(timedelta(days=7))
    assert (await post.client.get(path)).status_code == 410
    assert (await post.client.post(path)).status_code == 410
    assert await post.rows("SELECT 1 FROM consent") == []


async def test_without_a_request_there_is_no_letter(post: Post) -> None:
    (ada,) = await post.contacts(agree=None)
    assert await post.send([ada], template="confirm_subscription", purpose="service") == []
    assert post.withheld == ["nothing_to_confirm"]


async def test_a_request_of_an_erased_contact_is_gone(post: Post) -> None:
    (ada,) = await post.contacts(agree=None)
    await ask(post, ada)
    path = await link(post, ada)
    await post.run("DELETE FROM contact")
    assert (await post.client.get(path)).status_code == 410
    assert (await post.client.post(path)).status_code == 410


async def test_what_is_wrong_is_said_at_once(post: Post) -> None:
    (ada,) = await post.contacts(agree=None)
    async with post.store.transaction() as session:
        with pytest.raises(Refused) as refused:
            await subscribing.ask_for_consent(
                session,
                SYSTEM,
                ada,
                medium="fax",
                topics=["Offers!"],
                source="",
                now=post.clock[0],
                partitions=4,
            )
        places = [problem.place for problem in refused.value.problems]
        assert places == ["/medium", "/topics/0", "/source"]
        with pytest.raises(NotFound):
            await subscribing.ask_for_consent(
                session, SYSTEM, 999, source="form", now=post.clock[0], partitions=4
            )
