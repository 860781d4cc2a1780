"""What becomes of messages: answers, tries, and hand-overs nobody answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Audit, Consent, Message
from crm_store.session import Store
from engine.channels.base import Known, OutgoingMessage, Refused, Unclear, Unreachable
from engine.errors import Conflict, NotAllowed, NotFound
from engine.services.actor import SYSTEM, Actor
from engine.services.messages import (
    Answer,
    NotSent,
    Prepared,
    SendAsk,
    SendResult,
    Settlement,
    Verdict,
    decide,
    hand_over,
    hand_over_all,
    list_maybe_sent,
    prepare,
    record,
    settle,
    settle_by_hand,
    unanswered,
)
from tests.messages.people import NOW, SETTINGS, add_asks, add_contacts, library, states

LIBRARY = library()
LATER = NOW + timedelta(seconds=5)


class Moody:
    """A channel that answers in turn as it is told."""

    name = "moody"
    group_size = 16

    def __init__(self, *answers: Exception | None) -> None:
        self.answers = [*answers]
        self.sent: list[OutgoingMessage] = []

    async def send(self, message: OutgoingMessage) -> None:
        self.sent.append(message)
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer

    async def ask(self, provider_key: str) -> Known:
        del provider_key
        return Known.CANNOT_TELL

    async def close(self) -> None:
        """Nothing to close."""


async def prepared(session: AsyncSession, asks: list[SendAsk]) -> list[Prepared | NotSent]:
    return await prepare(
        session, asks, library=LIBRARY, sender_settings=SETTINGS, channel_name="smtp", now=NOW
    )


async def ready(store: Store, count: int = 1, purpose: str = "marketing") -> list[Prepared]:
    """Messages whose hand-over has begun."""
    async with store.transaction() as session:
        asks = await add_asks(session, await add_contacts(session, count), purpose=purpose)
        outcomes = await prepared(session, asks)
    return [one for one in outcomes if isinstance(one, Prepared)]


@pytest.mark.parametrize(
    ("raised", "answer", "state", "reason"),
    [
        (None, Answer.ACCEPTED, "sent", None),
        (Refused("spam", "550 no"), Answer.REFUSED, "refused", "spam: 550 no"),
        (Unreachable("slow", "late"), Answer.UNREACHABLE, "put_off", "slow: late"),
        (Unclear("answer_lost", "gone"), Answer.UNCLEAR, "handing_over", "answer_lost: gone"),
    ],
)  # fmt: skip
async def test_an_answer_is_written_down(
    store: Store, raised: Exception | None, answer: Answer, state: str, reason: str | None
) -> None:
    (one,) = await ready(store)
    result = await hand_over(Moody(raised), one)
    assert (result.answer, result.message_id) == (answer, one.message_id)
    async with store.transaction() as session:
        await record(session, [result], LATER)
        assert await states(session) == [(state, reason)]
        row = (await session.execute(select(Message))).scalar_one()
        assert row.answered_at == (None if answer is Answer.UNCLEAR else LATER)


async def test_recording_twice_is_recording_once(store: Store) -> None:
    (one,) = await ready(store)
    accepted = SendResult(one.message_id, one.ask.effect_id, Answer.ACCEPTED)
    late = replace(accepted, answer=Answer.UNREACHABLE, code="slow")
    async with store.transaction() as session:
        await record(session, [accepted], LATER)
        await record(session, [late], LATER + timedelta(hours=1))
        await record(session, [accepted], LATER + timedelta(hours=2))
        row = (await session.execute(select(Message))).scalar_one()
        assert (row.state, row.answered_at) == ("sent", LATER)


async def test_results_come_in_the_order_of_the_group(store: Store) -> None:
    group = await ready(store, 5)
    refusal = Refused("recipient_refused", "no")
    results = await hand_over_all(Moody(None, refusal, None, refusal, None), group)
    assert [result.message_id for result in results] == [one.message_id for one in group]
    assert [result.answer for result in results].count(Answer.REFUSED) == 2


async def test_a_fault_in_a_channel_is_raised_after_all_others_have_ended(store: Store) -> None:
    group = await ready(store, 3)
    channel = Moody(None, ZeroDivisionError("a bug"), None)
    with pytest.raises(ZeroDivisionError):
        await hand_over_all(channel, group)
    assert len(channel.sent) == 3


async def test_an_accepted_message_is_not_sent_again(store: Store) -> None:
    (one,) = await ready(store)
    accepted = SendResult(one.message_id, one.ask.effect_id, Answer.ACCEPTED)
    async with store.transaction() as session:
        await record(session, [accepted], LATER)
        (again,) = await prepared(session, [one.ask])
    assert isinstance(again, NotSent)
    assert (again.verdict, again.message_id) == (Verdict.ALREADY_SENT, one.message_id)


async def test_an_unanswered_message_is_not_sent_again_before_it_is_settled(store: Store) -> None:
    (one,) = await ready(store)
    async with store.transaction() as session:
        (again,) = await prepared(session, [one.ask])
        assert isinstance(again, NotSent)
        assert again.verdict is Verdict.UNSETTLED
        assert await states(session) == [("handing_over", None)]


async def test_a_message_put_off_goes_again_under_the_same_key(store: Store) -> None:
    (one,) = await ready(store)
    result = await hand_over(Moody(Unreachable("slow", "late", timedelta(minutes=2))), one)
    assert result.retry_after == timedelta(minutes=2)
    async with store.transaction() as session:
        await record(session, [result], LATER)
    async with store.transaction() as session:
        (again,) = await prepared(session, [one.ask])
        assert isinstance(again, Prepared)
        assert again.message_id == one.message_id
        assert again.outgoing.provider_key == one.outgoing.provider_key
        assert await states(session) == [("handing_over", None)]


async def test_the_key_outlives_a_changed_secret(store: Store) -> None:
    (one,) = await ready(store)
    async with store.transaction() as session:
        await settle(session, [(one.message_id, Settlement.SEND_AGAIN)], LATER)
        (again,) = await prepare(
            session,
            [one.ask],
            library=LIBRARY,
            sender_settings=replace(SETTINGS, key_secret=b"another"),
            channel_name="smtp",
            now=NOW,
        )
    assert isinstance(again, Prepared)
    assert again.outgoing.provider_key == one.outgoing.provider_key


async def test_consent_is_asked_again_at_every_try(store: Store) -> None:
    (one,) = await ready(store)
    async with store.transaction() as session:
        await settle(session, [(one.message_id, Settlement.SEND_AGAIN)], LATER)
        await session.execute(update(Consent).values(granted=False))
        (again,) = await prepared(session, [one.ask])
        assert isinstance(again, NotSent)
        assert (again.code, again.message_id) == ("consent_withdrawn", one.message_id)
        assert await states(session) == [("withheld", "consent_withdrawn")]


@pytest.mark.parametrize(
    ("known", "purpose", "settlement"),
    [
        (Known.SENT, "marketing", Settlement.SENT),
        (Known.SENT, "service", Settlement.SENT),
        (Known.ABSENT, "marketing", Settlement.SEND_AGAIN),
        (Known.ABSENT, "service", Settlement.SEND_AGAIN),
        (Known.CANNOT_TELL, "marketing", Settlement.MAYBE_SENT),
        (Known.CANNOT_TELL, "service", Settlement.SEND_AGAIN),
    ],
)
def test_what_is_not_known_is_settled_by_the_purpose(
    known: Known, purpose: str, settlement: Settlement
) -> None:
    assert decide(known, purpose) is settlement


@pytest.mark.parametrize(
    ("settlement", "state"),
    [
        (Settlement.SENT, "sent"),
        (Settlement.SEND_AGAIN, "put_off"),
        (Settlement.MAYBE_SENT, "maybe_sent"),
    ],
)
async def test_a_hand_over_left_behind_is_found_and_settled(
    store: Store, settlement: Settlement, state: str
) -> None:
    left, answered = await ready(store, 2)
    async with store.transaction() as session:
        accepted = SendResult(answered.message_id, answered.ask.effect_id, Answer.ACCEPTED)
        await record(session, [accepted], LATER)
        effects = [left.ask.effect_id, answered.ask.effect_id, 999_999]
        (found,) = await unanswered(session, effects)
        assert (found.message_id, found.provider_key) == (
            left.message_id,
            left.outgoing.provider_key,
        )
        await settle(session, [(found.message_id, settlement)], LATER)
        assert dict(await _by_id(session))[left.message_id] == state
        assert await unanswered(session, effects) == []


async def test_an_answer_that_comes_late_is_believed(store: Store) -> None:
    (one,) = await ready(store)
    async with store.transaction() as session:
        await settle(session, [(one.message_id, Settlement.MAYBE_SENT)], LATER)
        accepted = SendResult(one.message_id, one.ask.effect_id, Answer.ACCEPTED)
        await record(session, [accepted], LATER)
        assert await states(session) == [("sent", None)]


async def test_open_cases_are_listed_page_by_page(store: Store) -> None:
    group = await ready(store, 5)
    async with store.transaction() as session:
        unclear = [(one.message_id, Settlement.MAYBE_SENT) for one in group[:3]]
        await settle(session, unclear, LATER)
        first = await list_maybe_sent(session, limit=2)
        rest = await list_maybe_sent(session, after_id=first[-1].message_id, limit=2)
        assert [case.message_id for case in (*first, *rest)] == [
            one.message_id for one in group[:3]
        ]
        assert first[0].contact_id == group[0].ask.contact_id
        assert await list_maybe_sent(session, flow_id=-1) == []
        assert len(await list_maybe_sent(session, flow_id=group[0].ask.flow_id)) == 3


async def test_a_person_settles_an_open_case_and_it_is_written_down(store: Store) -> None:
    (one,) = await ready(store)
    ben = Actor("user", 1, "Ben", "marketer")
    async with store.transaction() as session:
        await settle(session, [(one.message_id, Settlement.MAYBE_SENT)], LATER)
        await settle_by_hand(session, ben, one.message_id, was_sent=True, now=LATER)
        assert await states(session) == [("sent", "settled_by_hand")]
        row = (await session.execute(select(Audit))).scalar_one()
        assert (row.actor_name, row.verb, row.after) == ("Ben", "settle", {"state": "sent"})
        with pytest.raises(Conflict):
            await settle_by_hand(session, ben, one.message_id, was_sent=True, now=LATER)
        with pytest.raises(NotFound):
            await settle_by_hand(session, SYSTEM, 999_999, was_sent=True, now=LATER)
        with pytest.raises(NotAllowed):
            viewer = Actor("user", 2, "Cleo", "viewer")
            await settle_by_hand(session, viewer, one.message_id, was_sent=True, now=LATER)


async def _by_id(session: AsyncSession) -> list[tuple[int, str]]:
    found = await session.execute(select(Message.id, Message.state))
    return [(row[0], row[1]) for row in found]
