"""Whoever acts through whatever door is made from what is kept of their role."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from sqlalchemy import text

from crm_store.models import Handover
from crm_store.people import user_by_email
from crm_store.session import Store
from engine.errors import NotAllowed
from engine.services.actor import SYSTEM, Actor, may, scope_of
from engine.services.handover.hand import hand_of
from engine.services.people_shelf import PeopleShelf
from engine.services.roles.acting import actors_of
from engine.services.roles.keeping import make_role
from tests.escalations.office import Office

ROOT = Path(__file__).parents[2]
HOME = ROOT / "engine/services/roles/acting.py"


def test_one_place_makes_an_actor_of_a_stored_person() -> None:
    """Elsewhere the role would count by its name alone, and roles that admins make would allow
    nothing."""
    elsewhere = []
    for package in ("engine", "designer"):
        for path in (ROOT / package).rglob("*.py"):
            source = path.read_text()
            if path == HOME or "Actor(" not in source:
                continue
            elsewhere += [
                f"{path.relative_to(ROOT)}:{node.lineno}"
                for node in ast.walk(ast.parse(source))
                if isinstance(node, ast.Call)
                and getattr(node.func, "id", getattr(node.func, "attr", "")) == "Actor"
                and _is_user(node)
            ]

    assert elsewhere == []


def _is_user(call: ast.Call) -> bool:
    kinds = [*call.args[:1], *(one.value for one in call.keywords if one.arg == "kind")]
    return any(isinstance(one, ast.Constant) and one.value == "user" for one in kinds)


async def give_role(store: Store, label: str, allow: list[str], email: str) -> None:
    async with store.transaction() as session:
        key = await make_role(session, SYSTEM, label=label, allow=allow, hidden=[])
        user = await user_by_email(session, email)
        assert user is not None
        await session.execute(
            text('UPDATE "user" SET role = :role WHERE id = :id'), {"role": key, "id": user.id}
        )


@pytest.fixture
async def office(store: Store) -> Office:
    office = await Office.furnished(store)
    await office.publish(
        "escalation_policy: promise\ntime: clock\nlevels: [{to: owner}]\nwait: 1h\n"
    )
    return office


async def test_a_made_role_takes_up_a_case_and_one_that_may_not_is_refused(
    office: Office, store: Store
) -> None:
    await give_role(
        store, "Helper", ["read:escalation:all", "edit:escalation:all"], "gil@example.com"
    )
    await give_role(store, "Looker", ["read:escalation:all"], "ben@example.com")
    case = await office.open("promise")

    with pytest.raises(NotAllowed):
        await office.answer("ben", case, "acknowledge")
    taken = await office.answer("gil", case, "acknowledge")

    assert taken.code == "accepted"


async def test_a_handover_is_carried_out_with_what_the_made_role_of_its_asker_allows(
    office: Office, store: Store
) -> None:
    allow = ["edit:deal:team", "read:deal:team", "read:team:all", "edit:team:all"]
    await give_role(store, "Lead", allow, "eve@example.com")
    async with store.transaction() as session:
        people = await PeopleShelf().directory(session)
        asked = Handover(from_user_id=office.ids["ben"], created_by=office.ids["eve"])
        actor = (await hand_of(session, asked, people)).actor
        several = await actors_of(session, [people.people[one] for one in office.ids.values()])

    assert scope_of(actor, "edit", "deal") == "team"
    assert office.ids["ben"] in actor.team
    assert several[office.ids["eve"]] == actor
    assert isinstance(several[office.ids["vic"]], Actor)
    assert not may(several[office.ids["vic"]], "edit", "deal")
