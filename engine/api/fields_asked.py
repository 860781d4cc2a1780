"""`fields=`: a list that gives of each item only what was asked for.

It holds for every operation that answers with `items`, so it is done once, on the finished answer.
"""

from __future__ import annotations

import typing
from typing import Any, Final

import orjson
from pydantic import BaseModel
from starlette.responses import Response

from engine.errors import Problem, Refused

PARAMETER: Final = "fields"
MOST_FIELDS: Final = 60
_LONGEST: Final = 2_000


def item_model(response_model: Any) -> type[BaseModel] | None:
    """What the items of an answer are; None for an answer that is no list of things."""
    if not (isinstance(response_model, type) and issubclass(response_model, BaseModel)):
        return None
    items = response_model.model_fields.get("items")
    inner = typing.get_args(items.annotation) if items is not None else ()
    if inner and isinstance(inner[0], type) and issubclass(inner[0], BaseModel):
        return inner[0]
    return None


def names_asked(text: str, item: type[BaseModel]) -> tuple[str, ...]:
    """The members in the order of the question. Raises Refused."""
    names = tuple(dict.fromkeys(one.strip() for one in text[:_LONGEST].split(",") if one.strip()))
    known = {field.alias or name for name, field in item.model_fields.items()}
    unknown = [one for one in names if one not in known]
    if not names or len(names) > MOST_FIELDS or len(text) > _LONGEST:
        problem = Problem(f"?{PARAMETER}", "bad_fields", f"name 1 to {MOST_FIELDS} fields")
        raise Refused("The fields are not understood.", [problem])
    if unknown:
        offered = ", ".join(sorted(known))
        problems = [
            Problem(f"?{PARAMETER}", "unknown_field", f'"{one[:60]}" is none of {offered}')
            for one in unknown[:10]
        ]
        raise Refused("The items have no such fields.", problems)
    return names


def narrowed(response: Response, names: tuple[str, ...]) -> Response:
    """The same answer, its items with these members alone."""
    if response.status_code != 200:
        return response
    document = orjson.loads(bytes(response.body))
    document["items"] = [
        {name: item[name] for name in names if name in item} for item in document["items"]
    ]
    headers = {name: value for name, value in response.headers.items() if name != "content-length"}
    return Response(orjson.dumps(document), 200, headers)
