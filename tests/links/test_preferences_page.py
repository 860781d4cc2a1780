"""The page on which people say what may be sent to them, and what follows for sending."""

from __future__ import annotations

from typing import Any

import lxml.html  # type: ignore[import-untyped]
import pytest

from crm_store.consents import suppression_reason
from engine.services.actor import SYSTEM
from engine.services.links.tokens import Kind
from engine.services.preferences import Topic, add_ready_topics, put_topic
from tests.links.conftest import Post
from tests.messages.people import LINKS


def path(contact_id: int) -> str:
    return f"/p/{LINKS.signed.token(Kind.PREFERENCES, contact_id)}"


async def topics(post: Post) -> None:
    async with post.store.transaction() as session:
        await add_ready_topics(session, SYSTEM)
        quiet = Topic("surveys", "Surveys", "问卷", default_on=False, position=90)
        await put_topic(session, SYSTEM, quiet)


async def form(post: Post, contact_id: int) -> dict[str, Any]:
    """The page's first form as a browser would send it untouched."""
    page = await post.client.get(path(contact_id))
    tree = lxml.html.document_fromstring(page.text)
    fields: dict[str, Any] = {"scope": "choice"}
    for box in tree.forms[0].xpath(".//input[@checked or @type='hidden']"):
        if box.get("name") in ("topic", "way", "shown", "shown_way"):
            fields.setdefault(box.get("name"), []).append(box.get("value"))
        else:
            fields[box.get("name")] = box.get("value")
    return fields


async def choose(post: Post, contact_id: int, **changes: Any) -> None:
    sent = {**await form(post, contact_id), **changes}
    answer = await post.client.post(path(contact_id), data=sent)
    assert answer.status_code == 200


async def test_saving_without_a_change_changes_nothing_but_says_so(post: Post) -> None:
    (ada,) = await post.contacts()
    await topics(post)
    await choose(post, ada)
    (row,) = await post.rows("SELECT frequency, unmeasured, topics FROM contact_preference")
    assert row[:2] == ("every", False)
    assert row[2] == {
        **dict.fromkeys(("greetings", "newsletter", "offers", "tips"), True),
        "surveys": False,
    }
    assert await post.events() == ["Preferences Changed"]
    await choose(post, ada)
    assert await post.events() == ["Preferences Changed"]


async def test_what_is_added_while_somebody_reads_is_not_chosen(post: Post) -> None:
    (ada,) = await post.contacts(agree=None)
    await topics(post)
    sent = await form(post, ada)
    await post.run("INSERT INTO topic (slug, label) VALUES ('brand_new', 'Brand new')")
    sent["topic"].remove("tips")
    await post.client.post(path(ada), data=sent)
    ((chosen,),) = await post.rows("SELECT topics FROM contact_preference")
    assert "brand_new" not in chosen
    assert (chosen["tips"], chosen["offers"]) == (False, True)
    assert await post.events() == ["Preferences Changed"]


async def test_looking_changes_nothing(post: Post) -> None:
    (ada,) = await post.contacts()
    await topics(post)
    for method in ("GET", "HEAD"):
        assert (await post.client.request(method, path(ada))).status_code == 200
    assert await post.rows("SELECT 1 FROM contact_preference") == []


async def test_a_topic_that_is_off_is_withheld_and_others_go(post: Post) -> None:
    (ada,) = await post.contacts()
    await topics(post)
    await choose(post, ada, topic=["newsletter", "tips"])
    assert await post.send([ada], template="win_back_offer") == []
    assert post.withheld == ["topic_off"]
    assert len(await post.send([ada], template="care_tips_month")) == 1
    await choose(post, ada, topic=["newsletter", "offers"])
    assert len(await post.send([ada], template="win_back_offer")) == 1


async def test_what_is_chosen_is_seen_again(post: Post) -> None:
    (ada,) = await post.contacts()
    await topics(post)
    await choose(post, ada, topic=["offers", "surveys"], often="weekly", unmeasured="yes")
    again = await form(post, ada)
    assert sorted(again["topic"]) == ["offers", "surveys"]
    assert (again["often"], again["unmeasured"]) == ("weekly", "yes")


async def test_a_way_can_be_given_and_taken_back(post: Post) -> None:
    (ada,) = await post.contacts()
    await choose(post, ada, way=[])
    assert await post.rows("SELECT granted, source FROM consent") == [(False, "preferences_page")]
    assert await post.send([ada]) == []
    assert post.withheld == ["consent_withdrawn"]
    await choose(post, ada, way=["email"])
    assert len(await post.send([ada])) == 1
    assert [name for name in await post.events() if name != "Preferences Changed"] == [
        "Unsubscribed",
        "Subscribed",
    ]


async def test_nothing_at_all_means_nothing_at_all(post: Post) -> None:
    (ada,) = await post.contacts()
    answer = await post.client.post(path(ada), data={"scope": "all"})
    assert "nothing at all" in answer.text
    assert await post.send([ada], template="renewal_notice", purpose="service") == []
    assert post.withheld == ["suppressed"]
    # whoever changes their mind ticks the way again
    await choose(post, ada, way=["email"])
    async with post.store.transaction() as session:
        assert await suppression_reason(session, "email", "ada0@example.com") is None


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe", b"x" * 100_000, b"scope=choice&topic=%00&often=hourly&way=fax"]
)
async def test_a_form_that_is_none_of_ours_chooses_nothing_new(post: Post, body: bytes) -> None:
    (ada,) = await post.contacts(agree=None)
    assert (await post.client.post(path(ada), content=body)).status_code == 200
    assert await post.rows("SELECT frequency, topics FROM contact_preference") == []
    assert await post.rows("SELECT 1 FROM consent") == []


@pytest.mark.parametrize(
    ("language", "browser", "words"),
    [("en", "zh-CN", "What may we send you?"), ("zh-TW", "en", "您希望收到哪些消息"),
     ("de", "zh", "What may we send you?"), (None, "zh", "您希望收到哪些消息")],
)  # fmt: skip
async def test_the_page_speaks_the_contacts_language(
    post: Post, language: str | None, browser: str, words: str
) -> None:
    (ada,) = await post.contacts(language=language)
    await topics(post)
    page = await post.client.get(path(ada), headers={"Accept-Language": browser})
    assert words in page.text
    assert ("新闻通讯" in page.text) == ("您" in words)


async def test_the_page_is_made_for_everybody(post: Post) -> None:
    (ada,) = await post.contacts()
    async with post.store.transaction() as session:
        await put_topic(session, SYSTEM, Topic("evil", "<script>alert(1)</script>", help='"><b>'))
    page = await post.client.get(path(ada))
    tree = lxml.html.document_fromstring(page.text)
    assert tree.xpath("//script | //img | //link") == []
    assert "prefers-color-scheme:dark" in page.text
    for box in tree.xpath("//input[not(@type='hidden')]"):
        assert box.getparent().tag == "label"
    assert all(field.xpath("./legend") for field in tree.xpath("//fieldset"))
    assert "ada0@example.com" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in page.headers


async def test_somebody_elses_link_is_no_use(post: Post) -> None:
    ada, cleo = await post.contacts(2)
    for token in (LINKS.token(ada, "email", "marketing"), path(ada)[3:] + "x", "1"):
        assert (await post.client.get(f"/p/{token}")).status_code == 404
    await post.client.post(path(ada), data={"scope": "all"})
    assert await post.rows("SELECT granted FROM consent WHERE contact_id = :c", c=cleo) == [(True,)]


async def test_a_contact_who_is_gone_is_answered_kindly(post: Post) -> None:
    (ada,) = await post.contacts()
    await post.run("DELETE FROM contact")
    assert (await post.client.get(path(ada))).status_code == 410
    assert (await post.client.post(path(ada), data={"scope": "all"})).status_code == 410


async def test_the_unsubscribe_page_offers_the_topic_first(post: Post) -> None:
    (ada,) = await post.contacts()
    await topics(post)
    (letter,) = await post.send([ada], template="win_back_offer")
    link = letter.headers["List-Unsubscribe"].strip("<>").removeprefix("https://cadenza.test")
    page = (await post.client.get(link)).text
    assert page.index("No more about: Offers") < page.index("Do you want to stop our marketing")
    assert path(ada) in page
    answer = await post.client.post(link, data={"scope": "topic"})
    assert "no more mail about this topic" in answer.text
    assert await post.rows("SELECT granted FROM consent") == [(True,)]
    assert await post.send([ada], template="win_back_offer") == []
    assert post.withheld == ["topic_off"]
    # the mail program's one click stays what it was
    await post.client.post(link, data={"List-Unsubscribe": "One-Click"})
    assert await post.rows("SELECT granted FROM consent") == [(False,)]
