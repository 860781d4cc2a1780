"""A flow that was exported is the same flow: its hash says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings

from engine.flows.dump import dump_flow
from engine.flows.model import Flow, from_definition
from engine.rules import Catalogue
from engine.services.actor import SYSTEM
from engine.services.flow_files import exported
from engine.services.flow_files.exporting import version_text
from engine.steps import STEP_KINDS
from tests.driving.world import World
from tests.flows.reading import load
from tests.flows.test_dump import flows
from tests.versions.moving import stored_version

SHIPPED = sorted((Path(__file__).parents[2] / "templates" / "flows").glob("*.yaml"))


def stored_again(flow: Flow) -> Flow:
    """Through the form in which a version is kept."""
    return from_definition(flow.definition())


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_a_shipped_flow_is_the_same_after_a_round(file: Path) -> None:
    flow = load(file.read_text("utf-8"))
    again = load(dump_flow(stored_again(flow), kinds=STEP_KINDS))
    assert again.hash() == flow.hash()


@given(flows())
@settings(max_examples=60, deadline=None)
def test_any_flow_is_the_same_after_a_round(flow: Flow) -> None:
    again = load(dump_flow(stored_again(flow), kinds=STEP_KINDS))
    assert again.hash() == flow.hash() == stored_again(flow).hash()


COMMENTED = """\
# Whom we greet.
flow: commented
label: Commented
purpose: service
trigger: {on: manual}
steps:
  done: {do: exit}   # and that was it
"""


async def test_comments_stay_and_a_version_without_its_text_is_written_anew(
    world: World,
) -> None:
    published = await world.publish(COMMENTED)
    async with world.store.store.transaction() as session:
        assert await exported(session, SYSTEM, "commented", published.number) == COMMENTED
        assert await exported(session, SYSTEM, "commented") == COMMENTED
    changed = load(COMMENTED.replace("done", "end"))
    number = await stored_version(world, changed)
    async with world.store.store.transaction() as session:
        text = await exported(session, SYSTEM, "commented", number)
    assert load(text).hash() == changed.hash()


def test_a_text_that_means_something_else_today_is_not_given_out() -> None:
    from crm_store.models import FlowVersion

    flow = load(COMMENTED)
    version = FlowVersion(
        number=1, hash=flow.hash(), definition=flow.definition(), source="flow: other"
    )
    assert load(version_text(version, Catalogue.standard())).hash() == flow.hash()
