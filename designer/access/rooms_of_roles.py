"""All roles, and one of them."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from designer.access.role_form import RoleForm
from designer.access.role_sheet import role_sheet
from designer.access.words import PURPOSES, ROLES_AT, role_at, role_name
from designer.asking import asking_button
from designer.components.data_table import Cell, Column, DataTable, Row
from designer.runtime import Designer
from designer.shell import frame
from designer.visitor import Visitor
from designer.widgets import block, button_link, notice, words
from engine.services.actor import Grants, may
from engine.services.roles.keeping import KnownRole, list_roles, remove_role, show_role

STYLES = ("people.css", "access.css")


async def all_roles(designer: Designer, visitor: Visitor) -> None:
    t = visitor.t
    async with designer.transaction() as session:
        found = await list_roles(session, visitor.somebody)
    with frame(ROLES_AT, t("Roles"), styles=STYLES), block("cz-stack"):
        text = t("A role says what somebody may do, to whose records, and what they are not shown.")
        words(text, "cz-soft", tag="p")
        if may(visitor.somebody, "manage", "user"):
            with block("cz-row"):
                button_link(f"{ROLES_AT}/new", t("Make a role"), "add", main=True)
        columns = [
            Column(t("Role")),
            Column(t("What it is for"), wraps=True),
            Column(t("People"), "right"),
            Column(t("Whose")),
        ]
        with block("cz-card"):
            DataTable(t("Roles"), columns, [_row(one, visitor) for one in found])


def _row(role: KnownRole, visitor: Visitor) -> Row:
    t, here = visitor.t, role_at(role.key)
    purpose = t(PURPOSES[role.key]) if role.key in PURPOSES else role.description
    narrow = t("some only") if role.grants.narrow else t("all records")
    return Row(
        (
            Cell(
                role_name(role.key, role.label, t),
                here,
                sub=t("comes with Cadenza") if role.shipped else t("made here"),
            ),
            Cell(purpose),
            Cell(visitor.formats.number(role.people)),
            Cell(narrow, tone="accent" if role.grants.narrow else "plain"),
        ),
        here,
    )


async def one_role(designer: Designer, visitor: Visitor, key: str) -> None:
    t = visitor.t
    async with designer.transaction() as session:
        role = await show_role(session, visitor.somebody, key)
    name = role_name(role.key, role.label, t)
    trail = [(ROLES_AT, t("Roles"))]
    with frame(ROLES_AT, name, trail=trail, styles=STYLES), block("cz-stack"):
        purpose = t(PURPOSES[role.key]) if role.key in PURPOSES else role.description
        if purpose:
            words(purpose, "cz-soft", tag="p")
        words(
            t.n("{count} person has it.", "{count} people have it.", role.people),
            "cz-soft cz-small",
            tag="p",
        )
        if may(visitor.somebody, "manage", "user"):
            with block("cz-row"):
                copy = f"{ROLES_AT}/new?from={role_at(role.key).rpartition('/')[2]}"
                button_link(copy, t("Copy it"), "content_copy", main=role.shipped)
                if not role.shipped:
                    button_link(f"{role_at(role.key)}?change=yes", t("Change"), "edit", main=True)
                    _remove(designer, visitor, role)
        if role.shipped:
            notice(t("It comes with Cadenza and stays as it is. Copy it, and change that."))
        role_sheet(role, visitor)


def _remove(designer: Designer, visitor: Visitor, role: KnownRole) -> None:
    t = visitor.t

    async def deed() -> None:
        actor = await designer.actor(visitor.token)
        async with designer.transaction() as session:
            await remove_role(session, actor, role.key)
        ui.navigate.to(ROLES_AT)

    asking_button(
        t,
        "delete",
        t("Remove"),
        t("Remove the role {name}?", name=role.label),
        t("It cannot be removed while somebody has it."),
        deed,
    )


async def change(designer: Designer, visitor: Visitor, key: str) -> None:
    t = visitor.t
    async with designer.transaction() as session:
        role = await show_role(session, visitor.somebody, key)
    trail = [(ROLES_AT, t("Roles")), (role_at(key), role.label)]
    with frame(ROLES_AT, t("Change the role"), trail=trail, styles=STYLES), block("cz-stack"):
        text = t("Whoever has it may do what it says within seconds, wherever they are signed in.")
        words(text, "cz-soft", tag="p")
        RoleForm(designer, visitor, role.grants, role).build()


async def new(designer: Designer, visitor: Visitor, copied: str | None) -> None:
    t = visitor.t
    start: Any = Grants(frozenset())
    if copied:
        async with designer.transaction() as session:
            start = (await show_role(session, visitor.somebody, copied)).grants
    trail = [(ROLES_AT, t("Roles"))]
    with frame(ROLES_AT, t("New role"), trail=trail, styles=STYLES), block("cz-stack"):
        text = t("What is not ticked is refused. Nobody gives more than they may do themselves.")
        words(text, "cz-soft", tag="p")
        RoleForm(designer, visitor, start).build()
