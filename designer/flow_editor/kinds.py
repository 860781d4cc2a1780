"""Kinds of steps as the palette offers them, and what a new step begins with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from designer.flow_graph import color_of
from designer.i18n import N_, Translator
from engine.steps import STEP_KINDS

GROUPS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "messages": (N_("Messages"), ("send_message",)),
    "waiting": (N_("Waits"), ("wait", "wait_for", "wait_until")),
    "decisions": (N_("Decisions"), ("branch", "split", "jump")),
    "records": (
        N_("Records"),
        ("update_record", "adjust_score", "create_record", "move_stage", "record_event"),
    ),
    "people": (
        N_("Colleagues"),
        ("create_task", "notify", "assign", "request_approval", "escalate"),
    ),
    "connections": (N_("Connections"), ("call_webhook", "start_flow")),
    "end": (N_("Ending"), ("exit",)),
}
_OTHERS: Final = ("other", N_("Others"))

# What people would write most often, so that a new step works or says what it still needs.
STARTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "wait": {"for": "1d"},
    "wait_for": {"timeout": "5d"},
    "wait_until": {"at": "09:00"},
    "branch": {"cases": [{}]},
    "split": {"arms": [{"name": "a", "weight": 50}, {"name": "b", "weight": 50}]},
    "jump": {"at_most": 2},
    "request_approval": {"timeout": "3d"},
    "escalate": {"levels": [{"to": "owner"}]},
}


def palette(t: Translator) -> list[dict[str, str]]:
    """Every kind of step there is, group after group."""
    placed = {kind: (id_, name) for id_, (name, kinds) in GROUPS.items() for kind in kinds}
    order = [*placed, *(kind for kind in STEP_KINDS if kind not in placed)]
    return [_offered(kind, *placed.get(kind, _OTHERS), t) for kind in order if kind in STEP_KINDS]


def _offered(kind: str, group: str, group_label: str, t: Translator) -> dict[str, str]:
    step = STEP_KINDS[kind]
    return {
        "kind": kind,
        "label": step.label.in_language(t.short),
        "help": step.help.in_language(t.short),
        "group": group,
        "group_label": t(group_label),
        "icon": step.icon,
        "color": color_of(kind),
    }
