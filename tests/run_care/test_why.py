"""Why a contact is in a flow or is not: the sentence a colleague would say, and what decided."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.errors import NotAllowed, NotFound
from engine.services.actor import SYSTEM, Actor
from engine.services.why import Stance, WhyFlow, WhyHere, why, why_here
from tests.driving.test_driving import WELCOME
from tests.driving.world import World
from tests.run_care.test_paused_nodes import pause

PICKY = """
flow: picky
label: Picky
subject: contact
purpose: marketing
consent_note: asked at sign-up
trigger: {on: event, event: Signed Up, when: {"==": [{var: event.properties.plan}, big]}}
entry: after_exit
exit_when: {"==": [{var: contact.lifecycle_stage}, customer]}
steps:
  hello: {do: send_message, template: welcome, next: rest}
  rest:  {do: wait, for: P1D, next: done}
  done:  {do: exit}
"""
AUDIENCE = """
flow: singapore
label: Singapore
subject: contact
purpose: service
trigger: {on: segment, when: {"==": [{var: contact.country}, SG]}}
entry: once
steps:
  rest: {do: wait, for: P1D, next: done}
  done: {do: exit}
"""


async def asked(world: World, flow: str, contact: int | str, actor: Actor = SYSTEM) -> WhyFlow:
    async with world.store.store.transaction() as session:
        return await why(
            session,
            actor,
            flow,
            contact,
            plans=world.parts.plans,
            now=world.now,
            default_zone="UTC",
        )


async def here(world: World) -> WhyHere:
    [(run_id,)] = await world.rows("SELECT max(id) FROM run")
    async with world.store.store.transaction() as session:
        return await why_here(session, SYSTEM, run_id, plans=world.parts.plans, now=world.now)


def said(told: WhyFlow | WhyHere, code: str, language: str = "en") -> str:
    return next(one.in_language(language) for one in told.findings if one.code == code)


def codes(told: WhyFlow | WhyHere) -> list[str]:
    return [one.code for one in told.findings]


async def test_who_never_did_what_lets_people_in(world: World) -> None:
    await world.publish(PICKY)
    [ada] = await world.people(1)
    told = await asked(world, "picky", ada)
    assert told.code == "no_event"
    assert told.said["en"] == "Person 0 has not done what lets people in."
    assert said(told, "no_event") == "No event “Signed Up” was ever received."
    assert said(told, "no_event", "zh-CN") == "从未收到事件“Signed Up”。"


async def test_an_event_that_does_not_fit_is_told_with_what_was_missing(world: World) -> None:
    await world.publish(PICKY)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up", plan="small")
    assert (await asked(world, "picky", ada)).code == "waits"
    await world.until_quiet("picky")
    told = await asked(world, "picky", ada)
    assert told.code == "rule_fails"
    words = said(told, "rule_fails")
    assert "does not fulfil the rule, because" in words
    assert "small" in words
    assert "因为" in said(told, "rule_fails", "zh")


async def test_an_event_from_before_the_flow_was_published(world: World) -> None:
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up", plan="big")
    await world.until_quiet()
    world.now += timedelta(hours=1)
    await world.publish(PICKY)
    told = await asked(world, "picky", ada)
    assert "before_published" in codes(told)
    assert told.code == "would_enter"


async def test_who_is_inside_and_what_entry_says(world: World) -> None:
    await world.publish(PICKY)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up", plan="big")
    await world.until_quiet("picky")
    told = await asked(world, "picky", "PERSON0@example.com")
    assert told.code == "inside"
    assert "on “rest”" in said(told, "inside")
    assert "let_in" in codes(told)
    refused = next(one for one in told.findings if one.code == "entry_refused")
    assert refused.stance is Stance.AGAINST
    assert refused.said["en"] == ("People enter again after they left. They are still inside.")
    assert said(told, "stays").startswith("The exit rule does not hold, because")
    assert told.run_ids == (1,)


async def test_who_has_been_in_and_enters_once(world: World) -> None:
    await world.publish(WELCOME)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.until_quiet("welcome_test")
    await world.rows("UPDATE run SET state = 'ended', outcome = 'done', due_at = NULL RETURNING 1")
    told = await asked(world, "welcome_test", ada)
    assert told.code == "been_before"
    assert said(told, "been_before") == "People enter once. They have entered already."


async def test_an_audience_is_asked_with_the_values_of_now(world: World) -> None:
    await world.publish(AUDIENCE)
    [ada] = await world.people(1, country="MY")
    told = await asked(world, "singapore", ada)
    assert told.code == "rule_fails"
    assert said(told, "rule_fails") == (
        'Does not belong to the audience now, because country is "MY", not "SG".'
    )
    await world.rows("UPDATE contact SET country = 'SG' RETURNING 1")
    assert (await asked(world, "singapore", ada)).code == "would_enter"


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("DELETE FROM consent RETURNING 1", "no_consent"),
        ("UPDATE consent SET granted = false RETURNING 1", "consent_withdrawn"),
        ("UPDATE contact SET email = NULL, email_key = NULL RETURNING 1", "no_address"),
        (
            (
                "INSERT INTO suppression VALUES ('email', 'person0@example.com', 'bounced') "
                "RETURNING 1"
            ),
            "suppressed",
        ),
    ],
)
async def test_what_would_stop_the_messages(world: World, statement: str, code: str) -> None:
    await world.publish(PICKY)
    [ada] = await world.people(1)
    assert "may_be_written_to" in codes(await asked(world, "picky", ada))
    await world.rows(statement)
    assert code in codes(await asked(world, "picky", ada))


async def test_flows_that_nobody_enters(world: World) -> None:
    await world.publish(PICKY)
    [ada] = await world.people(1)
    await pause(world, "picky", "rest")
    assert said(await asked(world, "picky", ada), "node_paused") == "Paused nodes: rest."
    await world.pause("picky")
    assert "paused" in codes(await asked(world, "picky", ada))
    await world.rows("UPDATE flow SET state = 'retired' RETURNING 1")
    assert (await asked(world, "picky", ada)).code == "not_open"


async def test_the_holdout_is_told(world: World) -> None:
    await world.publish(PICKY.replace("entry: after_exit", "entry: after_exit\nholdout: 50"))
    people = await world.people(12)
    for one in people:
        await world.event(one, "Signed Up", plan="big")
    await world.until_quiet("picky")
    held_out = {
        row[0] for row in await world.rows("SELECT subject_id FROM run WHERE outcome = 'holdout'")
    }
    told = {one for one in people if "held_out" in codes(await asked(world, "picky", one))}
    assert told == held_out != set()


async def test_why_a_run_stands_where_it_stands(world: World) -> None:
    await world.publish(WELCOME)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.dispatch_all()
    assert codes(await here(world)) == ["asked"]
    await world.until_quiet("welcome_test")
    waiting = await here(world)
    assert codes(waiting) == ["listens", "waits_until"]
    assert said(waiting, "listens") == "Waits for the event “Visited Pricing”."
    await pause(world, "welcome_test", "visit")
    await world.event(ada, "Visited Pricing")
    await world.until_quiet("welcome_test")
    assert codes(await here(world)) == ["node_paused", "listens", "fell_due", "aside"]
    await world.rows(
        "UPDATE run SET state = 'held', outcome = 'broken', due_at = NULL, paused_due = NULL "
        "RETURNING 1"
    )
    assert "held" in codes(await here(world))


async def test_who_may_ask_and_of_what(world: World) -> None:
    await world.publish(PICKY)
    [ada] = await world.people(1)
    with pytest.raises(NotFound):
        await asked(world, "nothing", ada)
    with pytest.raises(NotFound):
        await asked(world, "picky", 999)
    stranger: Any = Actor("key", 1, "a source")
    with pytest.raises(NotAllowed):
        await asked(world, "picky", ada, stranger)
