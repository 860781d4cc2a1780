"""Contacts that may be one person, and making two of them one."""

from __future__ import annotations

from typing import Any

from nicegui import ui
from starlette.requests import Request

from designer.asking import plain_button
from designer.components.data_table import Cell, Column, DataTable, Row
from designer.components.filter_tabs import address, filter_tabs
from designer.contact_picker import pick_contact
from designer.importing.merging import MergePair
from designer.page import page
from designer.runtime import Designer
from designer.shell import frame
from designer.visitor import Visitor, current
from designer.widgets import block, button_link, card, empty_state, words
from engine.errors import Conflict, NotFound
from engine.services.actor import allowed
from engine.services.views.doubles import Alike, Doubles, doubles_page
from engine.services.views.grids import GridLine, hidden_in, lines_of


def register(designer: Designer) -> None:
    @page("/merge")
    async def merge(request: Request) -> None:
        visitor, t = current(), current().t
        allowed(visitor.somebody, "edit", "contact")
        allowed(visitor.somebody, "delete", "contact")
        query = request.query_params
        keep, lose = _number(query.get("keep")), _number(query.get("lose"))
        trail = [("/contacts", t("Contacts"))]
        with (
            frame("/contacts", t("Merge doubles"), trail=trail, styles=("records.css",)),
            block("cz-stack cz-narrow"),
        ):
            if keep is None:
                await _candidates(designer, visitor, dict(query))
                return
            async with designer.transaction() as session:
                lines = await lines_of(
                    session,
                    "contact",
                    [keep, *([lose] if lose else [])],
                    hidden_in(visitor.somebody, "contact"),
                )
            await _pair(designer, visitor, keep, lose, {one.id: one for one in lines})


async def _pair(
    designer: Designer, visitor: Visitor, keep: int, lose: int | None, lines: dict[int, GridLine]
) -> None:
    t = visitor.t
    if keep not in lines or (lose is not None and lose not in lines):
        raise NotFound("One of the two contacts is not there any more.")
    if keep == lose:
        raise Conflict("A contact cannot be merged with itself. Choose another one.")
    if lose is None:
        await _ask_other(designer, visitor, lines[keep])
        return
    words(t("Two contacts that are one person become one."), "cz-soft", tag="p")
    await MergePair(designer, visitor, lines[keep], lines[lose]).look()


async def _ask_other(designer: Designer, visitor: Visitor, keep: GridLine) -> None:
    t = visitor.t

    async def choose() -> None:
        title = t("Who is the same as {name}?", name=keep.name)
        found = await pick_contact(designer, visitor, title)
        if found is not None:
            ui.navigate.to(f"/merge?keep={keep.id}&lose={found}")

    with block("cz-card is-padded cz-stack"):
        words(t("Who is the same as {name}?", name=keep.name), "cz-h2", tag="h2")
        words(t("Choose the contact that becomes part of this one."), "cz-soft", tag="p")
        with block("cz-row"):
            plain_button(t("Choose a contact"), choose, main=True, symbol="person_search").mark(
                "merge-another"
            )


async def _candidates(designer: Designer, visitor: Visitor, query: dict[str, str]) -> None:
    t = visitor.t
    by: Alike = "phone" if query.get("by") == "phone" else "name"
    async with designer.transaction() as session:
        found = await doubles_page(
            session, visitor.somebody, by, query.get("after", "")[:300] or None
        )
    filter_tabs(
        t("Alike in"),
        "/merge",
        {"by": None if by == "name" else by},
        "by",
        [(None, t("Same name")), ("phone", t("Same phone number"))],
    )
    if not found.groups:
        with block("cz-card"):
            empty_state(
                "how_to_reg",
                t("No doubles are found"),
                t(
                    "Nobody shares a name or a telephone number with somebody else here. Any two "
                    "contacts can be merged from the page of one of them."
                ),
                link=("/contacts", t("See contacts")),
            )
        return
    for group in found.groups:
        _group(group, visitor)
    _older(found, by, t)


def _older(found: Doubles, by: Alike, t: Any) -> None:
    if found.last is not None:
        more = address("/merge", {"by": None if by == "name" else by, "after": found.last})
        with block("cz-row"):
            button_link(more, t("More"))


def _group(group: tuple[GridLine, ...], visitor: Visitor) -> None:
    t, formats = visitor.t, visitor.formats
    first = group[0]
    rows = [
        Row(
            (
                Cell(one.name, f"/contacts/{one.id}", sub=one.values["email"] or ""),
                Cell(one.values["phone"] or ""),
                Cell(one.values["account"] or ""),
                Cell(one.values["city"] or one.values["country"] or ""),
                Cell(formats.date_of(one.values["created_at"])),
                Cell(t("the oldest"))
                if one is first
                else Cell(t("Compare"), f"/merge?keep={first.id}&lose={one.id}"),
            )
        )
        for one in group
    ]
    columns = [
        Column(t("Name")),
        Column(t("Phone")),
        Column(t("Account")),
        Column(t("City")),
        Column(t("Created")),
        Column(""),
    ]
    with card():
        DataTable(first.name, columns, rows)


def _number(given: str | None) -> int | None:
    if given is None:
        return None
    if not given.isdecimal() or len(given) > 18:
        raise NotFound("One of the two contacts is not there any more.")
    return int(given)
