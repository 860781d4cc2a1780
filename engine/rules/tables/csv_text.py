"""Tables as CSV, for spreadsheets: what is written can be read back unchanged.

The first lines name the table, its label, hit policy and subject; then come the headings "when
<fact>", "then <output>: <type>", "score" and "note", and a line for each row.

A spreadsheet computes cells that begin with = + - or @, so such texts are written with an
apostrophe in front, and read back without it. Plain negative numbers stay as they are.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from engine.rules.tables.problems import Code, TableProblem, TableRefused
from engine.rules.tables.table import ANY, Table, from_document

_HEAD: Final = ("table", "label", "hit", "subject", "reads_event")
_THEN: Final = re.compile(r"then\s+(?P<name>[^:]+?)\s*(?::\s*(?P<type>\w+))?", re.I)
_WHEN: Final = re.compile(r"when\s+(?P<fact>.+)", re.I)
_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?")
_LARGEST: Final = 8 * 1024 * 1024


def to_csv(table: Table) -> str:
    """CSV with a byte order mark, so that spreadsheets read it as UTF-8."""
    target = io.StringIO()
    target.write("\ufeff")
    writer = csv.writer(target, lineterminator="\r\n")
    document = table.document()
    for key in _HEAD:
        value = document[key]
        writer.writerow([key, guarded(str(value).lower() if key == "reads_event" else value)])
    scored = any(row.score is not None for row in table.rows)
    noted = any(row.note for row in table.rows)
    headings = [f"when {column}" for column in table.columns]
    headings += [f"then {one.name}: {one.type.value}" for one in table.outputs]
    headings += ["score"] * scored + ["note"] * noted
    writer.writerow(headings)
    for row in table.rows:
        score = "" if row.score is None else f"{Decimal(repr(row.score)):f}"
        cells = [*row.when, *row.then, *[score] * scored, *[row.note] * noted]
        writer.writerow([guarded(cell) for cell in cells])
    return target.getvalue()


def from_csv(text: str) -> Table:
    """Raises TableRefused. Commas, semicolons and tabs separate, as the first line shows."""
    if len(text) > _LARGEST:
        raise _refused("The file is larger than 8 MiB.")
    plain = text.removeprefix("\ufeff")
    try:
        lines = [
            [unguarded(cell) for cell in line]
            for line in csv.reader(io.StringIO(plain, newline=""), delimiter=_delimiter(plain))
            if any(cell.strip() for cell in line)
        ]
    except csv.Error as error:
        raise _refused(f"This is not CSV: {error}.") from error
    return from_document(_document(lines))


def guarded(cell: str) -> str:
    """A cell that no spreadsheet computes."""
    bare = cell.lstrip(" ")
    computed = bare.startswith(_STARTS) and not _NUMBER.fullmatch(cell)
    return f"'{cell}" if computed or _is_guarded(cell) else cell


def unguarded(cell: str) -> str:
    return cell[1:] if _is_guarded(cell) else cell


def _is_guarded(cell: str) -> bool:
    """Whether an apostrophe in front stands for itself only."""
    if not cell.startswith("'"):
        return False
    rest = cell[1:]
    return rest.startswith("'") or rest.lstrip(" ").startswith(_STARTS)


def _delimiter(text: str) -> str:
    first = text.split("\n", 1)[0]
    return max(",;\t", key=first.count)


def _refused(message: str) -> TableRefused:
    return TableRefused([TableProblem(Code.BAD_TABLE, message)])


def _document(lines: Sequence[Sequence[str]]) -> dict[str, Any]:
    head: dict[str, Any] = {}
    rest = list(lines)
    while rest and rest[0][0].strip().lower() in _HEAD:
        line = rest.pop(0)
        head[line[0].strip().lower()] = line[1].strip() if len(line) > 1 else ""
    if not rest:
        raise _refused('There is no line of headings such as "when contact.country".')
    head["reads_event"] = str(head.get("reads_event", "")).lower() == "true"
    whens, thens, score, note = _headings(rest[0])
    return {
        **{key: value for key, value in head.items() if value != ""},
        "columns": [name for name, _ in whens],
        "outputs": [{"name": name, "type": kind} for name, kind, _ in thens],
        "rows": [
            {
                "when": [_cell(line, at) or ANY for _, at in whens],
                "then": [_cell(line, at) for _, _, at in thens],
                "score": _score(line, score),
                "note": "" if note is None else _cell(line, note),
            }
            for line in rest[1:]
        ],
    }


def _headings(
    line: Sequence[str],
) -> tuple[list[tuple[str, int]], list[tuple[str, str, int]], int | None, int | None]:
    whens, thens, places = [], [], {}
    problems = []
    for at, cell in enumerate(line):
        heading = cell.strip()
        if found := _WHEN.fullmatch(heading):
            whens.append((found["fact"].strip(), at))
        elif found := _THEN.fullmatch(heading):
            thens.append((found["name"], (found["type"] or "text").lower(), at))
        elif heading.lower() in ("score", "note"):
            places[heading.lower()] = at
        elif heading:
            message = 'A heading is "when <fact>", "then <output>: <type>", "score" or "note".'
            problems.append(TableProblem(Code.BAD_TABLE, message, column=heading[:60]))
    if problems:
        raise TableRefused(problems)
    return whens, thens, places.get("score"), places.get("note")


def _cell(line: Sequence[str], at: int) -> str:
    return line[at] if at < len(line) else ""


def _score(line: Sequence[str], at: int | None) -> object:
    text = "" if at is None else _cell(line, at).strip()
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        return text
    value = float(text)
    return int(value) if value.is_integer() else value
