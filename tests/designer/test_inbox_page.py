"""What waits for one's own decision, as the one who decides meets it."""

from __future__ import annotations

from nicegui import ui
from sqlalchemy import text

from crm_store.session import Store
from engine.definitions import read_definition
from engine.services.actor import SYSTEM
from engine.services.approvals import Ask, InlineChain, open_requests
from engine.services.approvals.asking import Amount
from engine.services.approvals.publishing import ask_to_publish, require_chain
from engine.services.definitions.publishing import publish
from engine.services.plans import Plans
from engine.services.pokes import NoPokes
from engine.services.sharing import shared_of
from engine.services.work import working
from engine.steps.words import Words
from tests.asked_here import AskedHere
from tests.designer.conftest import Visit, opened
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


async def test_of_many_one_is_told_what_became_of_each(visit: Visit, seeded: Store) -> None:
    await requested(seeded, 2)
    answering(visit, seeded)
    await visit.user.open("/inbox")
    await visit.user.should_see("Discount 0")
    (every,) = visit.user.find(marker="tick-all").elements
    assert isinstance(every, ui.checkbox)
    every.value = True
    visit.user.find(marker="bulk-approve").click()
    await visit.user.should_see("This answers 2 requests.")
    async with seeded.transaction() as session:
        await session.execute(text("UPDATE approval_request SET status = 'recalled' WHERE id = 2"))
        await session.execute(
            text(
                "UPDATE approval_request SET state = jsonb_set(state, '{status}', '\"recalled\"')"
                " WHERE id = 2"
            )
        )
    visit.user.find(marker="confirm-answer").click()
    await visit.user.should_see("1 of 2 were answered.", retries=PATIENCE)
    assert (await statuses(seeded))[0] == "approved"


async def test_the_badge_counts_what_waits_for_somebody(visit: Visit, seeded: Store) -> None:
    assert (await visit.http.get("/inbox/waiting")).json() == {
        "shown": "",
        "label": "Inbox",
        "requests": 0,
    }
    await requested(seeded, 3)
    # another person, or two seconds later: the answer before is kept so long
    async with opened(seeded) as later:
        await later.sign_in()
        answer = await later.http.get("/inbox/waiting")
    assert answer.json() == {"shown": "3", "label": "Inbox: 3 wait for you", "requests": 3}


async def test_one_sees_why_these_levels_and_what_the_band_is(visit: Visit, seeded: Store) -> None:
    document = {
        "calendar": "none",
        "currency": "base",
        "bands": [
            {"from": 0, "to": 1000, "levels": ["boss"]},
            {"from": 1000, "levels": ["boss", "board"]},
        ],
        "levels": [
            {"key": "boss", "label": "Boss", "approvers": [{"user": EMAIL}]},
            {"key": "board", "label": "Council", "approvers": [{"role": "admin"}]},
        ],
    }
    ask = Ask(
        InlineChain(document),
        "thing",
        1,
        None,
        Words("Discount", "折扣"),
        amount=Amount(1_200_000, "USD", 1_200_000),
        key="thing:band",
    )
    async with working(seeded, shared_of(Plans()), NoPokes(), NOW) as work:
        await open_requests(work, [ask])
    await visit.user.open("/inbox?approval=1")
    await visit.user.should_see("These levels: amounts from 1,000 USD.")
    await visit.user.should_see("Boss")
    await visit.user.should_see("Council")


async def test_what_would_be_published_is_shown_with_its_changes(
    visit: Visit, seeded: Store
) -> None:
    policy = "escalation_policy: night\nlabel: Night\nlevels: [{to: owner, after: 2h}]\n"
    chain = f"approval_chain: leads\nlevels: [{{key: one, approvers: [{{user: {EMAIL}}}]}}]\n"
    kind, actor = "escalation_policy", SYSTEM
    async with seeded.transaction() as session:
        await publish(session, actor, read_definition(policy, "night.yaml"))
        await publish(session, actor, read_definition(chain, "leads.yaml"))
        await require_chain(session, actor, kind, "night", "leads")
    draft = read_definition(policy.replace("2h", "3h"), "night.yaml")
    async with working(seeded, shared_of(Plans()), NoPokes(), NOW) as work:
        await ask_to_publish(work, actor, kind, "night", draft=draft)
    await visit.user.open("/inbox?approval=1")
    await visit.user.should_see("What would be published")
    await visit.user.should_see("/levels/0/after")
    await visit.user.should_see("3h")
