"""What the dialog before publishing says about people, messages and whoever must agree."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from crm_store.session import Store
from engine.definitions import read_definition
from engine.services import flows
from engine.services.actor import SYSTEM
from engine.services.approvals.publishing import require_chain
from engine.services.definitions.publishing import publish
from tests.browser.serve import shipped_templates
from tests.designer.conftest import Visit
from tests.designer.seeded_runs import NOW

# tenths of a second: publishing asks the database for the whole company
PATIENCE = 100
# Three of the seeded people are customers; the branch takes nobody's second mail away.
SPRING = """
flow: spring
label: Spring
subject: contact
purpose: marketing
consent_note: Customers agreed to news when they ordered.
trigger: {on: segment, when: {"==": [{var: contact.lifecycle_stage}, customer]}}
steps:
  first:
    do: send_message
    template: win_back
    exits: {sent: hours, undeliverable: done, withheld: done}
  hours: {do: wait, for: 3h, next: known}
  known:
    do: branch
    cases:
      - {label: Knows us, when: {">": [{var: contact.score}, 50]}, next: second}
    else: days
  second:
    do: send_message
    template: win_back_offer
    exits: {sent: days, undeliverable: done, withheld: done}
  days: {do: wait, for: 3d, next: third}
  third:
    do: send_message
    template: offer
    exits: {sent: done, undeliverable: done, withheld: done}
  done: {do: exit}
"""
CHAIN = """
approval_chain: campaigns
label: Campaigns
calendar: none
levels:
  - {key: head, label: Head of marketing, approvers: [{user: vera@cadenza.test}]}
"""


async def begun(visit: Visit, store: Store, source: str = SPRING) -> None:
    """The editor of a draft that is not published, with the dialog open."""
    async with store.transaction() as session:
        await flows.save_draft(
            session, SYSTEM, source, library=shipped_templates(), file="spring.yaml"
        )
    await visit.user.open("/flows/spring/edit")
    await visit.user.should_see(marker="publish", retries=PATIENCE)
    visit.user.find(marker="publish").click()


async def test_who_enters_at_once_and_the_worst_case_are_counted(
    visit: Visit, seeded: Store
) -> None:
    await begun(visit, seeded)
    await visit.user.should_see("3 people fit now and enter at once.", retries=PATIENCE)
    await visit.user.should_see(
        "Messages to one person at worst: 2 within a day, 3 within a week. "
        "That is 6 messages on the first day at most."
    )
    visit.user.find(marker="confirm-publish").click()
    await visit.user.should_see("Version 1 is in force.", retries=PATIENCE)


async def test_who_comes_one_by_one_is_no_audience(visit: Visit, seeded: Store) -> None:
    source = SPRING.replace(
        'on: segment, when: {"==": [{var: contact.lifecycle_stage}, customer]}',
        "on: event, event: Signed Up",
    )
    await begun(visit, seeded, source)
    await visit.user.should_see("People enter one by one", retries=PATIENCE)
    await visit.user.should_not_see("on the first day at most")


async def test_a_chain_that_must_agree_is_asked_and_named(visit: Visit, seeded: Store) -> None:
    async with seeded.transaction() as session:
        await publish(session, SYSTEM, read_definition(CHAIN, "campaigns.yaml"), now=NOW)
        await require_chain(session, SYSTEM, "flow", "", "campaigns")
    await begun(visit, seeded)
    await visit.user.should_see("3 people fit now", retries=PATIENCE)
    visit.user.find(marker="confirm-publish").click()
    await visit.user.should_see("“campaigns” must agree to this first", retries=PATIENCE)
    visit.user.find(marker="ask-publish").click()
    await visit.user.should_see("They were asked.", retries=PATIENCE)
    await visit.user.should_see("Head of marketing: waits for Vera")
    await visit.user.should_not_see(marker="confirm-publish")
    assert await states(seeded) == [("draft", "open")]


async def states(store: Store) -> list[Any]:
    question = (
        "SELECT flow.state, approval_request.status FROM flow, approval_request "
        "WHERE flow.name = 'spring'"
    )
    async with store.transaction() as session:
        return [tuple(row) for row in await session.execute(text(question))]
