"""What our people are told: once, in their language, by the ways they chose."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from engine.activities.notices import NoticeActivities
from engine.channels.base import OutgoingMessage
from engine.errors import NotAllowed, Refused
from engine.services.actor import SYSTEM, Actor
from engine.services.channels import Channels, Way
from engine.services.telling import NoticeWay, Telling, Urgency, list_ways, set_ways, tell
from engine.steps.words import Words
from tests.driving.sales_world import team
from tests.driving.world import World

TITLE = Words("A deal waits", "有商机待处理")


def telling(user_id: int, key: str = "deal:7:sla:1", urgency: Urgency = Urgency.NORMAL) -> Telling:
    return Telling(
        key=key,
        user_id=user_id,
        kind="escalation",
        title=TITLE,
        body=Words("Nobody has looked at it.", "尚无人查看。"),
        subject_kind="deal",
        subject_id=7,
        urgency=urgency,
        path="/deals/7",
        action_path="/a/signed",
    )


async def told(world: World, *tellings: Telling) -> None:
    async with world.work() as work:
        await tell(work, tellings)


async def test_what_is_told_is_mailed_once_however_often_it_is_told(world: World) -> None:
    (ben,) = await team(world, "North", "ben")
    await told(world, telling(ben))
    await told(world, telling(ben))
    while await world.mail_notices():
        pass
    assert world.channel.counts() == {("ben@example.com", "A deal waits"): 1}
    assert await world.rows("SELECT state, urgency, path FROM notice") == [
        ("sent", "normal", "/deals/7")
    ]
    text_ = world.channel.delivered[0].text
    assert "/a/signed" in text_
    assert "/deals/7" in text_


async def test_everybody_reads_their_own_language(world: World) -> None:
    ben, cleo = await team(world, "North", "ben", "cleo")
    async with world.store.store.transaction() as session:
        await session.execute(
            text("UPDATE \"user\" SET language = 'zh-CN' WHERE id = :id"), {"id": cleo}
        )
    await told(world, telling(ben), telling(cleo))
    await world.mail_notices()
    assert {mail.to: mail.subject for mail in world.channel.delivered} == {
        "ben@example.com": TITLE.en,
        "cleo@example.com": TITLE.zh,
    }


async def test_ways_are_chosen_by_urgency(world: World) -> None:
    ben, cleo = await team(world, "North", "ben", "cleo")
    async with world.store.store.transaction() as session:
        await session.execute(
            text(
                "INSERT INTO notice_way (user_id, urgency, channel, address) VALUES"
                " (:ben, 'urgent', 'default', 'ben-at-night@example.com'),"
                " (:cleo, 'low', 'none', NULL)"
            ),
            {"ben": ben, "cleo": cleo},
        )
    await told(
        world,
        telling(ben, "one", Urgency.URGENT),
        telling(ben, "two"),
        telling(cleo, "three", Urgency.LOW),
    )
    await world.mail_notices()
    assert sorted(mail.to for mail in world.channel.delivered) == [
        "ben-at-night@example.com",
        "ben@example.com",
    ]
    shown = await world.rows("SELECT state, reason FROM notice WHERE key = 'three'")
    assert shown == [("withheld", "shown_here")]


def _ben(ben: int) -> Actor:
    return Actor("user", ben, "Ben", "rep")


async def test_somebody_chooses_ways_and_takes_them_back(world: World) -> None:
    (ben,) = await team(world, "North", "ben")
    channels = NoticeActivities(world.parts).mailing.channels
    at_night = [NoticeWay("default", "ben-at-night@example.com")]
    async with world.store.store.transaction() as session:
        await set_ways(session, _ben(ben), channels, Urgency.URGENT, at_night)
        assert await list_ways(session, _ben(ben)) == {Urgency.URGENT: at_night}
        await set_ways(session, _ben(ben), channels, Urgency.URGENT, [])
        assert await list_ways(session, _ben(ben)) == {}


async def test_mistakes_in_ways_are_told_all_at_once(world: World) -> None:
    (ben,) = await team(world, "North", "ben")
    channels = NoticeActivities(world.parts).mailing.channels
    wrong = [NoticeWay("pager"), NoticeWay("default", "nowhere"), NoticeWay("none")]
    async with world.store.store.transaction() as session:
        with pytest.raises(Refused) as refused:
            await set_ways(session, _ben(ben), channels, Urgency.HIGH, [*wrong, wrong[-1]])
        with pytest.raises(NotAllowed):
            await set_ways(session, SYSTEM, channels, Urgency.HIGH, [])
    assert {problem.code for problem in refused.value.problems} == {
        *("unknown_channel", "bad_address", "contradiction", "twice")
    }


async def test_a_channel_that_is_gone_gives_way_to_mail(world: World) -> None:
    (ben,) = await team(world, "North", "ben")
    async with world.store.store.transaction() as session:
        await session.execute(
            text(
                "INSERT INTO notice_way (user_id, urgency, channel, address)"
                " VALUES (:ben, 'high', 'pager', '+4912345')"
            ),
            {"ben": ben},
        )
    await told(world, telling(ben, urgency=Urgency.HIGH))
    await world.mail_notices()
    assert [mail.to for mail in world.channel.delivered] == ["ben@example.com"]


async def test_people_who_have_left_are_sent_nothing(world: World) -> None:
    (anna,) = await team(world, "North", inactive=("anna",))
    await told(world, telling(anna), telling(anna + 100))
    assert await world.mail_notices() == 0
    assert await world.rows("SELECT user_id, state FROM notice") == [(anna, "withheld")]


async def test_nor_by_ways_that_they_chose(world: World) -> None:
    anna, ben = await team(world, "North", "ben", inactive=("anna",))
    async with world.store.store.transaction() as session:
        await session.execute(
            text(
                "INSERT INTO notice_way (user_id, urgency, channel, address)"
                " SELECT id, 'normal', 'default', name || '-private@example.com' FROM \"user\""
            )
        )
    await told(world, telling(anna), telling(ben))
    assert await world.rows("SELECT count(*) FROM notice_delivery") == [(1,)]
    async with world.store.store.transaction() as session:
        await session.execute(text('UPDATE "user" SET active = false'))
    await world.mail_notices()
    assert world.channel.delivered == []
    assert await world.rows("SELECT state, reason FROM notice_delivery") == [("refused", "left")]


async def test_the_same_told_twice_in_one_call_is_one_mail(world: World) -> None:
    (ben,) = await team(world, "North", "ben")
    await told(world, telling(ben), telling(ben))
    while await world.mail_notices():
        pass
    assert world.channel.counts() == {("ben@example.com", "A deal waits"): 1}


@pytest.mark.parametrize(
    ("way", "address", "signed"),
    [
        (Way("pager", "pager", "sms"), "ben@example.com", False),
        (Way("room", "room", "chat", room="sales"), "ben@example.com", False),
        (Way("letters", "letters", "email", room="all@example.com"), None, False),
        (Way("letters", "letters", "email"), "team@example.com", False),
        (Way("letters", "letters", "email"), "ben@example.com", True),
    ],
)
async def test_a_link_that_answers_goes_to_their_own_mail_alone(
    world: World, monkeypatch: pytest.MonkeyPatch, way: Way, address: str | None, signed: bool
) -> None:
    (ben,) = await team(world, "North", "ben")
    async with world.store.store.transaction() as session:
        await session.execute(
            text(
                "INSERT INTO notice_way (user_id, urgency, channel, address)"
                " VALUES (:ben, 'normal', :channel, :address)"
            ),
            {"ben": ben, "channel": way.name, "address": address},
        )
    await told(world, telling(ben))
    sent: list[OutgoingMessage] = []

    async def send(channels: Channels, message: OutgoingMessage) -> None:
        sent.append(message)

    monkeypatch.setattr(Channels, "way", lambda channels, name: way)
    monkeypatch.setattr(Channels, "send", send)
    await world.mail_notices()
    assert [("/a/signed" in one.text, "/deals/7" in one.text) for one in sent] == [(signed, True)]


@pytest.mark.parametrize("taken", [True, False])
async def test_a_mail_whose_answer_was_lost_is_asked_for(world: World, taken: bool) -> None:
    (ben,) = await team(world, "North", "ben")
    await told(world, telling(ben))
    answers = iter(["unclear_taken" if taken else "unclear_lost"])
    world.channel.spoil = lambda: next(answers, None)
    await world.mail_notices()
    assert await world.mail_notices() == 0, "too early to ask"
    world.now += timedelta(seconds=10)
    await world.mail_notices()
    assert len(world.channel.delivered) == 1
    assert await world.rows("SELECT state FROM notice_delivery") == [("sent",)]


async def test_where_nobody_can_tell_it_goes_again_but_not_for_ever(world: World) -> None:
    (ben,) = await team(world, "North", "ben")
    await told(world, telling(ben))
    world.channel.askable = False
    world.channel.spoil = lambda: "unclear_taken"
    for _ in range(8):
        await world.mail_notices()
        world.now += timedelta(minutes=2)
    assert len(world.channel.delivered) == 3
    assert await world.rows("SELECT state FROM notice") == [("maybe_sent",)]


async def test_a_server_that_is_down_is_tried_again(world: World) -> None:
    (ben,) = await team(world, "North", "ben")
    await told(world, telling(ben))
    answers = iter(["unreachable"])
    world.channel.spoil = lambda: next(answers, None)
    await world.mail_notices()
    assert await world.mail_notices() == 0
    world.now += timedelta(minutes=1)
    await world.mail_notices()
    assert len(world.channel.delivered) == 1


async def test_two_workers_do_not_mail_the_same(world: World) -> None:
    people = await team(world, "North", *(f"p{number}" for number in range(6)))
    await told(world, *(telling(one) for one in people))
    two = world.new_worker("two")
    taken = 0
    while found := await world.mail_notices() + await world.mail_notices(two):
        taken += found
    assert taken == 6
    assert set(world.channel.counts().values()) == {1}
    assert NoticeActivities(two).mailing.worker == "two"
