from __future__ import annotations

import pytest

from designer.flow_graph import TRIGGER, draw, title_of
from designer.i18n import translator
from engine.flows.model import from_definition
from engine.rules import Catalogue
from engine.steps import STEP_KINDS
from tests.designer.seed import WELCOME, WIN_BACK

STANDARD = Catalogue.standard()
EN, ZH = translator("en"), translator("zh-CN")


def test_every_node_and_exit_is_drawn() -> None:
    graph = draw(from_definition(WIN_BACK), "v1", EN, STANDARD)
    assert [node.id for node in graph.nodes] == [
        TRIGGER,
        *(node["id"] for node in WIN_BACK["nodes"]),
    ]
    for node in WIN_BACK["nodes"]:
        for exit_name, target in node["exits"].items():
            edge = graph.edge_from(node["id"], exit_name)
            assert edge is not None
            assert edge.target == target


def test_exits_to_one_place_share_a_line_and_need_no_words() -> None:
    graph = draw(from_definition(WELCOME), "v1", EN, STANDARD)
    (edge,) = [edge for edge in graph.edges if edge.source == "hello"]
    assert edge.exits == ("sent", "undeliverable", "withheld")
    assert edge.label == ""


def test_lines_leave_in_the_order_of_the_exits() -> None:
    graph = draw(from_definition(WIN_BACK), "v1", EN, STANDARD)
    labels = [edge.label for edge in graph.edges if edge.source == "first_touch"]
    assert labels == ["sent", "could not be delivered · not allowed to send"]


def test_the_drawing_speaks_the_readers_language() -> None:
    graph = draw(from_definition(WIN_BACK), "v1", ZH, STANDARD)
    wait = next(node for node in graph.nodes if node.id == "settle")
    assert wait.caption == STEP_KINDS["wait"].label.zh
    assert wait.summary == "3 天"


def test_a_kind_nobody_knows_is_still_drawn() -> None:
    nodes = [{**node, "do": "teleport"} for node in WELCOME["nodes"]]
    graph = draw(from_definition({**WELCOME, "nodes": nodes}), "v1", EN, STANDARD)
    hello = next(node for node in graph.nodes if node.id == "hello")
    assert (hello.caption, hello.icon) == ("teleport", "help")


@pytest.mark.parametrize("kind", sorted(STEP_KINDS))
def test_every_step_kind_has_words_in_both_languages(kind: str) -> None:
    step = STEP_KINDS[kind]
    assert step.label.en
    assert step.label.zh
    assert step.icon


def test_the_trigger_says_its_rule_in_words() -> None:
    trigger = draw(from_definition(WIN_BACK), "v1", EN, STANDARD).nodes[0]
    assert trigger.summary.startswith("lifecycle stage is")
    assert trigger.summary.endswith("Each person once")


def test_ids_become_titles() -> None:
    assert title_of("first_touch") == "First touch"
    assert title_of("再次联系") == "再次联系"
