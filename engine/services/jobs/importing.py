"""Imports as jobs: the file stands in the database, so that any worker can take it up."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from crm_store import jobs as rows
from engine.errors import NotFound, Problem, Refused
from engine.services.imports import (
    Fate,
    ImportOrder,
    ImportReport,
    Progress,
    import_file,
    preview_file,
)
from engine.services.imports import Mapping as FileMapping
from engine.services.jobs.asking import REJECTED
from engine.services.jobs.kinds import Hand

SUFFIXES: Final[Mapping[str, str]] = {"csv": ".csv", "xlsx": ".xlsx"}
# Of the lines that could not be taken so much is kept to be fetched.
MOST_REJECTED_BYTES: Final = 20 * 1024 * 1024
SHOWN_LINES: Final = 100


def mapping_in(document: object) -> FileMapping | None:
    """None: columns are named like fields. Raises Refused with every mistake."""
    if document is None:
        return None
    try:
        return FileMapping.model_validate(document)
    except ValidationError as error:
        problems = [
            Problem(
                "/mapping/" + "/".join(str(part) for part in one["loc"]), one["type"], one["msg"]
            )
            for one in error.errors(include_url=False)
        ]
        raise Refused("The mapping has mistakes.", problems) from error


async def import_records(hand: Hand) -> dict[str, Any]:
    """Taken up again after a crash it goes through the whole file: lines that were imported are
    found unchanged."""
    with tempfile.TemporaryDirectory(prefix="cadenza-job-") as folder:
        order = await _order(hand, Path(folder))

        def told(progress: Progress) -> None:
            hand.tell(
                done=progress.done,
                total=progress.size,
                lines=progress.lines,
                rejected=progress.rejected,
            )

        means = hand.means
        report = await import_file(means.store, hand.actor, order, means.now, told)
        await _keep_rejected(hand, report)
    means.pokes.dispatch(report.partitions)
    means.pokes.segments()
    means.pokes.facts()
    return _result(report)


async def check_import(hand: Hand) -> dict[str, Any]:
    """The first lines as they would be imported; nothing is written."""
    with tempfile.TemporaryDirectory(prefix="cadenza-job-") as folder:
        order = await _order(hand, Path(folder))
        means = hand.means
        report = await preview_file(means.store, hand.actor, order, means.now)
    shown = [
        {
            "line": one.number,
            "fate": one.fate.value,
            "fields": dict(one.fields),
            "problems": [_problem(problem) for problem in one.problems],
        }
        for one in report.preview[:SHOWN_LINES]
    ]
    return {**_result(report), "preview": shown}


async def _order(hand: Hand, folder: Path) -> ImportOrder:
    given, means = hand.given, hand.means
    async with means.store.transaction() as session:
        content = await rows.file_of(session, hand.job_id, rows.GIVEN)
    if content is None:
        raise NotFound("The file of this import is gone.")
    path = folder / f"lines{SUFFIXES[given['format']]}"
    await asyncio.to_thread(path.write_bytes, content)
    partitions = means.shared.partitions
    return ImportOrder(
        path,
        given["kind"],
        mapping_in(given.get("mapping")),
        fire=partitions if given.get("fire") else None,
        ask=None if given.get("fire") else partitions,
        rejects=folder / "rejected.csv",
        name=given.get("name") or "",
    )


async def _keep_rejected(hand: Hand, report: ImportReport) -> None:
    if report.rejects is None or not report.rejects.exists():
        return
    content = await asyncio.to_thread(report.rejects.read_bytes)
    async with hand.means.store.transaction() as session:
        await rows.keep_file(session, hand.job_id, REJECTED, content[:MOST_REJECTED_BYTES])


def _result(report: ImportReport) -> dict[str, Any]:
    return {
        "kind": report.kind,
        "format": report.format,
        "lines": report.lines,
        **{fate.value: report.count(fate) for fate in Fate},
        "incomplete": report.incomplete,
        "also_created": dict(report.also_created),
        "events": report.events,
        "first_problems": [
            {"line": line, **_problem(problem)} for line, problem in report.first_problems
        ],
    }


def _problem(problem: Problem) -> dict[str, str]:
    return {"place": problem.place, "code": problem.code, "message": problem.message}
