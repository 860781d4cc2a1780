"""`/openapi.json`: FastAPI's description of the routes, with our problem documents in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from engine.api.described_examples import example_of
from engine.api.fields_asked import PARAMETER
from engine.api.repeated_writes import HEADER, WRITES
from engine.api.shapes.common import ProblemDocument
from engine.services.idempotency import LONGEST_KEY

_ABOUT: Final = """\
Everything below `/api/` takes an API key as `Authorization: Bearer cad_…`. A key acts for a person,
within that person's role and the key's own scopes.

Refusals are problem documents (RFC 9457). Programs go by `status` and `code`; new codes, members of
answers and operations may come, what is here stays.
"""
_KEY: Final = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": LONGEST_KEY},
    "description": "Your own name for this request. Sent again within 24 hours, the same request "
    "gets the same answer.",
}
_FIELDS: Final = {
    "name": PARAMETER,
    "in": "query",
    "required": False,
    "schema": {"type": "string", "maxLength": 2000},
    "description": "Only these members of each item, apart by commas.",
}
# FastAPI's own words for a malformed request, which we never send.
_NOT_OURS: Final = ("HTTPValidationError", "ValidationError")


def description_of(app: FastAPI, version: str) -> Callable[[], dict[str, Any]]:
    """For `app.openapi`; made once, at the first question."""

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(app, version)
        return app.openapi_schema

    return described


def _described(app: FastAPI, version: str) -> dict[str, Any]:
    document = get_openapi(title=app.title, version=version, description=_ABOUT, routes=app.routes)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    problem = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs", {})
    schemas["Problem"] = problem
    for name in _NOT_OURS:
        schemas.pop(name, None)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _without_foreign_answers(operation)
            if path.startswith("/api/"):
                _with_conventions(method.upper(), operation, document)
    return document


def _with_conventions(method: str, operation: dict[str, Any], document: dict[str, Any]) -> None:
    """What every operation takes without saying so itself, and an example of what it takes and
    gives."""
    parameters = operation.setdefault("parameters", [])
    if method in WRITES and not any(one["name"] == HEADER for one in parameters):
        parameters.append(_KEY)
    good = [answer for status, answer in operation["responses"].items() if status < "300"]
    for answer in good:
        _with_fields(method, parameters, answer, document)
    for bodies, whole in [(operation.get("requestBody"), False), *((one, True) for one in good)]:
        for media, content in (bodies or {}).get("content", {}).items():
            if media == "application/json" and not {"example", "examples"} & content.keys():
                content["example"] = example_of(content.get("schema", {}), document, whole=whole)
    if not parameters:
        del operation["parameters"]


def _with_fields(
    method: str, parameters: list[Any], answer: dict[str, Any], document: dict[str, Any]
) -> None:
    """A list takes `fields`, so its items may have any of their members."""
    schemas = document["components"]["schemas"]
    page = answer.get("content", {}).get("application/json", {}).get("schema", {})
    name = page.get("$ref", "").rpartition("/")[2]
    items = schemas.get(name, {}).get("properties", {}).get("items", {}).get("items", {})
    item = items.get("$ref", "").rpartition("/")[2]
    if method != "GET" or not item:
        return
    if not any(one["name"] == PARAMETER for one in parameters):
        parameters.append(_FIELDS)
    part = f"{item}Part"
    if item.endswith("Part"):
        return
    if part not in schemas:
        said = {key: value for key, value in schemas[item].items() if key != "required"}
        schemas[part] = {**said, "title": part}
    items["$ref"] = f"#/components/schemas/{part}"


def _without_foreign_answers(operation: dict[str, Any]) -> None:
    malformed = operation["responses"].get("422", {}).get("content", {})
    if any("HTTPValidationError" in str(one) for one in malformed.values()):
        del operation["responses"]["422"]
