"""The text a field is read from: a cell, a template over cells, or always the same."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping, Sequence

from engine.errors import Problem
from engine.services.field_values import nearest
from engine.services.imports.mapping import FieldSource

# Cells of one line, and the line's running number among those that are alike.
Extract = Callable[[Sequence[str], int], str]
NUMBER = "number"


def compile_source(
    source: FieldSource, header: Mapping[str, int], place: str
) -> tuple[Extract | None, list[Problem]]:
    """None and the problems when a column is named that the file lacks."""
    if source.column is not None:
        found, problems = _column(source.column, header, place)
        return (None if problems else _cell(found)), problems
    if source.template:
        return _templates(source.template, header, place)
    value = source.value
    text = ";".join(value) if isinstance(value, list) else _plain(value)
    return (lambda _cells, _number: text), []


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _cell(place: int) -> Extract:
    return lambda cells, _number: cells[place].strip()


def _column(name: str, header: Mapping[str, int], place: str) -> tuple[int, list[Problem]]:
    found = header.get(" ".join(name.split()))
    if found is not None:
        return found, []
    listed = ", ".join(column for column in header if column)
    message = f'the file has no column "{name}".{nearest(name, header)} It has: {listed}.'
    return -1, [Problem(place, "unknown_column", message)]


def _templates(
    templates: Sequence[str], header: Mapping[str, int], place: str
) -> tuple[Extract | None, list[Problem]]:
    problems: list[Problem] = []
    compiled: list[list[tuple[str, int]]] = []
    for template in templates:
        parts, wrong = _parts(template, header, place)
        compiled.append(parts)
        problems += wrong
    if problems:
        return None, problems

    def fill(cells: Sequence[str], number: int) -> str:
        for parts in compiled:
            filled = [
                (text, "" if column == _TEXT_ONLY else _value(cells, column, number))
                for text, column in parts
            ]
            if all(
                value or column == _TEXT_ONLY
                for (_, value), (_, column) in zip(filled, parts, strict=True)
            ):
                return "".join(text + value for text, value in filled)
        return ""

    return fill, []


_TEXT_ONLY = -1
_RUNNING_NUMBER = -2


def _value(cells: Sequence[str], column: int, number: int) -> str:
    return str(number) if column == _RUNNING_NUMBER else cells[column].strip()


def _parts(
    template: str, header: Mapping[str, int], place: str
) -> tuple[list[tuple[str, int]], list[Problem]]:
    """Pieces of text, each followed by a column."""
    parts: list[tuple[str, int]] = []
    problems: list[Problem] = []
    try:
        pieces = list(string.Formatter().parse(template))
    except ValueError as error:
        return [], [Problem(place, "bad_template", f"the template cannot be read: {error}.")]
    for text, name, form, conversion in pieces:
        if name is None:
            parts.append((text, _TEXT_ONLY))
        elif form or conversion or not name:
            problems.append(
                Problem(place, "bad_template", 'write "{column}" in a template, nothing more.')
            )
        elif name == NUMBER and NUMBER not in header:
            parts.append((text, _RUNNING_NUMBER))
        else:
            column, wrong = _column(name, header, place)
            problems += wrong
            parts.append((text, column))
    return parts, problems
