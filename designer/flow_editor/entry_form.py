"""Who may come back, as a form and as people write it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.flows.model import EntryPolicy

Form = Mapping[str, Any]


def entry_form(written: Any) -> dict[str, Any]:
    match written:
        case {"once_per": by}:
            return {"policy": "once_per", "by": by}
        case {"every": span}:
            return {"policy": "every", "span": span}
        case {"always": {"at_most": most}}:
            return {"policy": "always", "at_most": most}
        case str() if written in tuple(EntryPolicy):
            return {"policy": written}
        case None:
            return {"policy": "once"}
        case _:
            return {}


def written_entry(form: Form) -> Any:
    """What a missing part would have said is left out, for the check to name."""
    match form.get("policy"):
        case "once_per":
            return {"once_per": form.get("by") or ""}
        case "every":
            return {"every": form.get("span") or "P30D"}
        case "always" if form.get("at_most"):
            return {"always": {"at_most": form["at_most"]}}
        case str(policy):
            return policy
        case _:
            return "once"


def entry_fields(form: Form) -> tuple[str, ...]:
    """What the policy needs beside itself."""
    parts = {"once_per": ("by",), "every": ("span",), "always": ("at_most",)}
    return ("policy", *parts.get(str(form.get("policy")), ()))
