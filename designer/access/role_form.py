"""Making a role and changing one: every verb a box, and whose records where that matters."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from designer.access.words import (
    FIELD_NAMES,
    GROUP_NAMES,
    ROLES_AT,
    SCOPE_NAMES,
    kind_name,
    role_at,
    verb_name,
)
from designer.asking import plain_button
from designer.people.deeds import done
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import block, button_link, card, words
from engine.services.actor import Actor, Grants
from engine.services.roles.asked import GROUPS
from engine.services.roles.keeping import (
    LONGEST_DESCRIPTION,
    LONGEST_LABEL,
    KnownRole,
    change_role,
    make_role,
)
from engine.services.roles.spelling import document_of, takes_scope


class RoleForm:
    """`role` None: a new one, which begins with what `start` allows."""

    def __init__(
        self, designer: Designer, visitor: Visitor, start: Grants, role: KnownRole | None = None
    ) -> None:
        self._designer = designer
        self._visitor = visitor
        self._role = role
        self._start = start
        self._boxes: dict[tuple[str, str], Any] = {}
        self._hidden: dict[str, Any] = {}

    def build(self) -> None:
        t, role = self._visitor.t, self._role
        with card(t("What it is called")), block("cz-pad cz-stack"):
            self._label = ui.input(t("Name of the role"), value=role.label if role else "")
            self._label.props(f"outlined dense maxlength={LONGEST_LABEL}").mark("role-label")
            self._description = ui.input(
                t("What it is for"), value=role.description if role else ""
            )
            self._description.props(f"outlined dense maxlength={LONGEST_DESCRIPTION}")
            for field in (self._label, self._description):
                field.classes("cz-field full-width")
        self._fields()
        for group, kinds in GROUPS.items():
            with card(t(GROUP_NAMES[group])), block("acc-form"):
                for kind, verbs in kinds.items():
                    words(kind_name(kind, t), "acc-kind")
                    with block("cz-row acc-verbs"):
                        for verb in verbs:
                            self._box(verb, kind)
        problem = words("", "cz-bad").mark("problem-role")

        async def save() -> None:
            if await done(self._designer, self._visitor, self._save, problem):
                ui.navigate.to(role_at(self._key))

        with block("cz-row acc-save"):
            plain_button(t("Save the role"), save, main=True, symbol="check").mark("save-role")
            button_link(role_at(role.key) if role else ROLES_AT, t("Cancel"))

    def _fields(self) -> None:
        t = self._visitor.t
        with card(t("Fields that are not shown")), block("cz-pad cz-stack cz-tight"):
            text = t("On pages, in exports and in the API they say that they are hidden.")
            words(text, "cz-soft", tag="p")
            with block("cz-row"):
                for field, name in FIELD_NAMES.items():
                    box = ui.checkbox(t(name), value=field in self._start.hidden)
                    self._hidden[field] = box.mark(f"hide-{field}")

    def _box(self, verb: str, kind: str) -> None:
        t = self._visitor.t
        now = self._start.scope(verb, kind)  # type: ignore[arg-type]  # of the table
        name = verb_name(verb, t)
        if not takes_scope(verb, kind):
            box: Any = ui.checkbox(name, value=now is not None)
        else:
            choices = {"": t("nobody's"), **{key: t(said) for key, said in SCOPE_NAMES.items()}}
            box = ui.select(choices, label=name, value=now or "")
            box.props("outlined dense options-dense").classes("cz-field acc-scope")
        box.props["aria-label"] = f"{kind_name(kind, t)}: {name}"
        self._boxes[verb, kind] = box.mark(f"may-{verb}-{kind}")

    async def _save(self, session: Any, actor: Actor) -> None:
        allow = []
        for (verb, kind), box in self._boxes.items():
            scope = "all" if box.value is True else box.value
            if scope:
                allow.append(f"{verb}:{kind}:{scope}")
        # what this page does not show stays as it was
        kept = document_of(self._start)
        allow += [one for one in kept["allow"] if tuple(one.split(":")[:2]) not in self._boxes]
        hidden = [field for field, box in self._hidden.items() if box.value]
        hidden += [field for field in kept["hidden"] if field not in self._hidden]
        said: dict[str, Any] = {
            "label": str(self._label.value or ""),
            "description": str(self._description.value or ""),
            "allow": allow,
            "hidden": hidden,
        }
        role = self._role
        if role is None:
            self._key = await make_role(session, actor, **said)
        else:
            await change_role(session, actor, role.key, revision=role.revision, **said)
            self._key = role.key
