"""A decision table as a value: columns of conditions, rows of cells, outputs of one type each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from engine.rules.facts import Subject
from engine.rules.tables.problems import Code, TableProblem, TableRefused

NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
# The condition column whose cells hold a whole rule as JSON.
RULE_COLUMN: Final = "rule"
# A salesperson's table has dozens of rows, a price list a few thousand.
MAX_ROWS: Final = 5_000
MAX_COLUMNS: Final = 40
MAX_CELL: Final = 4_000
ANY: Final = "any"


class HitPolicy(StrEnum):
    """Which of the rows that hold give the answer: the first, all, or the one with the highest
    score (of equal scores the earlier row).
    """

    FIRST = "first"
    ALL = "all"
    HIGHEST = "highest"


class OutputType(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    MONEY = "money"


@dataclass(frozen=True, slots=True)
class Output:
    name: str
    type: OutputType


@dataclass(frozen=True, slots=True)
class Row:
    """Cells as people write them: one condition for each column, one value for each output. An
    empty output is no value.
    """

    when: tuple[str, ...]
    then: tuple[str, ...]
    score: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` are facts ("contact.country") or "rule". With `reads_event` they may be of the
    event at hand.
    """

    name: str
    label: str
    hit: HitPolicy
    columns: tuple[str, ...]
    outputs: tuple[Output, ...]
    rows: tuple[Row, ...]
    subject: Subject = "contact"
    reads_event: bool = False

    def document(self) -> dict[str, Any]:
        """The stored form; `from_document` reads it back to an equal table."""
        return {
            "table": self.name,
            "label": self.label,
            "hit": self.hit.value,
            "subject": self.subject,
            "reads_event": self.reads_event,
            "columns": list(self.columns),
            "outputs": [{"name": one.name, "type": one.type.value} for one in self.outputs],
            "rows": [
                {
                    "when": list(row.when),
                    "then": list(row.then),
                    "score": row.score,
                    "note": row.note,
                }
                for row in self.rows
            ],
        }


def from_document(document: object) -> Table:
    """Read a stored table, or one that somebody sent. Raises TableRefused with every mistake of
    form; what cells mean is checked when the table is compiled.
    """
    return _Reader().table(document)


class _Reader:
    def __init__(self) -> None:
        self.problems: list[TableProblem] = []

    def table(self, document: object) -> Table:
        given = document if isinstance(document, dict) else {}
        if not isinstance(document, dict):
            self._refuse(Code.BAD_TABLE, "A table is an object with columns, outputs and rows.")
        name = self._text(given, "table", NAME)
        hit = self._choice(given, "hit", HitPolicy, HitPolicy.FIRST)
        subject: Any = self._choice(given, "subject", ("contact", "deal", "ticket"), "contact")
        columns = tuple(self._columns(given))
        outputs = tuple(self._outputs(given))
        rows = tuple(self._rows(given, len(columns), len(outputs)))
        table = Table(
            name=name,
            label=" ".join(str(given.get("label") or name).split())[:200],
            hit=HitPolicy(hit),
            columns=columns,
            outputs=outputs,
            rows=rows,
            subject=subject,
            reads_event=given.get("reads_event") is True,
        )
        self.problems.extend(score_problems(table))
        if self.problems:
            raise TableRefused(self.problems)
        return table

    def _refuse(self, code: Code, message: str, row: int | None = None) -> None:
        self.problems.append(TableProblem(code, message, row))

    def _text(self, given: Mapping[str, Any], key: str, form: re.Pattern[str]) -> str:
        value = given.get(key)
        if isinstance(value, str) and form.fullmatch(value):
            return value
        message = f'"{key}" needs a name of lower-case letters, digits and _, with a letter first.'
        self._refuse(Code.BAD_NAME, message)
        return "table"

    def _choice(self, given: Mapping[str, Any], key: str, options: Any, otherwise: str) -> str:
        value = given.get(key, otherwise)
        if value in [str(option) for option in options]:
            return str(value)
        listed = ", ".join(str(option) for option in options)
        self._refuse(Code.BAD_CHOICE, f'"{key}" is one of {listed}.')
        return otherwise

    def _list(self, given: Mapping[str, Any], key: str, most: int) -> list[Any]:
        value = given.get(key)
        if not isinstance(value, list) or not value:
            self._refuse(Code.BAD_TABLE, f'"{key}" needs a list with at least one entry.')
            return []
        if len(value) > most:
            message = f'"{key}" may have {most:,} entries, this table has {len(value):,}.'
            self._refuse(Code.TOO_LARGE, message)
            return []
        return value

    def _columns(self, given: Mapping[str, Any]) -> Iterator[str]:
        seen = set()
        for one in self._list(given, "columns", MAX_COLUMNS):
            if not isinstance(one, str) or not 1 <= len(one) <= 200 or one != " ".join(one.split()):
                self._refuse(Code.BAD_TABLE, "A column is the name of a fact, as a text.")
            elif one in seen:
                self._refuse(Code.BAD_TABLE, f'There are two columns "{one}"; join them into one.')
            else:
                seen.add(one)
                yield one

    def _outputs(self, given: Mapping[str, Any]) -> Iterator[Output]:
        seen = set()
        for one in self._list(given, "outputs", MAX_COLUMNS):
            entry = one if isinstance(one, dict) else {}
            name = self._text(entry, "name", NAME)
            kind = self._choice(entry, "type", OutputType, OutputType.TEXT)
            if name in seen:
                self._refuse(Code.BAD_TABLE, f'There are two outputs "{name}".')
            seen.add(name)
            yield Output(name, OutputType(kind))

    def _rows(self, given: Mapping[str, Any], columns: int, outputs: int) -> Iterator[Row]:
        for number, one in enumerate(self._list(given, "rows", MAX_ROWS), start=1):
            entry = one if isinstance(one, dict) else {}
            when, then = _cells(entry.get("when"), columns), _cells(entry.get("then"), outputs)
            if when is None or then is None:
                message = f"A row needs {columns} conditions and {outputs} outputs, all as texts."
                self._refuse(Code.BAD_TABLE, message, number)
                continue
            score = self._score(entry.get("score"), number)
            note = str(entry.get("note") or "")[:500]
            yield Row(tuple(map(plain_any, when)), tuple(then), score, note)

    def _score(self, score: object, row: int) -> float | None:
        if score is None:
            return None
        # a billion is more than any ranking needs, and prints without an exponent
        if isinstance(score, int | float) and not isinstance(score, bool) and abs(score) <= 1e9:
            return round(score, 6)
        self._refuse(Code.BAD_TABLE, "The score of a row is a number up to a billion.", row)
        return None


def _cells(cells: object, count: int) -> list[str] | None:
    """The cells, when there are as many as there should be and all are texts."""
    if not isinstance(cells, list) or len(cells) != count:
        return None
    return cells if all(isinstance(one, str) and len(one) <= MAX_CELL for one in cells) else None


def plain_any(cell: str) -> str:
    """The one spelling of "any" that is kept: a lone "-" begins a formula in some spreadsheets."""
    return ANY if cell.strip().lower() in ("", "-", "*", ANY, "任意") else cell


def score_problems(table: Table) -> Iterator[TableProblem]:
    if table.hit is not HitPolicy.HIGHEST:
        return
    for number, row in enumerate(table.rows, start=1):
        if row.score is None:
            message = "The row with the highest score wins here, but this row has no score."
            yield TableProblem(Code.MISSING_SCORE, message, number)
