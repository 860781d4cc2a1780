"""A flow in other shapes than the drawing: its steps as a list, its versions, its file."""

from __future__ import annotations

from collections.abc import Sequence

from designer.components.data_table import Cell, Column, DataTable, Row
from designer.flow_graph import TRIGGER, Graph
from designer.visitor import Visitor
from designer.widgets import block, card, empty_state, notice, words
from engine.services.views.flow_problems import ProblemLine
from engine.services.views.flows import FlowCounts, FlowPage


def step_table(name: str, graph: Graph, counts: FlowCounts, visitor: Visitor) -> DataTable:
    """For a phone, and for those who cannot see a drawing. Bring it up to date with `step_rows`."""
    t = visitor.t
    columns = [
        Column(t("Step")),
        Column(t("Does"), wraps=True),
        Column(t("Here now"), "right"),
        Column(t("Held"), "right"),
        Column(t("Entered"), "right"),
        Column(t("Leads to"), wraps=True),
    ]
    with block("cz-card"):
        return DataTable(t("Steps"), columns, step_rows(name, graph, counts, visitor))


def step_rows(name: str, graph: Graph, counts: FlowCounts, visitor: Visitor) -> list[Row]:
    number = visitor.formats.number
    titles = {node.id: node.title for node in graph.nodes}
    rows = []
    for node in graph.nodes:
        if node.id == TRIGGER:
            continue
        n = counts.nodes.get(node.id)
        leads = [
            f"{edge.label} → {titles[edge.target]}" if edge.label else titles[edge.target]
            for edge in graph.edges
            if edge.source == node.id
        ]
        runs = f"/runs?flow={name}&node={node.id}"
        cells = (
            Cell(node.title, f"{runs}&state=active", sub=node.caption),
            Cell(node.summary),
            Cell(number(n.here if n else 0)),
            Cell(number(n.held if n else 0), f"{runs}&state=held" if n and n.held else None),
            Cell(number(n.entered if n else 0)),
            Cell("; ".join(leads)),
        )
        rows.append(Row(cells, f"{runs}&state=active"))
    return rows


def draft_file(flow: FlowPage, problems: Sequence[ProblemLine], visitor: Visitor) -> None:
    """The draft as it was written, below what is wrong with it."""
    t = visitor.t
    with block("cz-stack"):
        if flow.has_newer_draft:
            notice(t("This draft differs from what is published."), "warn", "edit_note")
        if problems:
            _problem_list(problems, visitor)
        with block("cz-card"):
            words(flow.draft_source, "cz-pre", tag="pre")


def _problem_list(problems: Sequence[ProblemLine], visitor: Visitor) -> None:
    t = visitor.t
    rows = [
        Row(
            (
                Cell(problem.message, sub=problem.place),
                Cell(t("Must be mended"), tone="bad")
                if problem.is_error
                else Cell(t("Advice"), tone="warn"),
            )
        )
        for problem in problems
    ]
    with card(t("Problems")):
        DataTable(t("Problems"), [Column(t("Problem"), wraps=True), Column(t("Kind"))], rows)


def never_published(flow: FlowPage, visitor: Visitor) -> None:
    t = visitor.t
    with block("cz-card"):
        empty_state(
            "drafts",
            t("Never published"),
            t("This flow is only a draft: nobody enters it. Publish it to let people in."),
            link=(f"/flows/{flow.name}?view=draft", t("Read the draft")),
        )
