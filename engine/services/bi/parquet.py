"""Each view as a Parquet file, all of one moment. Needs the extra `parquet` (pyarrow)."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import bi as views
from crm_store.session import Store
from engine.errors import CadenzaError, Refused
from engine.services import audit
from engine.services.actor import Actor, allowed

# Money is whole minor units beside its currency, times are instants of UTC: nothing is rounded.
_TYPES: Final[Mapping[str, Any]] = {
    "bigint": pa.int64(),
    "integer": pa.int32(),
    "smallint": pa.int16(),
    "text": pa.string(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp with time zone": pa.timestamp("us", tz="UTC"),
    "double precision": pa.float64(),
}


@dataclass(frozen=True, slots=True)
class Exported:
    """Rows by view."""

    folder: Path
    rows: Mapping[str, int]


async def export_views(
    store: Store, actor: Actor, folder: Path, now: datetime, *, personal: bool = False
) -> Exported:
    """Write `<view>.parquet` for every view, and `index.json` at last. Files of before are replaced
    one by one when they are whole. `personal` adds names and addresses.

    Raises NotAllowed, and Refused for a folder that cannot be written to.
    """
    allowed(actor, "read", "privacy" if personal else "audit")
    wanted = {**views.VIEWS, **(views.PERSONAL if personal else {})}
    await asyncio.to_thread(_make, folder)
    async with store.transaction() as session:
        told = {"views": sorted(wanted)}
        await audit.record(session, actor, "export", "bi", "parquet", None, told)
    rows: dict[str, int] = {}
    columns: dict[str, list[tuple[str, str]]] = {}
    async with store.transaction() as session:
        await views.hold_one_moment(session)
        for view in wanted:
            columns[view] = await views.columns_of(session, view)
            rows[view] = await _write(session, view, columns[view], folder)
    _index(folder, wanted, columns, rows, now)
    return Exported(folder, rows)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(f"{folder} cannot be made: {error.strerror}.") from error


async def _write(
    session: AsyncSession, view: str, columns: list[tuple[str, str]], folder: Path
) -> int:
    schema = pa.schema([(name, _type(view, name, kind)) for name, kind in columns])
    beside = folder / f".{view}.{os.getpid()}"
    count = 0
    try:
        with pq.ParquetWriter(beside, schema, compression="zstd") as writer:
            async for page in views.rows_of(session, view):
                count += len(page)
                batch = await asyncio.to_thread(_batch, page, schema)
                await asyncio.to_thread(writer.write_batch, batch)
        beside.replace(folder / f"{view}.parquet")
    finally:
        beside.unlink(missing_ok=True)
    return count


def _batch(page: Any, schema: Any) -> Any:
    by_column = list(zip(*page, strict=True))
    arrays = [pa.array(values, field.type) for values, field in zip(by_column, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _type(view: str, name: str, kind: str) -> Any:
    found = _TYPES.get(kind)
    if found is None:
        raise CadenzaError(f"The column {name} of {view} is of the type {kind}, which has no file.")
    return found


def _index(
    folder: Path,
    wanted: Mapping[str, str],
    columns: Mapping[str, list[tuple[str, str]]],
    rows: Mapping[str, int],
    now: datetime,
) -> None:
    document = {
        "version": views.VERSION,
        "written_at": now.isoformat(),
        "views": {
            view: {"about": about, "rows": rows[view], "columns": dict(columns[view])}
            for view, about in wanted.items()
        },
    }
    beside = folder / f".index.{os.getpid()}"
    beside.write_text(json.dumps(document, indent=1), encoding="utf-8")
    beside.replace(folder / "index.json")
