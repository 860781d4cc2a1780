"""Rules of work that are drawn: levels added, undone, tried, published, mistakes at their place."""

from __future__ import annotations

from typing import Any

from nicegui import ui
from sqlalchemy import text as sql

from crm_store.session import Store
from engine.definitions import DefinitionKind, read_definition
from engine.services.actor import SYSTEM
from engine.services.definitions import current
from engine.services.definitions.publishing import publish
from tests.designer.conftest import Visit
from tests.designer.seed import EMAIL

PATIENCE = 100
CHAIN = f"""approval_chain: discount
label: Discount
# a comment that stays as long as nothing is drawn
calendar: none
currency: EUR
bands:
  - {{from: 0, to: 1000, levels: [boss]}}
  - {{from: 1000, levels: [boss, board]}}
levels:
  - {{key: boss, approvers: [{{user: {EMAIL}}}], timeout: {{after: 2d}}}}
  - {{key: board, label: Council, approvers: [{{role: admin}}]}}
allow_self: true
"""
HERE = "/definitions/approval_chain/discount"


def click(visit: Visit, marker: str) -> None:
    visit.user.find(marker=marker).click()


def field(visit: Visit, marker: str) -> Any:
    (found,) = visit.user.find(marker=marker).elements
    return found


async def published(store: Store, text: str = CHAIN) -> None:
    async with store.transaction() as session:
        await publish(session, SYSTEM, read_definition(text, "x.yaml"))


async def in_force(store: Store, kind: DefinitionKind, name: str) -> Any:
    async with store.transaction() as session:
        found = await current(session, kind, name)
    return found.model if found else None


async def test_a_chain_is_drawn_from_nothing_and_published(visit: Visit, seeded: Store) -> None:
    await visit.user.open("/definitions/new?kind=approval_chain")
    await visit.user.should_see("the manager of whoever asks", retries=PATIENCE)
    field(visit, "short-name").value = "contract"
    click(visit, "add-level")
    await visit.user.should_see("everybody with the role Admin")
    click(visit, "add-band")
    await visit.user.should_see("0 to below 1,000")
    click(visit, "publish")
    await visit.user.should_see("In force", retries=PATIENCE)
    chain = await in_force(seeded, DefinitionKind.APPROVAL, "contract")
    assert [level.key for level in chain.levels] == ["manager", "level_2"]
    assert [band.levels for band in chain.bands] == [("manager",), ("manager", "level_2")]


async def test_what_is_drawn_is_undone_and_the_text_keeps_its_comments(
    visit: Visit, seeded: Store
) -> None:
    await published(seeded)
    await visit.user.open(HERE)
    await visit.user.should_see("Council", retries=PATIENCE)
    click(visit, "view-text")
    await visit.user.should_see(ui.codemirror)
    (text,) = visit.user.find(ui.codemirror).elements
    assert "# a comment" in text.value
    click(visit, "view-drawn")
    click(visit, "open-2")
    click(visit, "remove-level")
    await visit.user.should_not_see("Council")
    click(visit, "undo")
    await visit.user.should_see("Council")
    text.value = CHAIN.replace("Council", "Senate")
    click(visit, "view-text")
    text.value = CHAIN.replace("Council", "Senate")
    click(visit, "view-drawn")
    await visit.user.should_see("Senate")


async def test_mistakes_stand_at_their_level_and_in_a_list(visit: Visit, seeded: Store) -> None:
    await published(seeded)
    await visit.user.open(HERE)
    await visit.user.should_see("Council", retries=PATIENCE)
    click(visit, "tick-1-board")
    await visit.user.should_see('no band goes through the level "board"')
    await visit.user.should_see("1 mistake")
    click(visit, "tick-1-board")
    await visit.user.should_see("No mistakes so far.")


async def test_one_sees_who_would_be_asked_for_an_amount(visit: Visit, seeded: Store) -> None:
    await published(seeded)
    await visit.user.open(HERE)
    await visit.user.should_see("who would be asked now", retries=PATIENCE)
    field(visit, "try-amount").value = 12_000
    click(visit, "try-go")
    await visit.user.should_see("If asked now: time until")
    (answer,) = visit.user.find(marker="try-answer").elements
    assert len(answer.default_slot.children) == 2
    field(visit, "try-amount").value = 12
    click(visit, "try-go")
    assert len(answer.default_slot.children) == 1


async def test_a_version_that_came_meanwhile_is_not_overwritten_unasked(
    visit: Visit, seeded: Store
) -> None:
    await published(seeded)
    await visit.user.open(HERE)
    await visit.user.should_see("Council", retries=PATIENCE)
    await published(seeded, CHAIN.replace("Council", "Senate"))
    click(visit, "tick-0-board")
    click(visit, "publish")
    await visit.user.should_see("Version 2 came into force while you were at it", retries=PATIENCE)
    click(visit, "publish-over")
    await visit.user.should_see("v3", retries=PATIENCE)
    chain = await in_force(seeded, DefinitionKind.APPROVAL, "discount")
    assert chain.bands[0].levels == ("boss", "board")


async def test_a_policy_with_a_duty_is_drawn_and_told_in_words(visit: Visit, seeded: Store) -> None:
    await visit.user.open("/definitions/new?kind=escalation_policy")
    await visit.user.should_see("after 4 working hours without anybody", retries=PATIENCE)
    field(visit, "short-name").value = "care"
    click(visit, "add-rotation")
    await visit.user.should_see("Day of the first turn")
    click(visit, "open-1")
    kinds = visit.user.find(marker="target-kind").elements
    kind = next(iter(kinds))
    assert isinstance(kind, ui.select)
    kind.value = "on_duty"
    await visit.user.should_see("on duty: duty_1")
    click(visit, "has-repeat")
    await visit.user.should_see("Told again every 2 working hours, 2 times.")
    click(visit, "try-go")
    await visit.user.should_see("Everybody was told, and nobody took it up.")
    click(visit, "publish")
    await visit.user.should_see("In force", retries=PATIENCE)
    policy = await in_force(seeded, DefinitionKind.ESCALATION, "care")
    assert policy.levels[0].to == ("on_duty:duty_1",)
    assert policy.rotations["duty_1"].members == (EMAIL,)


async def test_assignment_rules_are_drawn_before_the_one_that_takes_everything(
    visit: Visit, seeded: Store
) -> None:
    await visit.user.open("/definitions/new?kind=assignment")
    await visit.user.should_see("Everything else", retries=PATIENCE)
    field(visit, "short-name").value = "leads"
    click(visit, "add-level")
    await visit.user.should_see("Rule 1")
    await visit.user.should_see("is never reached")
    click(visit, "remove-level")
    field(visit, "has-otherwise").value = False
    await visit.user.should_see("The last rule takes everything.")


async def test_somebody_who_may_not_publish_sees_the_ladder_alone(
    visit: Visit, seeded: Store
) -> None:
    await published(seeded)
    async with seeded.transaction() as session:
        await session.execute(sql("UPDATE \"user\" SET role = 'viewer'"))
    await visit.user.open(HERE)
    await visit.user.should_see("Council", retries=PATIENCE)
    await visit.user.should_not_see(marker="publish")
    await visit.user.should_not_see(marker="add-level")
