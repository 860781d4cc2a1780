"""A calendar as a file that people edit, YAML or JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import yaml

from crm_store.calendars import CalendarRow
from engine.errors import Problem, Refused
from engine.flows.problems import FlowProblem, did_you_mean, shown
from engine.flows.written import TextRefused, read_text
from engine.services.calendars.editing import NewCalendar

_TEXTS: Final = ("name", "label", "zone", "country", "subdivision")
_KEYS: Final = (*_TEXTS, "hours", "exceptions", "default")


def read_calendar(text: str, file: str) -> NewCalendar:
    """The calendar in the text; raises Refused with every mistake of form. What the words mean is
    checked when it is saved."""
    try:
        written = read_text(text, file)
    except TextRefused as refused:
        raise _refusal(file, [_told(one) for one in refused.problems]) from refused
    problems = [_told(one) for one in written.problems]
    given = written.data if isinstance(written.data, dict) else {}
    if given is not written.data:
        problems.append(Problem("/", "wrong_type", f"a calendar is a mapping, not {shown(given)}."))
    for key in given.keys() - set(_KEYS):
        problems.append(Problem(f"/{key}", "unknown_key", did_you_mean(str(key), _KEYS)))
    problems += [
        Problem(f"/{key}", "wrong_type", f"this is a text, not {shown(given[key])}.")
        for key in _TEXTS
        if given.get(key) is not None and not isinstance(given[key], str)
    ]
    if not isinstance(given.get("default", False), bool):
        problems.append(Problem("/default", "wrong_type", "this is true or false."))
    for key in ("name", "hours"):
        if given.get(key) is None:
            problems.append(Problem(f"/{key}", "missing_key", "this is missing."))
    if problems:
        raise _refusal(file, problems)
    return _calendar(given)


def _calendar(given: Mapping[str, Any]) -> NewCalendar:
    return NewCalendar(
        name=given["name"],
        hours=given["hours"],
        label=given.get("label"),
        zone=given.get("zone"),
        country=given.get("country"),
        subdivision=given.get("subdivision"),
        exceptions=given.get("exceptions") or {},
        is_default=given.get("default", False),
    )


def write_calendar(row: CalendarRow) -> str:
    """The file that `read_calendar` reads back."""
    document: dict[str, Any] = {"name": row.name, "label": row.label}
    for key, value in (
        ("zone", row.zone),
        ("country", row.country),
        ("subdivision", row.subdivision),
    ):
        if value is not None:
            document[key] = value
    if row.is_default:
        document["default"] = True
    lines = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
    for key, days in (("hours", row.hours), ("exceptions", row.exceptions)):
        if days:
            lines += f"{key}:\n"
            lines += "".join(
                f'  "{day}": {json.dumps(hours)}\n'
                for day, hours in sorted(days.items(), key=_order)
            )
    return lines


def _order(item: tuple[str, Any]) -> tuple[int, str]:
    """Weekdays in the order of the week, dates by date."""
    week = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return (week.index(item[0]) if item[0] in week else len(week), item[0])


def _told(problem: FlowProblem) -> Problem:
    return Problem(problem.place, problem.code.value, problem.message)


def _refusal(file: str, problems: list[Problem]) -> Refused:
    return Refused(f"The calendar in {file} has mistakes.", problems)
