"""Fields that pipelines have and ladders have not: people, demanded fields, rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from designer.ladders.desk import Desk
from designer.ladders.sheet import Path
from designer.rule_builder import RuleField
from designer.sales.pipeline_document import several
from designer.sales.pipeline_words import person_words
from designer.widgets import words
from engine.pipelines.fields import field_words, needable


def many(
    desk: Desk, path: Path, label: str, options: Mapping[str, str], *, free: bool = False
) -> None:
    """Several of these; `free` ones may be typed as well. One alone is written without a list."""
    given = several(desk.get(path))
    known = {**options, **{one: one for one in given if one not in options}}
    box = ui.select(
        known,
        label=label,
        value=given,
        multiple=True,
        with_input=True,
        new_value_mode="add-unique" if free else None,
    )
    box.props("outlined dense use-chips options-dense").classes("cz-field full-width sl-many")

    def changed() -> None:
        chosen = [str(one) for one in box.value or ()]
        desk.put(path, (chosen[0] if len(chosen) == 1 else chosen) or None)

    box.on_value_change(changed)
    if not desk.may_edit:
        box.disable()
    desk.place(path, words("", "cz-bad cz-small lad-wrong"))


def people(desk: Desk, path: Path, label: str, *, one: bool = False) -> None:
    """The owner, their manager, roles, teams, and people by their address."""
    t = desk.visitor.t
    options = {key: person_words(key, t) for key in ("owner", "manager")}
    options |= {f"role:{key}": name for key, name in desk.roles().items()}
    options |= {f"team:{key}": person_words(f"team:{key}", t) for key in desk.teams()}
    options |= desk.emails()
    if not one:
        many(desk, path, label, options)
        return
    given = desk.get(path) or "owner"
    known = options if given in options else {**options, given: str(given)}
    box = ui.select(known, label=label, value=given, with_input=True)
    box.props("outlined dense").classes("cz-field full-width")
    box.on_value_change(lambda: desk.put(path, box.value))
    if not desk.may_edit:
        box.disable()
    desk.place(path, words("", "cz-bad cz-small lad-wrong"))


def needs(desk: Desk, path: Path, label: str) -> None:
    catalogue, t = desk.world.catalogue, desk.visitor.t
    options = {}
    for name in needable(catalogue):
        said = field_words(name, catalogue)
        text = said.zh if t.short == "zh" else said.en
        options[name] = text if "." not in name else f"{text} ({name})"
    many(desk, path, label, options)


def rule(desk: Desk, path: Path, label: str) -> None:
    def changed(document: Any) -> None:
        desk.put(path, document)

    RuleField(
        desk.designer,
        desk.visitor,
        desk.world.catalogue,
        desk.get(path),
        subject="deal",
        on_change=changed,
        label=label,
        may_edit=desk.may_edit,
    )
    desk.place(path, words("", "cz-bad cz-small lad-wrong"))
