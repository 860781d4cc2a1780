"""Fields people define for themselves: typed, once, and readable by rules."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from crm_store.flows import custom_fields
from crm_store.models import Audit
from crm_store.session import Store
from engine.errors import Conflict, NotAllowed, Refused
from engine.rules.types import Type
from engine.services.actor import SYSTEM, Actor
from engine.services.custom_fields import (
    DefinedField,
    catalogue_with,
    define_custom_field,
    list_custom_fields,
)
from engine.services.field_values import ValueRefused

PLAN = DefinedField("contact", "plan", Type.TEXT, "Plan", "套餐", ("gold", "silver"))


async def test_a_defined_field_is_listed_audited_and_known_to_rules(store: Store) -> None:
    async with store.transaction() as session:
        await define_custom_field(session, SYSTEM, PLAN)
        assert list(await list_custom_fields(session, "contact")) == [PLAN]
        assert list(await list_custom_fields(session, "deal")) == []
        fact = catalogue_with(await custom_fields(session)).fact("contact", "custom.plan")
        assert fact is not None
        assert (fact.type, fact.values, fact.label.zh) == (Type.TEXT, ("gold", "silver"), "套餐")
        assert await session.scalar(select(Audit.subject_id)) == "contact.plan"


async def test_defining_the_same_field_twice_is_harmless(store: Store) -> None:
    async with store.transaction() as session:
        await define_custom_field(session, SYSTEM, PLAN)
        await define_custom_field(session, SYSTEM, PLAN)
        with pytest.raises(Conflict):
            await define_custom_field(
                session, SYSTEM, DefinedField("contact", "plan", Type.NUMBER, "Plan")
            )


async def test_all_mistakes_of_a_definition_are_told(store: Store) -> None:
    wrong = DefinedField("order", "Bad Key", Type.RECORD, " ", None, ("x",))
    async with store.transaction() as session:
        with pytest.raises(Refused) as caught:
            await define_custom_field(session, SYSTEM, wrong)
    assert {p.place for p in caught.value.problems} == {"record", "key", "type", "label", "values"}


async def test_only_those_who_manage_contacts_define_their_fields(store: Store) -> None:
    ben = Actor("user", 1, "Ben", "rep")
    async with store.transaction() as session:
        with pytest.raises(NotAllowed):
            await define_custom_field(session, ben, PLAN)


@pytest.mark.parametrize(
    ("kind", "written", "stored"),
    [
        (Type.TEXT, " gold ", "gold"),
        (Type.NUMBER, "1,000", 1000),
        (Type.NUMBER, 2.5, 2.5),
        (Type.BOOLEAN, "yes", True),
        (Type.DATE, "2026-02-28", "2026-02-28"),
        (Type.DATETIME, "2026-02-28T10:00:00Z", "2026-02-28T10:00:00+00:00"),
        (Type.SET, "b; a;b", ["a", "b"]),
        (Type.SET, ["b", "a"], ["a", "b"]),
    ],
)
def test_values_are_stored_as_json_of_their_type(kind: Type, written: object, stored: Any) -> None:
    assert DefinedField("contact", "x", kind, "X").read(written) == stored


def test_a_value_outside_the_list_is_refused() -> None:
    with pytest.raises(ValueRefused):
        PLAN.read("bronze")
