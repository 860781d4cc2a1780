"""What waits for one's own decision, as the one who decides meets it."""

from __future__ import annotations

from sqlalchemy import text

from crm_store.session import Store
from engine.services.approvals import Ask, InlineChain, open_requests
from engine.services.plans import Plans
from engine.services.pokes import NoPokes
from engine.services.sharing import shared_of
from engine.services.work import working
from engine.steps.words import Words
from tests.asked_here import AskedHere
from tests.designer.conftest import Visit
from tests.designer.seed import EMAIL
from tests.designer.seeded_runs import NOW

PATIENCE = 100
CHAIN = InlineChain(
    {"calendar": "none", "levels": [{"key": "boss", "approvers": [{"user": EMAIL}]}]}
)


async def requested(store: Store, count: int = 1) -> None:
    asks = [
        Ask(
            CHAIN,
            "thing",
            number,
            None,
            Words(f"Discount {number} <b>now</b>", f"折扣 {number}"),
            facts={"stage": "Negotiation"},
            key=f"thing:{number}",
        )
        for number in range(count)
    ]
    async with working(store, shared_of(Plans()), NoPokes(), NOW) as work:
        await open_requests(work, asks)


def answering(visit: Visit, store: Store) -> None:
    runtime = visit.runtime
    runtime.pokes = AskedHere(store, runtime.shared, runtime.now)


async def statuses(store: Store) -> list[str]:
    async with store.transaction() as session:
        found = await session.execute(text("SELECT status FROM approval_request ORDER BY id"))
        return list(found.scalars())


async def test_an_empty_inbox_says_so(visit: Visit) -> None:
    await visit.user.open("/inbox")
    await visit.user.should_see("Nothing to decide")


async def test_one_approves_with_a_comment(visit: Visit, seeded: Store) -> None:
    await requested(seeded)
    answering(visit, seeded)
    await visit.user.open("/inbox")
    await visit.user.should_see("Discount 0 <b>now</b>")
    await visit.user.should_see("Negotiation")
    visit.user.find(marker="answer-approve").click()
    visit.user.find(marker="approval-comment").type("Fine.")
    visit.user.find(marker="confirm-answer").click()
    await visit.user.should_see("Nothing to decide", retries=PATIENCE)
    assert await statuses(seeded) == ["approved"]
    async with seeded.transaction() as session:
        said = await session.execute(text("SELECT verb, comment, door FROM approval_decision"))
        assert said.all() == [("approve", "Fine.", "designer")]


async def test_asking_back_needs_words(visit: Visit, seeded: Store) -> None:
    await requested(seeded)
    answering(visit, seeded)
    await visit.user.open("/inbox?approval=1")
    visit.user.find(marker="answer-ask_back").click()
    visit.user.find(marker="confirm-answer").click()
    await visit.user.should_see("Write what you want to say.")
    assert await statuses(seeded) == ["open"]


async def test_when_temporal_is_away_one_is_told_and_nothing_is_decided(
    visit: Visit, seeded: Store
) -> None:
    await requested(seeded)
    await visit.user.open("/inbox?approval=1")
    visit.user.find(marker="answer-approve").click()
    visit.user.find(marker="confirm-answer").click()
    await visit.user.should_see("where Temporal runs", retries=PATIENCE)
    assert await statuses(seeded) == ["open"]


async def test_many_are_answered_at_once(visit: Visit, seeded: Store) -> None:
    await requested(seeded, 3)
    answering(visit, seeded)
    await visit.user.open("/inbox")
    visit.user.find(marker="tick-1").click()
    visit.user.find(marker="tick-3").click()
    visit.user.find(marker="bulk-reject").click()
    visit.user.find(marker="confirm-answer").click()
    await visit.user.should_not_see("Discount 0", retries=PATIENCE)
    assert await statuses(seeded) == ["rejected", "open", "rejected"]
