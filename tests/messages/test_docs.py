"""The pages about messages and templates name everything there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_store.messages import PUT_OFF
from crm_store.models import MessageState
from engine.rendering import limits
from engine.rendering.local_filters import DATE_SKELETONS, DATE_STYLES
from engine.rendering.sandbox import FILTERS, LOOP_FIELDS
from engine.services.templates import message_vocabulary

DOCS = Path(__file__).parents[2] / "docs"
TEMPLATES = (DOCS / "templates.md").read_text("utf-8")
MESSAGES = (DOCS / "messages.md").read_text("utf-8")


@pytest.mark.parametrize("name", [*FILTERS, *DATE_STYLES, *DATE_SKELETONS])
def test_every_filter_and_style_is_described(name: str) -> None:
    assert f"`{name}`" in TEMPLATES


@pytest.mark.parametrize("name", sorted(LOOP_FIELDS))
def test_every_field_of_a_loop_is_described(name: str) -> None:
    assert f"`loop.{name}`" in TEMPLATES


def test_every_variable_beside_the_facts_is_described() -> None:
    for path in message_vocabulary().paths:
        if not path.startswith(("contact.", "account.")):
            assert f"`{path}`" in TEMPLATES or f"{{{{ {path} }}}}" in TEMPLATES


def test_the_limits_are_the_ones_described() -> None:
    for limit in (
        limits.MAX_SOURCE_CHARACTERS,
        limits.MAX_LOOP_ITEMS,
        limits.MAX_STEPS,
        limits.MAX_VALUE_CHARACTERS,
        limits.MAX_OUTPUT_CHARACTERS,
    ):
        assert f"{limit:,}" in TEMPLATES


@pytest.mark.parametrize("state", sorted({*MessageState, PUT_OFF}))
def test_every_state_of_a_message_is_described(state: str) -> None:
    assert f"| `{state}` |" in MESSAGES
