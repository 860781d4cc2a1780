"""What one role may do, to read."""

from __future__ import annotations

from designer.access.words import (
    GROUP_NAMES,
    SCOPE_NAMES,
    field_name,
    kind_name,
    verb_name,
)
from designer.i18n import Translator
from designer.visitor import Visitor
from designer.widgets import block, card, chip, icon, words
from engine.services.actor import Grants, Kind
from engine.services.roles.asked import GROUPS
from engine.services.roles.keeping import KnownRole
from engine.services.roles.spelling import takes_scope


def role_sheet(role: KnownRole, visitor: Visitor) -> None:
    t, grants = visitor.t, role.grants
    _hidden(grants, t)
    for group, kinds in GROUPS.items():
        shown = [kind for kind in kinds if any(one[1] == kind for one in grants.allow)]
        if not shown:
            continue
        with card(t(GROUP_NAMES[group])), block("acc-sheet", tag="dl"):
            for kind in shown:
                words(kind_name(kind, t), "acc-kind", tag="dt")
                with block("cz-row", tag="dd"):
                    _verbs(grants, kind, kinds[kind], t)
    nothing = [
        kind_name(kind, t)
        for kinds in GROUPS.values()
        for kind in kinds
        if not any(one[1] == kind for one in grants.allow)
    ]
    if nothing:
        with card(t("Not at all")):
            words(", ".join(nothing), "cz-soft cz-pad", tag="p")


def _hidden(grants: Grants, t: Translator) -> None:
    if not grants.hidden:
        return
    with card(t("Fields that are not shown")), block("cz-row cz-pad"):
        icon("visibility_off", "18px")
        for field in sorted(grants.hidden):
            chip(field_name(field, t))


def _verbs(grants: Grants, kind: Kind, verbs: tuple[str, ...], t: Translator) -> None:
    for verb in verbs:
        scope = grants.scope(verb, kind)  # type: ignore[arg-type]  # verbs of the table
        if scope is None:
            continue
        said = verb_name(verb, t)
        if takes_scope(verb, kind):
            said = t("{name}: {value}", name=said, value=t(SCOPE_NAMES[scope]))
        chip(said, "plain" if scope == "all" else "accent")
