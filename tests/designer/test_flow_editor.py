"""The flow editor as a person meets it, without a browser."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from nicegui import ui

from crm_store.session import Store
from designer.components.flow_canvas import FlowCanvas
from engine.flows.editing import FlowDocument, History, read_operations
from engine.services.actor import SYSTEM
from engine.services.flow_drafts import OpenDraft, change, open_draft
from engine.steps import STEP_KINDS
from tests.designer.conftest import Visit

# tenths of a second: publishing asks the database for the whole company
PATIENCE = 100


async def draft(store: Store, name: str = "spring") -> OpenDraft:
    async with store.transaction() as session:
        return await open_draft(session, SYSTEM, name)


def canvas(visit: Visit) -> FlowCanvas:
    (found,) = visit.user.find(FlowCanvas).elements
    assert isinstance(found, FlowCanvas)
    return found


async def begun(visit: Visit) -> None:
    await visit.user.open("/new-flow")
    visit.user.find(marker="flow-label").type("Spring")
    visit.user.find(marker="begin").click()
    await visit.user.should_see(FlowCanvas, retries=PATIENCE)


async def drawn(visit: Visit, seeded: Store, *ops: dict[str, Any]) -> OpenDraft:
    found = await draft(seeded)
    given = {"revision": found.revision, "ops": list(ops), "batch": uuid4().hex}
    visit.user.find(FlowCanvas).trigger("ops", given)
    await visit.user.should_see(f"Saved r{found.revision + 1}", retries=PATIENCE)
    return await draft(seeded)


def add(kind: str, after: list[str]) -> dict[str, Any]:
    return {"op": "add_node", "id": None, "kind": kind, "after": after, "position": None}


async def test_a_flow_is_begun_drawn_filled_in_and_published(visit: Visit, seeded: Store) -> None:
    await begun(visit)
    await visit.user.should_see("Saved r1")
    await drawn(visit, seeded, add("send_message", ["$trigger", "start"]))
    await visit.user.should_see("The message to send.")
    visit.user.find(marker="tab-problems").click()
    await visit.user.should_see("Send message: Something is missing")
    found = await drawn(visit, seeded, add("exit", ["send_message", "sent"]))
    assert found.document.nodes["send_message"].exits == {"sent": "exit"}
    assert canvas(visit).graph.node_ids == {"$trigger", "send_message", "exit"}


async def test_text_and_drawing_follow_each_other(visit: Visit, seeded: Store) -> None:
    await begun(visit)
    visit.user.find(marker="tab-text").click()
    await visit.user.should_see(ui.codemirror)
    await drawn(visit, seeded, add("exit", ["$trigger", "start"]))
    (text,) = visit.user.find(ui.codemirror).elements
    assert "exit: {do: exit}" in str(text.value)
    text.value = str(text.value).replace("do: exit", "do: wait, for: 2d")
    await visit.user.should_see("Saved r3", retries=PATIENCE)
    assert (await draft(seeded)).document.nodes["exit"].kind == "wait"
    text.value = "flow: ["
    await visit.user.should_see("Not drawn yet", retries=PATIENCE)
    assert (await draft(seeded)).revision == 3


async def test_undo_is_for_canvas_and_forms_alike(visit: Visit, seeded: Store) -> None:
    await begun(visit)
    await drawn(visit, seeded, add("wait", ["$trigger", "start"]))
    visit.user.find(marker="step-note").type("why?").trigger("blur")
    await visit.user.should_see("Saved r3", retries=PATIENCE)
    visit.user.find(FlowCanvas).trigger("command", {"name": "undo", "batch": uuid4().hex})
    await visit.user.should_see("Saved r4", retries=PATIENCE)
    found = await draft(seeded)
    assert (found.document.notes, list(found.document.nodes)) == ({}, ["wait"])
    visit.user.find(marker="undo").click()
    await visit.user.should_see("Saved r5", retries=PATIENCE)
    assert (await draft(seeded)).document.nodes == {}


async def test_what_others_change_is_seen_and_said(visit: Visit, seeded: Store) -> None:
    await begun(visit)
    found = await draft(seeded)
    note = read_operations([{"op": "set_head", "key": "consent_note", "value": "At the fair."}])

    def deed(document: FlowDocument) -> FlowDocument:
        return History(document).done(note, STEP_KINDS).now

    async with seeded.transaction() as session:
        seen, now = found.revision, visit.runtime.now()
        await change(session, SYSTEM, "spring", revision=seen, deed=deed, now=now)
    await visit.user.should_see("changed this flow", retries=PATIENCE)
    await visit.user.should_see("At the fair.")
    # what was drawn on the older revision is laid beside it
    add_end = add("exit", ["$trigger", "start"])
    visit.user.find(FlowCanvas).trigger("ops", {"revision": seen, "ops": [add_end]})
    await visit.user.should_see("Saved r3", retries=PATIENCE)
    kept = (await draft(seeded)).document
    assert (kept.head["consent_note"], list(kept.nodes)) == ("At the fair.", ["exit"])


async def test_steps_are_copied_and_pasted(visit: Visit, seeded: Store) -> None:
    await begun(visit)
    await drawn(visit, seeded, add("wait", ["$trigger", "start"]))
    steps = {"steps": {"wait": {"do": "wait", "for": "4d"}}}
    paste = {"name": "paste", "text": json.dumps(steps), "at": None, "batch": uuid4().hex}
    visit.user.find(FlowCanvas).trigger("command", paste)
    await visit.user.should_see("Saved r3", retries=PATIENCE)
    assert (await draft(seeded)).document.nodes["wait_2"].settings == {"for": "4d"}
    visit.user.find(FlowCanvas).trigger("command", {**paste, "text": "[]", "batch": uuid4().hex})
    await visit.user.should_see("There is no step to paste", retries=PATIENCE)


async def test_who_may_only_read_sees_and_changes_nothing(visit: Visit, seeded: Store) -> None:
    await visit.sign_in("vera@cadenza.test")
    await visit.user.open("/flows/win_back/edit")
    await visit.user.should_see(FlowCanvas)
    await visit.user.should_not_see(marker="undo")
    await visit.user.should_not_see(marker="publish")
    await visit.user.open("/new-flow")
    await visit.user.should_see("You may not see this")
