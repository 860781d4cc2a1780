"""A list as CSV, piece by piece, however long it is."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime
from typing import Any, Final

from engine.services import audit
from engine.services.actor import Actor
from engine.services.records.bulk import Selection
from engine.services.roles.hidden_values import HIDDEN
from engine.services.roles.one_record import those_allowed
from engine.services.spreadsheet_text import harmless
from engine.services.views.grids import Moment, grid_fields, grid_ids, hidden_in, lines_of

PIECE: Final = 1_000
_SHOWN_BY_NAME: Final[Mapping[str, str]] = {"owner_id": "owner", "account_id": "account"}
Transaction = Callable[[], AbstractAsyncContextManager[Any]]


async def csv_of_selection(
    transaction: Transaction, actor: Actor, selection: Selection, moment: Moment
) -> AsyncIterator[str]:
    """The lines of the columns that the list shows, with a head line, by number of the record; each
    piece is asked in a transaction of its own. The audit says who began, before the first line, and
    how many they took, when that was all. Raises NotAllowed before the first line."""
    record, columns = selection.record, ("id", *_columns(selection))
    hidden = hidden_in(actor, record)
    async with transaction() as session:
        await grid_fields(session, actor, record)
        # whoever breaks off before the end has taken what came until then
        said = {"columns": list(columns)}
        await audit.record(session, actor, "begin_export", record, "many", None, said)
    yield _lines([columns])
    after, count = 0, 0
    while True:
        async with transaction() as session:
            ids = await _piece(session, actor, selection, moment, after)
            seen = await those_allowed(session, actor, "read", record, ids)
            lines = await lines_of(session, record, seen, hidden)
        if lines:
            count += len(lines)
            yield _lines(
                [
                    [
                        HIDDEN if name in hidden else _cell(one.values, name, one.name)
                        for name in columns
                    ]
                    for one in lines
                ]
            )
        if len(ids) < PIECE:
            break
        after = ids[-1]
    async with transaction() as session:
        after_ = {"records": count, "columns": list(columns)}
        await audit.record(session, actor, "export", record, "many", None, after_)


async def _piece(
    session: Any, actor: Actor, selection: Selection, moment: Moment, after: int
) -> list[int]:
    if selection.ids is None:
        return await grid_ids(session, actor, selection.state, moment, after=after, limit=PIECE)
    return [one for one in sorted(selection.ids) if one > after][:PIECE]


def _columns(selection: Selection) -> Sequence[str]:
    found = [one for one in selection.state.columns if one != "id"]
    if selection.record == "contact":
        # a name is two columns, and a list that may be imported again is known by its address
        found = [
            "first_name",
            "last_name",
            "email",
            *(x for x in found if x not in ("name", "email")),
        ]
    if selection.record == "account" and "annual_revenue_minor" in found:
        found.insert(found.index("annual_revenue_minor") + 1, "currency")
    return found


def _cell(values: Mapping[str, Any], name: str, title: str) -> str:
    if name == "contact_id":
        contact = [values["first_name"], values["last_name"]]
        return _plain(" ".join(filter(None, contact)) or values["email"] or "")
    if name.startswith("custom."):
        return _plain((values.get("custom") or {}).get(name.removeprefix("custom.")))
    if name == "name" and "name" not in values:
        return _plain(title)
    return _plain(values[_SHOWN_BY_NAME.get(name, name)])


def _plain(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case list():
            return _plain(";".join(str(one) for one in value))
    return harmless(str(value))


def _lines(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
