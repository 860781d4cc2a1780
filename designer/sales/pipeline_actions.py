"""What a pipeline has done by itself: lists of actions, and alerts with theirs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from nicegui import ui

from designer.case_words import URGENCIES
from designer.ladders import fields
from designer.ladders.desk import Desk
from designer.ladders.rungs import sign_button, small_button
from designer.ladders.sheet import Path, inserted, moved, with_value, without
from designer.sales import pipeline_document as changes
from designer.sales.pipeline_fields import people
from designer.sales.pipeline_words import ACTIONS
from designer.sales.words import CATEGORIES
from designer.widgets import block, words
from engine.definitions import DefinitionKind

_MOST_ALERTS: Final = 10
_MOST_ACTIONS: Final = 20
_WRITABLE: Final = ("name", "expected_close_on", "forecast_category", "lost_reason")


def alerts_form(desk: Desk, stage: Path) -> None:
    """Each after so much working time, in the order in which they come."""
    t, path = desk.visitor.t, (*stage, "sla")
    alerts = [one for one in desk.get(path) or () if isinstance(one, Mapping)]
    for index in range(len(alerts)):
        with block("lad-approver").mark(f"alert-{index}"):
            with block("cz-row lad-nowrap"):
                with block("cz-grow"):
                    label = t("Alert {number}: after so much working time", number=index + 1)
                    fields.span(desk, (*path, index, "after"), label)
                if desk.may_edit:
                    gone = partial(_take_out, desk, path, index)
                    sign_button(t("Remove this alert"), "delete", gone).mark("remove-alert")
            actions_form(desk, (*path, index, "then"), t("Then"))
    if desk.may_edit and len(alerts) < _MOST_ALERTS:
        add = partial(_add_alert, desk, path, len(alerts))
        small_button(t("Add an alert"), "add_alert", add).mark("add-alert")


def _add_alert(desk: Desk, path: Path, at: int) -> None:
    after = f"{at * 2 + 1}d"
    new = {"after": after, "then": [changes.ACTIONS["notify"]]}
    desk.turn(inserted(desk.sheet.document, path, at, new))


def _take_out(desk: Desk, path: Path, index: int) -> None:
    document = without(desk.sheet.document, path, index)
    left = [*_listed(document, path)]
    desk.turn(with_value(document, path, left or None))


def _listed(document: Any, path: Path) -> list[Any]:
    for key in path:
        if isinstance(document, Mapping):
            document = document.get(key)
        else:
            document = document[key] if isinstance(key, int) else None
    return list(document or ())


def actions_form(desk: Desk, path: Path, label: str, *, usual: str = "") -> None:
    """`usual` is what is done where nothing is said."""
    t = desk.visitor.t
    actions = [one for one in desk.get(path) or () if isinstance(one, Mapping)]
    with block("cz-row lad-nowrap"):
        words(label, "cz-small cz-grow")
        if desk.may_edit and len(actions) < _MOST_ACTIONS:
            with small_button(t("Add"), "add", lambda: None) as button:
                button.props["aria-label"] = f"{label}: {t('Add')}"
                button.mark(f"add-{path[-1]}")
                with ui.menu().props("auto-close"):
                    for key, name in ACTIONS.items():
                        ui.menu_item(t(name), on_click=partial(_add, desk, path, key))
    if not actions and usual:
        words(usual, "cz-soft cz-small", tag="p")
    for index, action in enumerate(actions):
        _action(desk, (*path, index), action, index, len(actions))
    desk.place(path, words("", "cz-bad cz-small lad-wrong"))


def _add(desk: Desk, path: Path, kind: str) -> None:
    count = len(_listed(desk.sheet.document, path))
    desk.turn(inserted(desk.sheet.document, path, count, changes.ACTIONS[kind]))


def _action(desk: Desk, path: Path, action: Mapping[str, Any], index: int, count: int) -> None:
    t, kind = desk.visitor.t, str(action.get("do", ""))
    with block("lad-approver sl-action").mark(f"action-{path[-2]}-{index}"):
        with block("cz-row lad-nowrap"):
            words(t(ACTIONS[kind]) if kind in ACTIONS else kind, "cz-strong cz-small cz-grow")
            if desk.may_edit:
                if index + 1 < count:
                    down = partial(_swap, desk, path[:-1], index)
                    sign_button(t("Move down"), "arrow_downward", down)
                gone = partial(_take_out, desk, path[:-1], index)
                sign_button(t("Remove this action"), "delete", gone)
        _FORMS.get(kind, _nothing)(desk, path)
        desk.place(path, words("", "cz-bad cz-small lad-wrong"))


def _swap(desk: Desk, path: Path, index: int) -> None:
    desk.turn(moved(desk.sheet.document, path, index, 1))


def _nothing(_desk: Desk, _path: Path) -> None:
    """A kind that this release does not know is kept as it is."""


def _worded(desk: Desk, path: Path) -> None:
    t = desk.visitor.t
    hint = t("May hold facts, such as {example}", example="{{ deal.name }}")
    fields.text(desk, (*path, "title"), t("Title"), longest=500, hint=hint)
    fields.text(desk, (*path, "title_zh"), t("Title in Chinese"), longest=500)
    with ui.expansion(t("More words")).props("dense").classes("full-width"):
        fields.text(desk, (*path, "body"), t("Text"), longest=4_000)
        fields.text(desk, (*path, "body_zh"), t("Text in Chinese"), longest=4_000)


def _urgency(desk: Desk, path: Path, usual: str) -> None:
    t = desk.visitor.t
    options = {key: t(name) for key, (name, _) in URGENCIES.items()}
    fields.choice(desk, (*path, "urgency"), t("Urgency"), options, usual=usual)


def _notify(desk: Desk, path: Path) -> None:
    people(desk, (*path, "to"), desk.visitor.t("To"))
    _urgency(desk, path, "normal")
    _worded(desk, path)


def _task(desk: Desk, path: Path) -> None:
    t = desk.visitor.t
    people(desk, (*path, "assign"), t("Whose task"), one=True)
    fields.span(desk, (*path, "due"), t("Due after so much working time"))
    _worded(desk, path)


def _escalate(desk: Desk, path: Path) -> None:
    t = desk.visitor.t
    fields.choice(desk, (*path, "policy"), t("Policy"), _names(desk, DefinitionKind.ESCALATION))
    _urgency(desk, path, "high")
    _worded(desk, path)


def _assign(desk: Desk, path: Path) -> None:
    label = desk.visitor.t("Assignment rules")
    fields.choice(desk, (*path, "rules"), label, _names(desk, DefinitionKind.ASSIGNMENT))


def _flow(desk: Desk, path: Path) -> None:
    known = {one: one for one in sorted(desk.world.flows or ())}
    fields.choice(desk, (*path, "flow"), desk.visitor.t("Flow"), known)


def _update(desk: Desk, path: Path) -> None:
    """One field a line; what is typed is written as text."""
    t, place = desk.visitor.t, (*path, "set")
    given = desk.get(place) or {}
    options = [*_WRITABLE, *(f"custom.{key}" for key in _custom(desk))]
    for name, value in given.items():
        with block("cz-row lad-nowrap"):
            words(name, "cz-small cz-clip sl-half")
            if name == "forecast_category":
                known = {key: t(said) for key, said in CATEGORIES.items()}
                with block("cz-grow"):
                    fields.choice(desk, (*place, name), name, known)
            else:
                box = ui.input(value="" if value is None else str(value))
                box.props("outlined dense maxlength=500 debounce=350").classes("cz-field cz-grow")
                box.props["aria-label"] = name
                box.on_value_change(partial(_written, desk, place, name, box))
                if not desk.may_edit:
                    box.disable()
            if desk.may_edit:
                gone = partial(_without_field, desk, place, name)
                sign_button(t("Remove {field}", field=name), "close", gone)
    free = [one for one in options if one not in given]
    if desk.may_edit and free:
        with small_button(t("Add a field"), "add", lambda: None), ui.menu().props("auto-close"):
            for name in free:
                start = "commit" if name == "forecast_category" else ""
                ui.menu_item(name, on_click=partial(_with_field, desk, place, name, start))


def _custom(desk: Desk) -> list[str]:
    found = desk.world.catalogue.records.get("deal", {})
    return [name.removeprefix("custom.") for name in found if name.startswith("custom.")]


def _written(desk: Desk, place: Path, name: str, box: ui.input) -> None:
    known = dict(desk.get(place) or {})
    desk.put(place, {**known, name: str(box.value or "") or None})


def _with_field(desk: Desk, place: Path, name: str, start: str) -> None:
    known = dict(desk.get(place) or {})
    desk.turn(with_value(desk.sheet.document, place, {**known, name: start or None}))


def _without_field(desk: Desk, place: Path, name: str) -> None:
    known = {key: one for key, one in (desk.get(place) or {}).items() if key != name}
    desk.turn(with_value(desk.sheet.document, place, known))


def _names(desk: Desk, kind: DefinitionKind) -> dict[str, str]:
    known = (desk.world.names or {}).get(kind, frozenset())
    return {one: one for one in sorted(known)}


_FORMS: Final = {
    "notify": _notify,
    "create_task": _task,
    "update_deal": _update,
    "start_flow": _flow,
    "escalate": _escalate,
    "assign": _assign,
}
