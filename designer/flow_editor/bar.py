"""The bar above the canvas: what is kept, undo, versions, pausing, publishing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from nicegui import ui

from designer.asking import asking_button, plain_button
from designer.flow_actions import FlowActions
from designer.terms import FLOW_STATES, toned
from designer.widgets import Words, anchor, block, icon, words
from engine.services.actor import may
from engine.services.flow_drafts import delete_unpublished

if TYPE_CHECKING:
    from designer.flow_editor.room import EditorRoom


class Bar:
    def __init__(self, room: EditorRoom) -> None:
        self._room, self._t = room, room.t
        t, drawing = room.t, room.drawing
        somebody = room.visitor.somebody
        self._others = words("", "fe-others")
        self._saved: Words = words("", "cz-soft cz-small fe-saved").mark("saved")
        self._saved.props["role"] = "status"
        self._state = words("", "cz-chip")
        if room.may_edit:
            self._undo = _symbol("undo", t("Undo (Ctrl Z)"), room.undo)
            self._redo = _symbol("redo", t("Do again (Ctrl Shift Z)"), room.redo)
        self._menu()
        if may(somebody, "pause", "flow"):
            self._pausing()
        if may(somebody, "publish", "flow"):
            self._publish: ui.element | None = plain_button(
                t("Publish"), room.publish_dialog.open, main=True, symbol="rocket_launch"
            ).mark("publish")
        else:
            self._publish = None
        self._name = drawing.name
        self.show()

    def show(self) -> None:
        draft, t = self._room.drawing.draft, self._t
        self.say_saved()
        text, tone = toned(FLOW_STATES, draft.state, t)
        if draft.published is not None and draft.differs:
            text = t("{state} · draft differs", state=text)
        elif draft.published is not None:
            text = f"{text} · v{draft.published}"
        self._state.set_text(text)
        self._state.classes(replace=f"cz-chip is-{tone}")
        if self._room.may_edit:
            _enable(self._undo, draft.may_undo)
            _enable(self._redo, draft.may_redo)
        if self._publish is not None:
            errors = any(one.is_error for one in self._room.drawing.problems)
            self._publish.props["title"] = (
                t("There are problems to mend first.")
                if errors
                else t("Nothing differs from what is published.")
                if not draft.differs
                else ""
            )
            self._publish.classes(
                add="is-muted" if errors or not draft.differs else None,
                remove=None if errors or not draft.differs else "is-muted",
            )

    def say_saved(self, *, loudly: bool = False) -> None:
        draft, t = self._room.drawing.draft, self._t
        text = t("Saved r{number}", number=draft.revision)
        self._saved.set_text(text)
        if draft.changed_at is not None:
            when = self._room.visitor.formats.moment(draft.changed_at)
            who = draft.changed_by or t("Somebody who saved a file")
            self._saved.props["title"] = t("Last changed by {who}, {time}", who=who, time=when)
        if loudly:
            ui.notify(t("Every change is kept at once; there is nothing left to save."))

    def show_others(self, people: Sequence[str]) -> None:
        text = self._t("{who} is here too", who=", ".join(people)) if people else ""
        self._others.set_text(text)

    def _menu(self) -> None:
        room, t = self._room, self._t
        name = room.drawing.name
        with block("fe-icon", tag="button") as button:
            button.props["type"] = "button"
            button.props["aria-label"] = t("More")
            button.mark("more")
            icon("more_vert", "20px")
            with ui.menu().classes("fe-menu"):
                for address, symbol, text in (
                    (f"/flows/{name}", "monitoring", t("Watch it live")),
                    (f"/flows/{name}/try", "science", t("Try it")),
                    (f"/flows/{name}?view=versions", "history", t("Versions and differences")),
                    (f"/new-flow?copy={name}", "content_copy", t("Copy to a new flow")),
                ):
                    with anchor(address, classes="fe-menu__item"):
                        icon(symbol, "18px")
                        words(text)
                if room.may_edit:
                    _item("keyboard", t("Keys"), room.canvas_help)
                    self._ending()

    def _ending(self) -> None:
        """Throwing the draft away: back to what is published, or the whole flow."""
        room, t = self._room, self._t
        draft = room.drawing.draft
        if draft.published is not None:
            with block("fe-menu__deed"):
                asking_button(
                    t,
                    "settings_backup_restore",
                    t("Throw this draft away"),
                    t("Go back to version {number}?", number=draft.published),
                    t("The draft says again what is published. Undo brings your changes back."),
                    room.restore,
                )
        elif may(room.visitor.somebody, "delete", "flow"):
            steps = len(room.drawing.document.nodes)
            with block("fe-menu__deed"):
                asking_button(
                    t,
                    "delete",
                    t("Delete this flow"),
                    t("Delete this flow?"),
                    t.n(
                        "It was never published and has {count} step. This cannot be undone.",
                        "It was never published and has {count} steps. This cannot be undone.",
                        steps,
                    ),
                    self._delete,
                )

    async def _delete(self) -> None:
        room = self._room
        designer = room.drawing.designer
        actor = await designer.actor(room.visitor.token)
        async with designer.transaction() as session:
            await delete_unpublished(session, actor, room.drawing.name)
        designer.pulses.clear()
        ui.navigate.to("/flows")

    def _pausing(self) -> None:
        room = self._room
        deeds = FlowActions(room.drawing.designer, room.visitor, room.drawing.name)
        if room.drawing.draft.state == "active":
            deeds.pause_button(room.inside)
        elif room.drawing.draft.state == "paused":
            deeds.resume_button()


def _symbol(symbol: str, name: str, click: Callable[[], Any]) -> ui.element:
    with block("fe-icon", tag="button") as button:
        button.props["type"] = "button"
        button.props["aria-label"] = name
        button.props["title"] = name
        icon(symbol, "20px")
    button.mark(symbol)
    return button.on("click", lambda: click(), args=[])


def _item(symbol: str, name: str, click: Callable[[], Any]) -> None:
    with block("fe-menu__item", tag="button") as item:
        item.props["type"] = "button"
        icon(symbol, "18px")
        words(name)
    item.on("click", lambda: click(), args=[])


def _enable(button: ui.element, on: bool) -> None:
    if on:
        button.props.pop("disabled", None)
    else:
        button.props["disabled"] = True
    button.update()
