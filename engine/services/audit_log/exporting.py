"""The audit as a file: a line for each row, as CSV or JSON, the oldest first."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from typing import Final, Literal, get_args

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.audit_search import AuditQuery, AuditRow, all_of_audit
from engine.errors import Problem, Refused
from engine.services.actor import Actor, allowed
from engine.services.audit import record
from engine.services.audit_log.searching import sane_query

ExportFormat = Literal["csv", "jsonl"]
FORMATS: Final[tuple[ExportFormat, ...]] = get_args(ExportFormat)
MOST_EXPORTED: Final = 100_000
_PIECE: Final = 200
# What a spreadsheet would take for a formula.
_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")


async def export_audit(
    session: AsyncSession, actor: Actor, query: AuditQuery, form: str
) -> AsyncIterator[bytes]:
    """Pieces of the file, at most `MOST_EXPORTED` rows. That it was exported is written down."""
    allowed(actor, "read", "audit")
    if form not in FORMATS:
        problem = Problem("?format", "unknown_format", f"name one of {', '.join(FORMATS)}")
        raise Refused("Nothing was exported.", [problem])
    query = sane_query(query)
    asked = {
        name: str(value)
        for name in query.__slots__
        if (value := getattr(query, name)) not in ("", None)
    }
    await record(session, actor, "export", "audit", form, after=asked)
    write = _csv if form == "csv" else _jsonl
    if form == "csv":
        yield _csv_line(AuditRow._fields).encode("utf-8-sig")
    held: list[AuditRow] = []
    async for row in all_of_audit(session, query, MOST_EXPORTED):
        held.append(row)
        if len(held) == _PIECE:
            yield write(held)
            held = []
    if held:
        yield write(held)


def _jsonl(rows: list[AuditRow]) -> bytes:
    return b"".join(
        orjson.dumps(row._asdict(), option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z)
        for row in rows
    )


def _csv(rows: list[AuditRow]) -> bytes:
    return "".join(_csv_line([_cell(value) for value in row]) for row in rows).encode()


def _csv_line(values: object) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(values)  # type: ignore[arg-type]  # a row of texts
    return written.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        text = value
    elif isinstance(value, int):
        return str(value)
    else:
        text = orjson.dumps(value, option=orjson.OPT_UTC_Z).decode().strip('"')
    return f"'{text}" if text.startswith(_FORMULAS) else text
