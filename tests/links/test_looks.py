"""Opens and clicks of letters that went out: what is written, when, and of whom not."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from engine.api.public.looks import PIXEL
from engine.services.links.tokens import Kind
from engine.services.links.tracking import Tracking
from tests.links.conftest import MEASURED, Post, paths
from tests.messages.people import LINKS

HOURS = timedelta(hours=3)
SITE = "https://cadenza.test"


async def test_a_person_opens_a_letter_and_follows_a_link(post: Post) -> None:
    (letter,) = await post.send(await post.contacts())
    post.later(HOURS)
    (pixel,), (link,) = paths(letter, "o"), paths(letter, "c")
    picture = await post.client.get(pixel)
    assert (picture.status_code, picture.content) == (200, PIXEL)
    assert picture.headers["content-type"] == "image/gif"
    assert "no-store" in picture.headers["cache-control"]
    assert "set-cookie" not in picture.headers
    answer = await post.client.get(link)
    assert (answer.status_code, answer.headers["location"]) == (302, SITE)
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert await post.events() == ["Message Opened", "Message Clicked"]
    ((properties,),) = await post.rows("SELECT properties FROM event WHERE name LIKE '%Clicked'")
    assert {"message_id", "flow_id", "template", "channel", "url", "link_id"} <= set(properties)
    assert properties["by_machine"] is False
    ((opened, clicked, machine),) = await post.rows(
        "SELECT opened_at, clicked_at, machine_opened_at FROM message"
    )
    assert (opened, clicked, machine) == (post.clock[0], post.clock[0], None)
    assert len(post.poked) == 2


async def test_html_and_text_lead_to_the_same_place(post: Post) -> None:
    (letter,) = await post.send(await post.contacts())
    assert letter.html is not None
    (link,) = paths(letter, "c")
    assert link in letter.html
    assert link in letter.text
    assert paths(letter, "o")[0] not in letter.text
    assert f'href="{SITE}"' not in letter.html


async def test_looking_twice_in_a_minute_is_looking_once(post: Post) -> None:
    (letter,) = await post.send(await post.contacts())
    post.later(HOURS)
    for _ in range(3):
        await post.client.get(paths(letter, "o")[0])
        await post.client.get(paths(letter, "c")[0])
    assert sorted(await post.events()) == ["Message Clicked", "Message Opened"]
    post.later(timedelta(minutes=2))
    await post.client.get(paths(letter, "o")[0])
    assert (await post.events()).count("Message Opened") == 2


async def test_machines_are_counted_apart(post: Post) -> None:
    (letter,) = await post.send(await post.contacts())
    (pixel,), (link,) = paths(letter, "o"), paths(letter, "c")
    post.later(HOURS)
    await post.client.get(pixel, headers={"User-Agent": "Mozilla/5.0"})
    head = await post.client.head(link)
    assert (head.status_code, head.headers["location"]) == (302, SITE)
    await post.client.get(link, headers={"User-Agent": "Barracuda Sentinel (EE)"})
    assert await post.events() == ["Message Opened By Machine", "Message Clicked By Machine"]
    ((opened, clicked, machine),) = await post.rows(
        "SELECT opened_at, clicked_at, machine_opened_at FROM message"
    )
    assert (opened, clicked, machine) == (None, None, post.clock[0])
    # and the person afterwards still counts
    await post.client.get(link)
    assert (await post.events())[-1] == "Message Clicked"


async def test_whoever_is_quicker_than_a_person_is_none(post: Post) -> None:
    (letter,) = await post.send(await post.contacts())
    await post.client.get(paths(letter, "o")[0])
    assert await post.events() == ["Message Opened By Machine"]


async def test_who_does_not_want_it_is_not_measured(post: Post) -> None:
    ada, ben = await post.contacts(2)
    (before,) = await post.send([ada])
    for one in (ada, ben):
        await post.run(
            "INSERT INTO contact_preference (contact_id, unmeasured) VALUES (:one, true)", one=one
        )
    post.later(HOURS)
    (after,) = await post.send([ben])
    assert (paths(after, "o"), paths(after, "c")) == ([], [])
    # a letter from before leads where it always did, and nothing is written
    answer = await post.client.get(paths(before, "c")[0])
    await post.client.get(paths(before, "o")[0])
    assert (answer.status_code, await post.events()) == (302, [])


@pytest.mark.parametrize(
    ("tracking", "purpose", "opens", "clicks"),
    [
        (Tracking(), "marketing", False, False),
        (Tracking(opens=True), "marketing", True, False),
        (Tracking(clicks=True), "marketing", False, True),
        (Tracking(opens=True, clicks=True), "service", False, False),
        (Tracking(opens=True, clicks=True, service=True), "service", True, True),
    ],
)
async def test_what_is_measured_is_a_setting(
    post: Post, tracking: Tracking, purpose: str, opens: bool, clicks: bool
) -> None:
    settings = replace(MEASURED, tracking=tracking)
    (letter,) = await post.send(await post.contacts(), purpose=purpose, settings=settings)
    assert (bool(paths(letter, "o")), bool(paths(letter, "c"))) == (opens, clicks)


async def test_a_link_leads_to_stored_targets_alone(post: Post) -> None:
    await post.send(await post.contacts())
    for token in (
        LINKS.signed.token(Kind.CLICK, 1, 999_999),
        LINKS.signed.token(Kind.CLICK, 1),
        LINKS.signed.token(Kind.CLICK, 1, "https"),
    ):
        answer = await post.client.get(f"/c/{token}?url=https://evil.test/")
        assert answer.status_code == 410
        assert "location" not in answer.headers
    forged = await post.client.get("/c/https://evil.test/")
    assert forged.status_code == 404
    assert await post.events() == []


async def test_a_picture_is_shown_whatever_the_token(post: Post) -> None:
    answer = await post.client.get("/o/nonsense")
    assert (answer.status_code, answer.content) == (200, PIXEL)
    assert await post.events() == []


async def test_a_hundred_letters_share_their_targets(post: Post) -> None:
    letters = await post.send(await post.contacts(20))
    assert len({paths(letter, "c")[0] for letter in letters}) == 20
    assert await post.rows("SELECT url, contact_id FROM link") == [(SITE, None)]
    post.later(HOURS)
    gets = (post.client.get(paths(letter, "c")[0]) for letter in letters)
    assert {answer.status_code for answer in await asyncio.gather(*gets)} == {302}
    assert (await post.events()).count("Message Clicked") == 20


async def test_an_address_of_one_contact_goes_with_the_contact(post: Post) -> None:
    ada, ben = await post.contacts(2)
    await post.send([ada])
    assert await post.rows("SELECT url, contact_id FROM link") == [(SITE, ada)]
    await post.run("DELETE FROM contact WHERE id = :ada", ada=ada)
    assert await post.rows("SELECT 1 FROM link") == []
    (letter,) = await post.send([ben])
    (row,) = await post.rows("SELECT id, contact_id FROM link")
    assert row[1] == ben
    assert LINKS.signed.read(Kind.CLICK, paths(letter, "c")[0][3:])[1] == row[0]


async def test_a_lost_database_keeps_nobody_from_the_page(post: Post) -> None:
    letters = await post.send(await post.contacts(2))
    post.later(HOURS)
    await post.client.get(paths(letters[0], "c")[0])
    await post.run("ALTER TABLE event RENAME TO away")
    answer = await post.client.get(paths(letters[1], "c")[0])
    assert (answer.status_code, answer.headers["location"]) == (302, SITE)


async def test_a_message_of_unknown_fate_has_arrived_when_it_is_looked_at(post: Post) -> None:
    (letter,) = await post.send(await post.contacts())
    await post.run("UPDATE message SET state = 'maybe_sent', answered_at = NULL")
    post.later(HOURS)
    await post.client.get(paths(letter, "o")[0])
    assert await post.rows("SELECT state, reason FROM message") == [("sent", "looked_at")]
    queued = await post.rows(
        "SELECT e.name FROM event_pending q JOIN event e ON e.id = q.event_id ORDER BY e.id"
    )
    assert ("Message Sent",) in queued


@pytest.mark.parametrize("state", ["handing_over", "put_off", "maybe_sent"])
async def test_a_program_that_looks_during_the_hand_over_settles_nothing(
    post: Post, state: str
) -> None:
    (letter,) = await post.send(await post.contacts())
    await post.run("UPDATE message SET state = :state, answered_at = NULL", state=state)
    seconds = {"User-Agent": "Barracuda Sentinel (EE)"}
    await post.client.get(paths(letter, "c")[0], headers=seconds)
    if state != "maybe_sent":
        post.later(HOURS)
        await post.client.get(paths(letter, "o")[0])
    assert await post.rows("SELECT state FROM message") == [(state,)]


async def test_one_link_used_without_end_is_counted_to_a_bound(post: Post) -> None:
    (letter,) = await post.send(await post.contacts())
    post.later(HOURS)
    for _ in range(40):
        post.later(timedelta(minutes=2))
        answer = await post.client.get(paths(letter, "c")[0])
        assert answer.status_code == 302
    assert (await post.events()).count("Message Clicked") == 30
