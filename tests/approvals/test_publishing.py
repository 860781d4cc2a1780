"""Publishing that needs the agreement of a chain."""

from __future__ import annotations

import pytest

from crm_store.session import Store
from engine.definitions import DefinitionKind, read_definition
from engine.errors import Conflict, NotAllowed, Refused
from engine.services import flows
from engine.services.actor import SYSTEM, Actor
from engine.services.agreement import NeedsApproval
from engine.services.approvals.publishing import (
    ask_to_publish,
    list_publish_rules,
    require_chain,
)
from engine.services.definitions import current
from engine.services.definitions.publishing import publish
from tests.approvals.conftest import put_in_force
from tests.approvals.test_requests import ONE
from tests.driving.house import House
from tests.driving.test_approvals import APPROVE

FLOW = APPROVE.replace("FROM", "manager")


def publisher(house: House) -> Actor:
    return house.actor("dora")


async def required(house: House, kind: str, name: str = "") -> None:
    await put_in_force(house, ONE)
    async with house.world.store.store.transaction() as session:
        await require_chain(session, SYSTEM, kind, name, "small")


async def drafted(house: House, source: str = FLOW) -> None:
    async with house.world.store.store.transaction() as session:
        await flows.save_draft(
            session, SYSTEM, source, library=house.world.parts.library, file="test.yaml"
        )


async def asked(house: House) -> int:
    async with house.world.work() as work:
        return await ask_to_publish(work, publisher(house), "flow", "asking")


async def state(house: House) -> list[tuple[str, bool]]:
    rows = await house.world.rows(
        "SELECT state, published_version_id IS NOT NULL FROM flow WHERE name = 'asking'"
    )
    return [(row[0], row[1]) for row in rows]


async def test_a_flow_is_published_once_the_chain_agrees(house: House) -> None:
    await required(house, "flow")
    await drafted(house)
    with pytest.raises(NeedsApproval) as needs:
        await house.world.publish(FLOW)
    assert needs.value.chain == "small"
    assert await state(house) == [("draft", False)]
    request = await asked(house)
    assert await asked(house) == request
    await house.decide("eve", request, "approve")
    assert await state(house) == [("active", True)]


async def test_what_was_changed_since_is_not_published(house: House) -> None:
    await required(house, "flow")
    await drafted(house)
    request = await asked(house)
    await drafted(house, FLOW.replace("Discount", "Great discount"))
    await house.decide("eve", request, "approve")
    assert await state(house) == [("draft", False)]
    told = await house.world.rows(
        "SELECT title FROM notice WHERE user_id = :dora ORDER BY id", dora=house.ids["dora"]
    )
    assert 'Not published: flow "asking"' in [row[0] for row in told]


async def test_what_is_rejected_stays_a_draft(house: House) -> None:
    await required(house, "flow", "asking")
    await drafted(house)
    await house.decide("eve", await asked(house), "reject")
    assert await state(house) == [("draft", False)]


async def test_a_definition_is_published_as_it_was_asked_for(house: House, store: Store) -> None:
    await required(house, "approval_chain", "other")
    source = ONE.replace("chain: small", "chain: other")
    draft = read_definition(source, "other.yaml")
    async with store.transaction() as session:
        with pytest.raises(NeedsApproval):
            await publish(session, SYSTEM, draft)
        await session.rollback()
    async with house.world.work() as work:
        request = await ask_to_publish(
            work, publisher(house), "approval_chain", "other", draft=draft
        )
    await house.decide("eve", request, "approve")
    async with store.transaction() as session:
        stored = await current(session, DefinitionKind.APPROVAL, "other")
    assert stored is not None
    assert stored.hash == draft.hash()


async def test_what_was_refused_once_can_be_asked_for_again(house: House) -> None:
    await required(house, "flow")
    await drafted(house)
    first = await asked(house)
    await house.decide("eve", first, "reject")
    second = await asked(house)
    assert second != first
    assert await asked(house) == second
    await house.decide("eve", second, "approve")
    assert await state(house) == [("active", True)]


async def test_what_was_agreed_to_long_ago_is_asked_for_anew(house: House, store: Store) -> None:
    await required(house, "approval_chain", "other")
    source = ONE.replace("chain: small", "chain: other")
    for text in (source, source.replace("2d", "3d"), source):
        draft = read_definition(text, "other.yaml")
        async with house.world.work() as work:
            request = await ask_to_publish(
                work, publisher(house), "approval_chain", "other", draft=draft
            )
        await house.decide("eve", request, "approve")
        async with store.transaction() as session:
            stored = await current(session, DefinitionKind.APPROVAL, "other")
        assert stored is not None
        assert stored.hash == draft.hash()


async def test_who_asked_has_published_it(house: House) -> None:
    await required(house, "approval_chain", "other")
    draft = read_definition(ONE.replace("chain: small", "chain: other"), "other.yaml")
    async with house.world.work() as work:
        request = await ask_to_publish(
            work, publisher(house), "approval_chain", "other", draft=draft
        )
    await house.decide("eve", request, "approve")
    rows = await house.world.rows(
        "SELECT v.published_by, v.note FROM definition_version v"
        " JOIN definition d ON d.id = v.definition_id WHERE d.name = 'other'"
    )
    assert rows == [(house.ids["dora"], f"Approval request {request}")]
    by = await house.world.rows(
        "SELECT DISTINCT actor_id FROM audit WHERE verb = 'publish' AND why LIKE 'Appr%'"
    )
    assert by == [(house.ids["dora"],)]


@pytest.mark.parametrize("change", ["active = false", "role = 'viewer'"])
async def test_who_may_not_publish_any_more_does_not(house: House, change: str) -> None:
    await required(house, "flow")
    await drafted(house)
    request = await asked(house)
    await house.world.rows(
        f'UPDATE "user" SET {change} WHERE id = :dora RETURNING 1',
        dora=house.ids["dora"],
    )
    await house.decide("eve", request, "approve")
    assert await state(house) == [("draft", False)]


async def test_rules_are_an_admins_and_name_what_there_is(house: House) -> None:
    await required(house, "flow")
    async with house.world.store.store.transaction() as session:
        with pytest.raises(NotAllowed):
            await require_chain(session, house.actor("eve"), "flow", "", "small")
        with pytest.raises(Refused) as refused:
            await require_chain(session, SYSTEM, "flows", "", "nothing")
        assert [one.code for one in refused.value.problems] == ["unknown_kind", "unknown_chain"]
        assert await list_publish_rules(session, SYSTEM) == [("flow", "", "small")]
        await require_chain(session, SYSTEM, "flow", "", None)
    await drafted(house)
    with pytest.raises(Conflict):
        await asked(house)
    await house.world.publish(FLOW)
    assert await state(house) == [("active", True)]
