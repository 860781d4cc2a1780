"""The sending policy: when messages may go, and how many."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field, JsonValue

from engine.api.shapes.common import Given, Shown

_EXAMPLE: JsonValue = {
    "policy": {
        "quiet_hours": [{"from": "21:00", "until": "08:00"}],
        "caps": [{"most": 1, "per": "day"}, {"most": 3, "per": "week"}],
    }
}


class PolicyGiven(Given):
    """The whole policy; what is left out counts no more."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    policy: dict[str, Any] = Field(description="As in a policy file; see the page on sending.")


class PolicyShown(Shown):
    """`version` 0 is the policy that is shipped."""

    version: int
    policy: dict[str, Any]
    saved_by: str | None
    saved_at: datetime | None


class PolicyProblem(Shown):
    pointer: str
    code: str
    message: str


class PolicyChecked(Shown):
    """`remarks` are about what is right and may surprise all the same."""

    ok: bool
    problems: list[PolicyProblem]
    remarks: list[PolicyProblem] = []
