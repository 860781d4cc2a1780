"""All message templates: what they are for, in which languages, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from designer.components.data_table import Cell, Column, DataTable, Row
from designer.page import page
from designer.runtime import Designer
from designer.shell import frame
from designer.template_editor.new_template import new_template_button
from designer.terms import PURPOSES, TEMPLATE_STATES, term, toned
from designer.visitor import Visitor, current
from designer.widgets import block, empty_state, words
from engine.errors import Problem
from engine.services.files.using import problems_of_templates
from engine.services.templates.drafts import TemplateSummary, list_templates


def register(designer: Designer) -> None:
    @page("/templates")
    async def templates() -> None:
        visitor = current()
        library = designer.runtime.templates
        async with designer.transaction() as session:
            await library.refresh(session)
            found = await list_templates(session, visitor.somebody, library)
            problems = await problems_of_templates(session, visitor.somebody, library)
        t = visitor.t
        with frame("/templates", t("Templates"), styles=("template_editor.css",)) as bar:
            with bar:
                ready = [(one.name, label_of(one, visitor)) for one in found]
                new_template_button(designer, visitor, ready)
            with block("cz-stack"), block("cz-card"):
                if not found:
                    empty_state(
                        "drafts",
                        t("No templates yet"),
                        t("A template is the words of a message, in every language it is sent in."),
                    )
                    return
                rows = _rows(designer, found, problems, visitor)
                DataTable(t("Templates"), _columns(visitor), rows)
            words(t("A published template covers the file of the same name."), "cz-soft cz-small")


def _columns(visitor: Visitor) -> list[Column]:
    t = visitor.t
    return [
        Column(t("Template"), wraps=True),
        Column(t("Purpose")),
        Column(t("Topic")),
        Column(t("Languages")),
        Column(t("Kept in")),
        Column(t("Version")),
        Column(t("Problems"), "right"),
    ]


def _rows(
    designer: Designer,
    found: Sequence[TemplateSummary],
    problems: Mapping[str, Sequence[Problem]],
    visitor: Visitor,
) -> list[Row]:
    return [_row(designer, one, problems.get(one.name, ()), visitor) for one in found]


def _row(
    designer: Designer, one: TemplateSummary, problems: Sequence[Problem], visitor: Visitor
) -> Row:
    t, library = visitor.t, designer.runtime.templates
    here = f"/templates/{one.name}"
    meta = one.meta
    sent = one.name in library.names()
    languages = ", ".join(library.languages(one.name)) if sent else ""
    return Row(
        (
            Cell(label_of(one, visitor), here, sub=one.name),
            Cell(term(PURPOSES, meta.purpose, t) if meta else ""),
            Cell((meta.topic or "") if meta else ""),
            Cell(languages),
            Cell(t("Files") if one.origin == "file" else t("Database")),
            version_cell(one, visitor),
            Cell(str(len(problems)), here, tone="bad") if problems else Cell(""),
        ),
        here,
    )


def label_of(one: TemplateSummary, visitor: Visitor) -> str:
    """In the reader's language; the name of a template whose meta cannot be read."""
    if one.meta is None:
        return one.name
    return one.meta.label.zh if visitor.t.short == "zh" else one.meta.label.en


def version_cell(one: TemplateSummary, visitor: Visitor) -> Cell:
    if one.state == "published" and one.version is not None:
        return Cell(one.version)
    state, tone = toned(TEMPLATE_STATES, one.state, visitor.t)
    return Cell(state, tone=tone)
