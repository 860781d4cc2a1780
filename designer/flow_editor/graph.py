"""A draft as the canvas draws it: every way out of every step, also those that lead nowhere yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from designer.flow_graph import TRIGGER, color_of, kind_label, step_of, title_of, trigger_color
from designer.i18n import Translator
from designer.rule_words import in_words
from designer.trigger_words import policy_words
from engine.flows.editing import DraftNode, FlowDocument, exits_of
from engine.flows.model import Entry, EntryPolicy, Node
from engine.flows.problems import SettingsRefused
from engine.flows.triggers import TRIGGER_KINDS
from engine.rules import Catalogue
from engine.steps import STEP_KINDS
from engine.steps.base import Step

Packed = dict[str, Any]


@dataclass(frozen=True, slots=True)
class EditGraph:
    """What `FlowCanvas` takes when it is editable."""

    id: str
    nodes: tuple[Packed, ...]
    edges: tuple[Packed, ...]

    @property
    def node_ids(self) -> frozenset[str]:
        return frozenset(node["id"] for node in self.nodes)

    def packed(self) -> Packed:
        return {"id": self.id, "nodes": list(self.nodes), "edges": list(self.edges)}


def draw_draft(document: FlowDocument, t: Translator, catalogue: Catalogue) -> EditGraph:
    """The trigger, then every step in the order of the file."""
    nodes = [_trigger(document, t, catalogue)]
    nodes += [_node(name, document, t) for name in document.nodes]
    edges = [
        {
            "id": f"{node['id']}:{way['id']}",
            "source": node["id"],
            "target": way["to"],
            "out": way["id"],
            "label": way["label"],
        }
        for node in nodes
        for way in node["exits"]
        if way["to"] is not None
    ]
    return EditGraph(f"draft:{document.name}", tuple(nodes), tuple(edges))


def exit_words(node: DraftNode, exit_name: str, step: Step | None, t: Translator) -> str:
    """What a way out is called; of settings that are still wrong as far as they tell."""
    if step is not None:
        return step.exit_label(exit_name).in_language(t.short)
    kind = STEP_KINDS.get(node.kind)
    known = kind.exit_labels.get(exit_name) if kind else None
    if known is not None:
        return known.in_language(t.short)
    number = exit_name.removeprefix("case_")
    if number != exit_name and number.isdecimal():
        return _case_label(node, int(number)) or t("Case {number}", number=number)
    return exit_name


def _case_label(node: DraftNode, number: int) -> str:
    cases = node.settings.get("cases")
    if not isinstance(cases, list | tuple) or not 0 < number <= len(cases):
        return ""
    case = cases[number - 1]
    label = case.get("label") if isinstance(case, Mapping) else None
    return label if isinstance(label, str) else ""


def ways_out(name: str, node: DraftNode, t: Translator) -> list[Packed]:
    step = step_of(Node(name, node.kind, node.settings, node.exits))
    names = dict.fromkeys([*exits_of(node, STEP_KINDS), *node.exits])
    alone = len(names) == 1
    return [
        {
            "id": way,
            "label": "" if alone else exit_words(node, way, step, t),
            "to": node.exits.get(way),
        }
        for way in names
    ]


def _node(name: str, document: FlowDocument, t: Translator) -> Packed:
    node = document.nodes[name]
    plain = Node(name, node.kind, node.settings, node.exits)
    step, kind = step_of(plain), STEP_KINDS.get(node.kind)
    ways = [
        {**way, "to": way["to"] if way["to"] in document.nodes else None}
        for way in ways_out(name, node, t)
    ]
    place = document.positions.get(name)
    return {
        "id": name,
        "role": "step",
        "kind": node.kind,
        "caption": kind_label(plain, t),
        "title": title_of(name),
        "summary": step.summary().in_language(t.short) if step else t("Not filled in yet"),
        "icon": kind.icon if kind else "help",
        "color": color_of(node.kind),
        "outs": [way["id"] for way in ways],
        "exits": ways,
        "position": None if place is None else list(place),
        "note": document.notes.get(name, ""),
        "deletable": True,
    }


def _trigger(document: FlowDocument, t: Translator, catalogue: Catalogue) -> Packed:
    written = document.head.get("trigger")
    on = written.get("on") if isinstance(written, Mapping) else None
    kind = TRIGGER_KINDS.get(on) if isinstance(on, str) else None
    title, rule = t("Choose what lets people in"), ""
    if kind is not None and isinstance(written, Mapping):
        title = kind.label.in_language(t.short)
        try:
            trigger = kind.read({key: value for key, value in written.items() if key != "on"})
            title = trigger.summary().in_language(t.short)
            rule = in_words(trigger.own_rule, catalogue, t, event_rule=trigger.reads_event)
        except SettingsRefused:
            rule = t("Not filled in yet")
    how_often = policy_words(entry_of(document.head.get("entry")), t)
    return {
        "id": TRIGGER,
        "role": "trigger",
        "kind": on if isinstance(on, str) else "",
        "caption": t("People enter when"),
        "title": title,
        "summary": f"{rule} · {how_often}" if rule else how_often,
        "icon": kind.icon if kind else "help",
        "color": trigger_color(),
        "outs": ["start"],
        "exits": [{"id": "start", "label": "", "to": document.first}],
        "position": None,
        "note": "",
        "deletable": False,
    }


def entry_of(written: Any) -> Entry:
    """As far as it can be read; once is the usual."""
    match written:
        case str() if written in tuple(EntryPolicy):
            return Entry(EntryPolicy(written))
        case {"once_per": str(by)}:
            return Entry(EntryPolicy.ONCE_PER, by)
        case {"every": str(span)}:
            return Entry(EntryPolicy.EVERY, span)
        case {"always": _}:
            return Entry(EntryPolicy.ALWAYS)
        case _:
            return Entry()
