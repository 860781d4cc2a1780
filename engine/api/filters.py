"""`filter=`: a list that is narrowed by a rule of the rule language, as in segments and flows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Final

from fastapi import Query

from engine.api.json_bodies import BadJson, read_json
from engine.errors import Problem, Refused
from engine.services.views.grids import Moment

LONGEST: Final = 8_000
_PLACE: Final = "?filter"

Filter = Annotated[
    str | None,
    Query(
        alias="filter",
        max_length=LONGEST,
        description="A rule of dialect 1 as JSON; those for whom it holds are listed.",
        examples=['{"==":[{"var":"contact.country"},"SG"]}'],
    ),
]
Search = Annotated[
    str | None,
    Query(
        alias="q", max_length=200, pattern=r"^[^\x00]*$", description="Part of a name or address."
    ),
]


def rule_in(text: str | None) -> Any:
    """None without a filter. Raises Refused."""
    if text is None:
        return None
    try:
        return read_json(text.encode("utf-8", "replace"))
    except BadJson as error:
        problems = [Problem(_PLACE, one.code, one.message) for one in error.problems]
        raise Refused("The filter is not JSON.", problems) from error


@contextmanager
def told_of_filter() -> Iterator[None]:
    """Mistakes in the rule are told of the parameter, with the place in the rule behind it."""
    try:
        yield
    except Refused as error:
        problems = [
            Problem(f"{_PLACE}{one.place.removeprefix('/rule')}", one.code, one.message)
            if one.place.startswith("/rule")
            else one
            for one in error.problems
        ]
        error.problems = tuple(problems)
        raise


def moment_of(parts: Any) -> Moment:
    """Whose days "the last 7 days" are: the company's."""
    return Moment(parts.now(), parts.settings.company.default_zone)
