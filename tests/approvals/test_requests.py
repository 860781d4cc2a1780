"""Requests on a real database: chains in force, bands, clocks, ends, locks, handovers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.errors import NotAllowed, NotFound, Refused, Unavailable
from engine.services.actor import SYSTEM
from engine.services.approvals import (
    Amount,
    Ask,
    EditLock,
    InlineChain,
    locked_fields,
    open_request,
    open_requests,
    reassign_seats,
)
from engine.services.approvals.doors import AnswerRefused, give_answers
from engine.services.approvals.reading import list_requests, read_request
from engine.services.approvals.tending import tend_approval
from engine.services.ended import Ended
from engine.services.people import deactivate_user
from engine.services.work import Work
from engine.steps.words import Words
from tests.approvals.conftest import put_in_force
from tests.asked_here import AskedHere
from tests.driving.house import House

ONE = """
approval_chain: small
calendar: none
levels:
  - key: boss
    approvers: [{user: eve@example.com}]
    timeout: {after: 2d, then: reject}
"""
BANDS = """
approval_chain: bands
calendar: none
currency: base
bands:
  - {from: 0, to: 1000, levels: [low]}
  - {from: 1000, levels: [low, high]}
levels:
  - {key: low, approvers: [{user: eve@example.com}]}
  - {key: high, approvers: [{user: dora@example.com}]}
"""


@pytest.fixture
def ended(house: House) -> list[Ended]:
    """Ends of requests about things."""
    found: list[Ended] = []

    async def note(work: Work, one: Ended) -> None:
        del work
        found.append(one)

    house.world.parts.shared.endings["thing"] = note  # type: ignore[index]
    return found


@pytest.fixture(autouse=True)
def nothing_stays(house: House) -> Any:
    yield
    house.world.parts.shared.endings.pop("thing", None)  # type: ignore[attr-defined]


def ask(house: House, chain: Any, number: int = 1, **more: Any) -> Ask:
    return Ask(
        chain,
        "thing",
        number,
        house.ids["ben"],
        Words("Ten percent off", "九折"),
        key=f"thing:{number}",
        **more,
    )


async def opened(house: House, *asks: Ask) -> list[int]:
    async with house.world.work() as work:
        return await open_requests(work, asks)


async def test_whoever_asked_is_told_the_end_and_so_is_who_waits(
    house: House, ended: list[Ended]
) -> None:
    await put_in_force(house, ONE)
    [id_] = await opened(house, ask(house, "small", details={"stage": "won"}))
    await house.go_on()
    assert house.told() == ["eve@example.com"]
    mail = house.world.channel.delivered[0]
    assert "请审批：九折" in mail.subject
    assert "/a/" in mail.text
    answered = await house.decide("eve", id_, "approve", comment="fine")
    assert answered.details == {"status": "approved", "level": "boss"}
    assert ended == [
        Ended(id_, "thing", 1, "approved", (house.ids["eve"],), "fine", {"stage": "won"})
    ]
    await house.go_on()
    assert house.told() == ["eve@example.com", "ben@example.com"]
    assert await house.world.rows("SELECT count(*) FROM clock") == [(0,)]


async def test_the_same_key_is_one_request(house: House) -> None:
    await put_in_force(house, ONE)
    first = await opened(house, ask(house, "small"))
    assert await opened(house, ask(house, "small")) == first
    assert await opened(house, ask(house, "small", 2), ask(house, "small", 2)) != first


async def test_a_chain_that_is_not_there_is_refused(house: House) -> None:
    with pytest.raises(NotFound, match="no approval chain"):
        await opened(house, ask(house, "nothing"))


@pytest.mark.parametrize(
    ("amount", "levels"),
    [
        (Amount(99_999, "USD"), ("low",)),
        (Amount(100_000, "USD"), ("low", "high")),
        (Amount(99_999, "EUR"), ("low", "high")),
        (Amount(40_000, "EUR"), ("low",)),
        (Amount(5_000_000, "JPY", base_minor=3_000), ("low",)),
        (Amount(1, "GBP"), ("low", "high")),
        (None, ("low", "high")),
    ],
)
async def test_bands_are_of_amounts_in_any_currency(
    house: House, amount: Amount | None, levels: tuple[str, ...]
) -> None:
    await house.world.rows(
        "INSERT INTO exchange_rate (base_currency, currency, day, rate, minor_rate)"
        " VALUES ('USD', 'EUR', '2026-03-01', 2, 2) RETURNING 1"
    )
    await put_in_force(house, BANDS)
    await opened(house, ask(house, "bands", amount=amount))
    [request] = await house.requests()
    assert request.levels == levels


async def test_a_thousand_requests_stay_on_the_version_they_began_with(
    house: House, ended: list[Ended]
) -> None:
    first = await put_in_force(house, ONE)
    ids = await opened(house, *(ask(house, "small", number) for number in range(1000)))
    second = await put_in_force(
        house, ONE.replace("eve@", "dora@").replace("then: reject", "then: approve")
    )
    [late] = await opened(house, ask(house, "small", 5000))
    versions = await house.world.rows(
        "SELECT definition_version_id, count(*) FROM approval_request GROUP BY 1 ORDER BY 1"
    )
    assert versions == [(first, 1000), (second, 1)]
    assert (await house.decide("eve", ids[7], "approve")).details["status"] == "approved"
    with pytest.raises(NotAllowed):
        await house.decide("eve", late, "approve")
    house.world.now += timedelta(days=2)
    some = sorted(ids)[:3]
    async with house.world.work() as work:
        assert [(await tend_approval(work, id_)).ended for id_ in (*some, late)] == [True] * 4
    states = {one.request_id: one.state for one in ended}
    assert [states[id_] for id_ in (*some, late)] == ["rejected"] * 3 + ["approved"]


async def test_time_is_told_by_the_clock_of_the_request(house: House, ended: list[Ended]) -> None:
    await put_in_force(house, ONE)
    await opened(house, ask(house, "small"))
    await house.later(hours=47)
    assert ended == []
    await house.later(hours=1)
    assert [(one.state, one.by_ids) for one in ended] == [("rejected", ())]
    await house.later(days=30)
    assert len(ended) == 1


async def test_an_answer_after_the_time_is_refused_and_written_down(house: House) -> None:
    await put_in_force(house, ONE)
    [id_] = await opened(house, ask(house, "small"))
    house.world.now += timedelta(days=2)
    with pytest.raises(AnswerRefused) as refused:
        await house.decide("eve", id_, "approve")
    assert refused.value.code == "closed"
    audit = "SELECT verb, after->>'code' FROM audit WHERE subject_kind='approval'"
    assert await house.world.rows(audit) == [("refused", "closed")]


async def test_a_record_is_locked_while_it_waits(house: House) -> None:
    chain = InlineChain(
        {
            "calendar": "none",
            "levels": [{"key": "boss", "approvers": [{"user": "eve@example.com"}]}],
            "editable_fields": ["name", "next_step"],
        }
    )
    one = ask(house, chain, record=("deal", 7), editable_fields=("amount",))
    other = ask(house, "small", 2, record=("deal", 7), editable_fields=("name",))
    await put_in_force(house, ONE)
    [first, second] = [(await opened(house, asked))[0] for asked in (one, other)]
    async with house.world.work() as work:
        locks = await locked_fields(work.session, "deal", [7, 8])
    assert locks == {7: EditLock(first, frozenset({"name"}))}
    await house.decide("eve", first, "approve")
    async with house.world.work() as work:
        locks = await locked_fields(work.session, "deal", [7, 8])
    assert locks == {7: EditLock(second, frozenset({"name"}))}


async def test_many_are_answered_at_once_each_for_itself(house: House) -> None:
    await put_in_force(house, ONE)
    ids = await opened(house, *(ask(house, "small", number) for number in range(3)))
    await house.decide("dora", ids[1], "reject")
    found = await give_answers(
        house.world.parts.pokes, house.actor("eve"), [*ids, 999], "approve", door="api"
    )
    assert [one.code for one in found] == ["accepted", "closed", "accepted", "unknown_request"]


async def test_once_nobody_takes_answers_the_rest_of_many_are_not_asked(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    async def away(self: object, kind: object, id_: int, answer: object) -> None:
        asked.append(id_)
        raise Unavailable("Temporal does not answer.")

    monkeypatch.setattr(AskedHere, "ask", away)
    found = await give_answers(
        house.world.parts.pokes, house.actor("eve"), range(1, 101), "approve", door="api"
    )
    assert [one.request_id for one in found] == list(range(1, 101))
    assert {one.code for one in found} == {Unavailable.code}
    assert len(asked) < 20


async def test_the_voices_of_somebody_who_hands_over_go_to_others(house: House) -> None:
    await put_in_force(house, ONE)
    ids = await opened(house, *(ask(house, "small", number) for number in range(2)))
    async with house.world.work() as work:
        codes = await reassign_seats(
            work,
            SYSTEM,
            house.ids["eve"],
            {ids[0]: house.ids["dora"], ids[1]: house.ids["ben"]},
        )
    assert codes == {ids[0]: None, ids[1]: "own_request"}
    assert [one.id for one in await house.requests("eve", mine=True)] == [ids[1]]
    await house.decide("dora", ids[0], "approve")


async def test_deputies_see_what_waits_for_those_who_are_away(house: House) -> None:
    await put_in_force(house, ONE)
    [id_] = await opened(house, ask(house, "small"))
    await house.world.rows(
        "INSERT INTO absence (user_id, starts_at, ends_at, deputy_id, note)"
        " VALUES (:eve, :starts, :ends, :dora, '') RETURNING 1",
        eve=house.ids["eve"],
        dora=house.ids["dora"],
        starts=house.world.now - timedelta(hours=1),
        ends=house.world.now + timedelta(days=1),
    )
    assert [one.id for one in await house.requests("dora", mine=True)] == [id_]
    [request] = await house.requests()
    assert [voice.acting_id for voice in request.voices] == [house.ids["dora"]]
    await house.decide("dora", id_, "approve")


async def test_what_one_cannot_decide_hides_nothing_that_one_can(house: House) -> None:
    """Ben's own requests wait for Eve, and he stands in for her."""
    await put_in_force(house, ONE)
    await opened(house, *(ask(house, "small", number) for number in range(3)))
    words = Words("Ten percent off", "九折")
    [others] = await opened(
        house, Ask("small", "thing", 7, house.ids["dora"], words, key="thing:7")
    )
    await house.world.rows(
        "INSERT INTO absence (user_id, starts_at, ends_at, deputy_id, note)"
        " VALUES (:eve, :starts, :ends, :ben, '') RETURNING 1",
        eve=house.ids["eve"],
        ben=house.ids["ben"],
        starts=house.world.now - timedelta(hours=1),
        ends=house.world.now + timedelta(days=1),
    )
    async with house.world.work() as work:
        found = await list_requests(work, house.actor("ben"), mine=True, limit=2)
    assert [one.id for one in found] == [others]


async def test_a_voice_of_somebody_who_was_let_go_passes_to_their_manager_at_once(
    house: House,
) -> None:
    await put_in_force(house, ONE.replace("eve@", "ben@"))
    words = Words("Ten percent off", "九折")
    [id_] = await opened(house, Ask("small", "thing", 7, house.ids["dora"], words, key="thing:7"))
    await house.go_on()
    async with house.world.store.store.transaction() as session:
        await deactivate_user(session, SYSTEM, house.ids["ben"], house.world.now)
    await house.go_on()
    [request] = await house.requests()
    assert [one.acting_id for one in request.voices] == [house.ids["eve"]]
    assert (await house.decide("eve", id_, "approve")).details["status"] == "approved"


async def test_words_and_files_stay_with_the_request(house: House) -> None:
    await put_in_force(house, ONE)
    [id_] = await opened(house, ask(house, "small"))
    await house.decide("eve", id_, "ask_back", comment="Why so much?")
    await house.decide("ben", id_, "answer", comment="They take two.")
    house.world.now += timedelta(minutes=1)
    await house.decide("ben", id_, "comment", comment="See the offer.")
    house.world.now += timedelta(minutes=1)
    with pytest.raises(Refused) as refused:
        await house.decide("ben", id_, "comment", comment="Here", files=[12345])
    assert [one.code for one in refused.value.problems] == ["unknown_files"]
    await house.decide("eve", id_, "return", comment="Ask for less.")
    with pytest.raises(AnswerRefused):
        await house.decide("eve", id_, "approve")
    await house.decide("ben", id_, "resubmit")
    await house.decide("eve", id_, "approve")
    async with house.world.work() as work:
        request, history = await read_request(work, house.actor("ben"), id_)
    assert request.status == "approved"
    assert [(one.by, one.verb, one.comment) for one in history] == [
        ("Eve", "ask_back", "Why so much?"),
        ("Ben", "answer", "They take two."),
        ("Ben", "comment", "See the offer."),
        ("Eve", "return", "Ask for less."),
        ("Ben", "resubmit", None),
        ("Eve", "approve", None),
    ]


async def test_one_sees_what_one_asked_for(house: House) -> None:
    await put_in_force(house, ONE)
    [id_] = await opened(house, ask(house, "small"))
    async with house.world.work() as work:
        for name, seen in (("ben", [id_]), ("eve", [])):
            found = await list_requests(work, house.actor(name), asked_by_me=True)
            assert [one.id for one in found] == seen


async def test_nothing_of_a_request_stays_when_its_transaction_fails(house: House) -> None:
    await put_in_force(house, ONE)
    with pytest.raises(RuntimeError):
        async with house.world.work() as work:
            await open_request(work, ask(house, "small"))
            raise RuntimeError
    tables = ("approval_request", "approval_seat", "clock", "notice")
    for table in tables:
        assert await house.world.rows(f"SELECT count(*) FROM {table}") == [(0,)]
