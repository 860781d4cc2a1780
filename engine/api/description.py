"""`/openapi.json`: FastAPI's description of the routes, with our problem documents in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from engine.api.shapes.common import ProblemDocument

_ABOUT: Final = """\
Everything below `/api/` takes an API key as `Authorization: Bearer cad_…`. A key acts for a person,
within that person's role and the key's own scopes.

Refusals are problem documents (RFC 9457). Programs go by `status` and `code`; new codes, members of
answers and operations may come, what is here stays.
"""
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
    for operations in document["paths"].values():
        for operation in operations.values():
            _without_foreign_answers(operation)
    return document


def _without_foreign_answers(operation: dict[str, Any]) -> None:
    malformed = operation["responses"].get("422", {}).get("content", {})
    if any("HTTPValidationError" in str(one) for one in malformed.values()):
        del operation["responses"]["422"]
