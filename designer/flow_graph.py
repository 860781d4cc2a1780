"""A flow as the canvas draws it, in the reader's language. Pure: a flow in, plain values out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from designer.i18n import Translator
from designer.rule_words import in_words
from designer.trigger_words import trigger_words
from engine.flows.model import Flow, Node
from engine.flows.problems import SettingsRefused
from engine.rules import Catalogue
from engine.steps import STEP_KINDS
from engine.steps.base import Step

# The place before the first step. Node ids of flows cannot start with a dollar sign.
TRIGGER: Final = "$trigger"
MOST_LABELS: Final = 2

_COLORS: Final[Mapping[str, str]] = {
    "send_message": "#2563eb",
    "wait": "#be185d",
    "wait_for": "#be185d",
    "wait_until": "#be185d",
    "branch": "#b45309",
    "split": "#b45309",
    "jump": "#b45309",
    "call_webhook": "#0369a1",
    "create_task": "#0f766e",
    "notify": "#0f766e",
    "request_approval": "#0f766e",
    "escalate": "#0f766e",
    "update_record": "#475569",
    "adjust_score": "#475569",
    "create_record": "#0f766e",
    "assign": "#0f766e",
    "move_stage": "#475569",
    "record_event": "#475569",
    "start_flow": "#b45309",
    "exit": "#15803d",
}
_OTHER_COLOR: Final = "#6d28d9"
_TRIGGER_COLOR: Final = "#7c3aed"


@dataclass(frozen=True, slots=True)
class GraphNode:
    """`outs` name the connections that leave it, in the order in which they are drawn."""

    id: str
    role: str
    caption: str
    title: str
    summary: str
    icon: str
    color: str
    outs: tuple[str, ...]

    def packed(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "role": self.role,
            "caption": self.caption,
            "title": self.title,
            "summary": self.summary,
            "icon": self.icon,
            "color": self.color,
            "outs": list(self.outs),
        }


@dataclass(frozen=True, slots=True)
class GraphEdge:
    """One line. Exits of a node that lead to the same place share it."""

    id: str
    source: str
    target: str
    out: str
    exits: tuple[str, ...]
    label: str

    def packed(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "source": self.source,
            "target": self.target,
            "out": self.out,
            "label": self.label,
        }


@dataclass(frozen=True, slots=True)
class Graph:
    """`id` tells one version's graph from another's, so that late numbers meet no new graph."""

    id: str
    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]

    @property
    def node_ids(self) -> frozenset[str]:
        return frozenset(node.id for node in self.nodes)

    def edge_from(self, node: str, exit_name: str) -> GraphEdge | None:
        for edge in self.edges:
            if edge.source == node and exit_name in edge.exits:
                return edge
        return None

    def packed(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "nodes": [node.packed() for node in self.nodes],
            "edges": [edge.packed() for edge in self.edges],
        }


def draw(flow: Flow, graph_id: str, t: Translator, catalogue: Catalogue) -> Graph:
    """The trigger, then every node in the order of the file."""
    nodes = [_trigger(flow, t, catalogue)]
    edges = [GraphEdge("$start", TRIGGER, flow.first, "start", (), "")]
    for node in flow.nodes.values():
        leaving = _edges(node, t)
        edges += leaving
        nodes.append(_node(node, tuple(edge.out for edge in leaving), t))
    return Graph(graph_id, tuple(nodes), tuple(edges))


def color_of(kind: str) -> str:
    return _COLORS.get(kind, _OTHER_COLOR)


def trigger_color() -> str:
    return _TRIGGER_COLOR


def title_of(node_id: str) -> str:
    """A node's id as people read it: "first_touch" is "First touch"."""
    plain = node_id.replace("_", " ").replace("-", " ").strip()
    return plain[:1].upper() + plain[1:]


def step_of(node: Node) -> Step | None:
    """The node's step; None when this version of Cadenza does not know its kind or settings."""
    kind = STEP_KINDS.get(node.kind)
    if kind is None:
        return None
    try:
        return kind.read(node.settings)
    except SettingsRefused:
        return None


def kind_label(node: Node, t: Translator) -> str:
    kind = STEP_KINDS.get(node.kind)
    return kind.label.in_language(t.short) if kind else node.kind


def exit_label(node: Node, exit_name: str, t: Translator) -> str:
    step = step_of(node)
    return step.exit_label(exit_name).in_language(t.short) if step else exit_name


def _trigger(flow: Flow, t: Translator, catalogue: Catalogue) -> GraphNode:
    what, how_often = trigger_words(flow, t)
    trigger = flow.trigger
    rule = in_words(trigger.own_rule, catalogue, t, event_rule=trigger.reads_event)
    return GraphNode(
        TRIGGER,
        "trigger",
        t("People enter when"),
        what,
        f"{rule} · {how_often}" if rule else how_often,
        trigger.icon,
        _TRIGGER_COLOR,
        ("start",),
    )


def _node(node: Node, outs: tuple[str, ...], t: Translator) -> GraphNode:
    step = step_of(node)
    kind = STEP_KINDS.get(node.kind)
    return GraphNode(
        node.id,
        "step",
        kind_label(node, t),
        title_of(node.id),
        step.summary().in_language(t.short) if step else "",
        kind.icon if kind else "help",
        _COLORS.get(node.kind, _OTHER_COLOR),
        outs,
    )


def _edges(node: Node, t: Translator) -> list[GraphEdge]:
    by_target: dict[str, list[str]] = {}
    step = step_of(node)
    names = step.exit_names() if step else tuple(node.exits)
    for exit_name in names:
        if exit_name in node.exits:
            by_target.setdefault(node.exits[exit_name], []).append(exit_name)
    alone = len(by_target) == 1
    return [
        GraphEdge(
            f"{node.id}:{exits[0]}",
            node.id,
            target,
            exits[0],
            tuple(exits),
            "" if alone else _label(node, exits, t),
        )
        for target, exits in by_target.items()
    ]


def _label(node: Node, exits: list[str], t: Translator) -> str:
    labels = [exit_label(node, name, t) for name in exits]
    if len(labels) <= MOST_LABELS:
        return " · ".join(labels)
    return f"{labels[0]} +{len(labels) - 1}"
