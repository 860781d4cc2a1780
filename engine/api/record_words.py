"""Contacts and accounts as the API shows them."""

from __future__ import annotations

from typing import Any, TypeVar

from engine.api.shapes import records as shapes
from engine.api.shapes.common import Shown
from engine.services.views.grids import GridLine

S = TypeVar("S", bound=Shown)


def contact_shown(line: GridLine) -> shapes.ContactLine:
    return _shown(shapes.ContactLine, line)


def account_shown(line: GridLine) -> shapes.AccountLine:
    return _shown(shapes.AccountLine, line)


def _shown(shape: type[S], line: GridLine) -> S:
    known: dict[str, Any] = {
        name: line.values.get(name) for name in shape.model_fields if name not in _OWN
    }
    known |= {"id": line.id, "name": line.name, "hidden": sorted(line.hidden)}
    known["custom"] = known.get("custom") or {}
    if "tags" in shape.model_fields:
        known["tags"] = list(line.values.get("tags") or ())
    return shape.model_validate(known)


_OWN = frozenset({"id", "name", "hidden"})
