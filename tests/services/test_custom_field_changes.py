"""Calling a field of one's own something else, and retiring it."""

from __future__ import annotations

import pytest

from crm_store.session import Store
from engine.errors import NotAllowed, NotFound, Refused
from engine.rules.types import Type
from engine.services.actor import SYSTEM, Actor
from engine.services.custom_fields import (
    DefinedField,
    all_custom_fields,
    change_custom_field,
    define_custom_field,
    list_custom_fields,
    retire_custom_field,
)

TIER = DefinedField("contact", "tier", Type.TEXT, "Tier", values=("gold", "silver"))


async def test_values_are_added_and_never_taken_away(store: Store) -> None:
    async with store.transaction() as session:
        await define_custom_field(session, SYSTEM, TIER)
        new = {"label": "Level", "label_zh": "级别"}
        await change_custom_field(
            session, SYSTEM, "contact", "tier", **new, values=("gold", "silver", "iron")
        )
        [found] = await list_custom_fields(session, "contact")
        assert (found.label, found.label_zh, found.values[-1]) == ("Level", "级别", "iron")
        with pytest.raises(Refused):
            await change_custom_field(session, SYSTEM, "contact", "tier", **new, values=("gold",))
        with pytest.raises(NotFound):
            await change_custom_field(session, SYSTEM, "contact", "none", **new, values=())


async def test_a_retired_field_is_offered_no_more_and_can_come_back(store: Store) -> None:
    async with store.transaction() as session:
        await define_custom_field(session, SYSTEM, TIER)
        await retire_custom_field(session, SYSTEM, "contact", "tier")
        assert list(await list_custom_fields(session, "contact")) == []
        [kept] = await all_custom_fields(session, "contact")
        assert (kept.retired, kept.values) == (True, TIER.values)
        await retire_custom_field(session, SYSTEM, "contact", "tier", retired=False)
        assert list(await list_custom_fields(session, "contact")) == [TIER]
        with pytest.raises(NotAllowed):
            await retire_custom_field(session, Actor("user", 1, "V", "viewer"), "contact", "tier")
