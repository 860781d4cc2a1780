"""Drafts that are drawn: kept at each change, shared, undone, and one with the text of files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from crm_store.models import Audit, Flow, Role, User
from crm_store.session import Store
from engine.errors import Conflict, NotAllowed, Refused
from engine.flows.editing import FlowDocument, History, OperationRefused, read_operations
from engine.runtime import templates_folder
from engine.services import flows
from engine.services.actor import Actor
from engine.services.flow_drafts import (
    Done,
    DraftConflict,
    OpenDraft,
    begin_flow,
    change,
    check_draft,
    copy_of,
    delete_unpublished,
    newest_revision,
    open_draft,
    redo,
    restore,
    undo,
)
from engine.services.flow_drafts.changing import written_by_hand
from engine.services.plans import Plans
from engine.services.templates import TemplateLibrary
from engine.steps import STEP_KINDS

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
VIEWER = Actor("user", 3, "Vic", "viewer")
TEXT = """# why we say hello
flow: hello
label: Hello
subject: contact
purpose: service
trigger: {on: manual}
entry: once
steps:
  greet: {do: send_message, template: welcome, next: rest}
  # a day to read it
  rest: {do: wait, for: P1D, next: end}
  end: {do: exit}
"""


@pytest.fixture
def library() -> TemplateLibrary:
    return TemplateLibrary(templates_folder() / "messages")


@pytest.fixture
async def people(store: Store) -> tuple[Actor, Actor]:
    """Ben and Cleo, who both draw."""
    async with store.transaction() as session:
        await session.execute(insert(Role).values(key="marketer", label="Marketer"))
        found = []
        for name in ("Ben", "Cleo"):
            user = User(
                name=name, name_key=name.lower(), email=f"{name}@cadenza.test", role="marketer"
            )
            session.add(user)
            await session.flush()
            found.append(Actor("user", user.id, name, "marketer"))
    return found[0], found[1]


class Drawing:
    """Somebody with a draft before their eyes."""

    def __init__(self, store: Store, actor: Actor, name: str = "hello") -> None:
        self.store, self.actor, self.name = store, actor, name
        self.now = NOW
        self.revision = 0

    async def look(self) -> OpenDraft:
        async with self.store.transaction() as session:
            found = await open_draft(session, self.actor, self.name)
        self.revision = found.revision
        return found

    async def do(
        self, *asked: dict[str, Any], source: str | None = None, batch: str | None = None
    ) -> Done:
        operations = read_operations(list(asked))

        def deed(document: FlowDocument) -> FlowDocument:
            return History(document).done(operations, STEP_KINDS).now

        async with self.store.transaction() as session:
            done = await change(
                session,
                self.actor,
                self.name,
                revision=self.revision,
                deed=deed,
                now=self.now,
                source=source,
                batch=batch,
            )
        self.revision = done.draft.revision
        return done

    async def write(self, source: str) -> Done:
        written = written_by_hand(source, self.name)
        return await self.do({"op": "set_written", "document": written}, source=source)

    async def go(self, way: Any) -> OpenDraft:
        async with self.store.transaction() as session:
            found: OpenDraft = await way(session, self.actor, self.name, now=self.now)
        self.revision = found.revision
        return found


@pytest.fixture
async def ben(store: Store, people: tuple[Actor, Actor], library: TemplateLibrary) -> Drawing:
    async with store.transaction() as session:
        await flows.save_draft(session, people[0], TEXT, library=library, file="hello.yaml")
    drawing = Drawing(store, people[0])
    await drawing.look()
    return drawing


@pytest.fixture
async def cleo(ben: Drawing, people: tuple[Actor, Actor]) -> Drawing:
    drawing = Drawing(ben.store, people[1])
    await drawing.look()
    return drawing


async def publish(drawing: Drawing, library: TemplateLibrary) -> int:
    async with drawing.store.transaction() as session:
        done = await flows.publish(
            session, drawing.actor, "hello", plans=Plans(), library=library, now=NOW
        )
    return done.number


def longer(days: int = 3, node: str = "rest") -> dict[str, Any]:
    return {"op": "set_settings", "id": node, "settings": {"for": f"{days}d"}}


async def test_a_file_is_opened_as_it_is_and_looking_stores_nothing(ben: Drawing) -> None:
    found = await ben.look()
    assert list(found.document.nodes) == ["greet", "rest", "end"]
    assert (found.source, found.revision, found.may_undo) == (TEXT, 1, False)
    assert (found.published, found.differs, found.changed_by) == (None, True, None)


async def test_every_change_is_the_draft_that_files_see(
    ben: Drawing, library: TemplateLibrary
) -> None:
    done = await ben.do(longer())
    assert (done.draft.revision, done.draft.may_undo, done.draft.changed_by) == (2, True, "Ben")
    assert "for: 3d" in done.draft.source
    assert await publish(ben, library) == 1
    assert (await ben.look()).differs is False


async def test_nothing_is_lost_by_a_restart(ben: Drawing, database_url: str) -> None:
    await ben.do(longer())
    await ben.do({"op": "move", "positions": {"rest": [10, 20]}})
    await ben.do({"op": "set_note", "id": "rest", "text": "why three?"})
    another = Store(database_url)
    again = Drawing(another, ben.actor)
    found = await again.look()
    assert found.document.nodes["rest"].settings == {"for": "3d"}
    assert found.document.positions == {"rest": (10, 20)}
    assert found.document.notes == {"rest": "why three?"}
    assert (list(found.document.nodes), found.document.first) == (["greet", "rest", "end"], "greet")
    for _ in range(3):
        found = await again.go(undo)
    assert (found.source, found.may_undo, found.may_redo) == (TEXT, False, True)
    await another.close()


async def test_a_drawing_that_comes_back_to_the_file_keeps_its_comments(ben: Drawing) -> None:
    changed = await ben.do(longer())
    assert "# why" not in changed.draft.source
    back = await ben.do({"op": "set_settings", "id": "rest", "settings": {"for": "P1D"}})
    assert back.draft.source == TEXT


async def test_undo_and_redo_are_one_line_for_all(ben: Drawing, cleo: Drawing) -> None:
    await ben.do(longer(3))
    await cleo.look()
    await cleo.do(longer(4))
    found = await ben.go(undo)
    assert found.document.nodes["rest"].settings == {"for": "3d"}
    found = await ben.go(redo)
    assert found.document.nodes["rest"].settings == {"for": "4d"}
    await ben.go(undo)
    after = await ben.do({"op": "remove_nodes", "ids": ["greet"]})
    assert after.draft.may_redo is False
    assert await ben.go(redo) == after.draft
    for _ in range(5):
        found = await ben.go(undo)
    assert found.source == TEXT


async def test_two_people_at_different_steps_both_keep_their_change(
    ben: Drawing, cleo: Drawing
) -> None:
    await ben.do(longer())
    done = await cleo.do({"op": "set_note", "id": "greet", "text": "a warm one"})
    assert done.others == ("Ben",)
    assert done.draft.document.nodes["rest"].settings == {"for": "3d"}
    assert done.draft.document.notes == {"greet": "a warm one"}


@pytest.mark.parametrize(
    "theirs",
    [longer(5), {"op": "rename", "id": "rest", "to": "pause"}],
    ids=["another value", "another name"],
)
async def test_the_same_step_changed_by_two_is_refused_to_the_second(
    ben: Drawing, cleo: Drawing, theirs: dict[str, Any]
) -> None:
    ben.now = NOW + timedelta(minutes=2)
    await ben.do(theirs)
    with pytest.raises(DraftConflict, match="Ben changed") as refused:
        await cleo.do(longer())
    assert (refused.value.by, refused.value.at) == ("Ben", ben.now)
    assert "rest" in refused.value.places
    assert (await cleo.look()).revision == 2


async def test_ones_own_earlier_change_is_no_conflict(ben: Drawing) -> None:
    seen = ben.revision
    await ben.do(longer(3))
    ben.revision = seen
    done = await ben.do(longer(4))
    assert done.draft.document.nodes["rest"].settings == {"for": "4d"}


async def test_a_batch_that_is_sent_again_is_done_once(ben: Drawing) -> None:
    note = {"op": "set_note", "id": "rest", "text": "why?"}
    await ben.do(note, batch="b1")
    await ben.do({**note, "text": "because"}, batch="b2")
    again = await ben.do(note, batch="b1")
    assert (again.draft.revision, again.draft.document.notes) == (3, {"rest": "because"})


async def test_moving_the_same_step_is_no_conflict(ben: Drawing, cleo: Drawing) -> None:
    await ben.do({"op": "move", "positions": {"rest": [1, 1]}})
    done = await cleo.do({"op": "move", "positions": {"rest": [2, 2]}})
    assert done.draft.document.positions == {"rest": (2, 2)}
    assert done.draft.source == TEXT


async def test_a_file_saved_meanwhile_wins_and_can_be_undone(
    ben: Drawing, library: TemplateLibrary
) -> None:
    await ben.do({"op": "set_note", "id": "rest", "text": "why?"})
    async with ben.store.transaction() as session:
        text = TEXT.replace("P1D", "P9D")
        await flows.save_draft(session, ben.actor, text, library=library, file="hello.yaml")
    with pytest.raises(DraftConflict, match="a file"):
        await ben.do(longer())
    found = await ben.look()
    assert found.document.nodes["rest"].settings == {"for": "P9D"}
    assert found.document.notes == {"rest": "why?"}
    await ben.do({"op": "remove_nodes", "ids": ["greet"]})
    await ben.go(undo)
    found = await ben.go(undo)
    assert found.document.nodes["rest"].settings == {"for": "P1D"}


async def test_what_cannot_be_done_changes_nothing(ben: Drawing) -> None:
    with pytest.raises(OperationRefused, match="no step"):
        await ben.do({"op": "remove_nodes", "ids": ["end"]}, longer(node="nobody"))
    with pytest.raises(OperationRefused, match="never changes"):
        await ben.do({"op": "set_head", "key": "flow", "value": "other"})
    with pytest.raises(OperationRefused, match="cannot be kept"):
        await ben.do({"op": "set_head", "key": "label", "value": "a\0b"})
    deep: Any = "x"
    for _ in range(200):
        deep = [deep]
    with pytest.raises(OperationRefused, match="cannot be kept"):
        await ben.do({"op": "set_settings", "id": "rest", "settings": {"for": deep}})
    assert (await ben.look()).revision == 1


async def test_text_and_drawing_are_one(ben: Drawing) -> None:
    text = TEXT.replace("next: rest", "next: end").replace("Hello", "Good morning")
    done = await ben.write(text)
    assert (done.draft.source, done.draft.label) == (text, "Good morning")
    assert set(done.draft.document.nodes["greet"].exits.values()) == {"end"}
    for wrong in ("flow: [", "- a\n", TEXT + "  more: 5\n", TEXT + "label: Twice\n"):
        with pytest.raises(OperationRefused):
            await ben.write(wrong)
    assert (await ben.look()).source == text


async def test_a_draft_goes_back_to_a_version(ben: Drawing, library: TemplateLibrary) -> None:
    with pytest.raises(Conflict, match="no published version"):
        await ben.go(restore)
    assert await publish(ben, library) == 1
    await ben.do(longer())
    assert await publish(ben, library) == 2
    await ben.do(longer(8))
    assert (await ben.go(restore)).document.nodes["rest"].settings == {"for": "3d"}
    async with ben.store.transaction() as session:
        found = await restore(session, ben.actor, "hello", 1, now=NOW)
    assert (found.source, found.differs) == (TEXT, True)
    assert (await ben.go(undo)).document.nodes["rest"].settings == {"for": "3d"}


async def test_new_flows_begin_empty_from_a_text_or_as_a_copy(
    ben: Drawing, library: TemplateLibrary
) -> None:
    ready = (templates_folder() / "flows" / "win_back.yaml").read_text("utf-8")
    async with ben.store.transaction() as session:
        await begin_flow(session, ben.actor, "spring", "Spring: 春")
        await begin_flow(session, ben.actor, "come_back", "Come back", source=ready)
        await copy_of(session, ben.actor, "come_back", "again", "Again")
        empty = await open_draft(session, ben.actor, "spring")
        from_ready = await open_draft(session, ben.actor, "come_back")
        copied = await open_draft(session, ben.actor, "again")
        found = await check_draft(session, ben.actor, from_ready, library)
        with pytest.raises(Conflict, match="already"):
            await begin_flow(session, ben.actor, "spring", "Spring")
        with pytest.raises(Refused) as refused:
            await begin_flow(session, ben.actor, "Spring!", " ")
    assert (empty.document.nodes, empty.label) == ({}, "Spring: 春")
    assert "# Change: say where these customers" in from_ready.source
    assert (from_ready.document.name, from_ready.label) == ("come_back", "Come back")
    assert copied.document.nodes == from_ready.document.nodes
    assert [problem for problem in found if problem.is_error] == []
    assert [problem.place for problem in refused.value.problems] == ["name", "label"]


async def test_problems_are_told_by_step_field_and_line(
    ben: Drawing, library: TemplateLibrary
) -> None:
    done = await ben.do(
        {"op": "set_settings", "id": "rest", "settings": {"for": "soon"}},
        {"op": "disconnect", "source": "greet", "exit": "sent"},
        {"op": "set_head", "key": "purpose"},
    )
    async with ben.store.transaction() as session:
        found = await check_draft(session, ben.actor, done.draft, library)
    places = {(problem.node, problem.path): problem for problem in found}
    bad = places["rest", "for"]
    assert (bad.code, bad.is_error) == ("bad_span", True)
    assert "soon" in done.draft.source.splitlines()[(bad.line or 0) - 1]
    assert (None, "purpose") in places or (None, "") in places
    assert any(problem.node == "greet" for problem in found)


async def test_only_who_may_edit_draws_and_only_drafts_are_deleted(
    ben: Drawing, library: TemplateLibrary
) -> None:
    viewer = Drawing(ben.store, VIEWER)
    assert (await viewer.look()).name == "hello"
    for deed in (viewer.do(longer()), viewer.go(undo), viewer.go(restore)):
        with pytest.raises(NotAllowed):
            await deed
    async with ben.store.transaction() as session:
        with pytest.raises(NotAllowed):
            await begin_flow(session, VIEWER, "mine", "Mine")
        with pytest.raises(NotAllowed):
            await delete_unpublished(session, VIEWER, "hello")
        await begin_flow(session, ben.actor, "spring", "Spring")
        await delete_unpublished(session, ben.actor, "spring")
        assert await session.scalar(select(func.count()).select_from(Flow)) == 1
    await publish(ben, library)
    async with ben.store.transaction() as session:
        with pytest.raises(Conflict, match="retired"):
            await delete_unpublished(session, ben.actor, "hello")


async def test_a_sitting_is_one_line_of_the_audit(ben: Drawing) -> None:
    for days in range(2, 6):
        await ben.do(longer(days))
    ben.now = NOW + timedelta(hours=1)
    await ben.do(longer(9))
    async with ben.store.transaction() as session:
        wanted = select(func.count()).where(Audit.verb == "save_draft")
        # the file, the first sitting and the second
        assert await session.scalar(wanted) == 3
        assert await newest_revision(session, ben.actor, "hello") == 6
