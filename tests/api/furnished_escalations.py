"""Operations on cases and duty, and what has to be there for them."""

from __future__ import annotations

import httpx2

from tests.api.operation import KEEPERS, Operation
from tests.api.people import ADA, BEN, bearer

NIGHT = "escalation_policy: night\nlevels: [{to: owner, after: 2h}]\n"
DUTY = """
escalation_policy: duty
levels: [{to: "on_duty:first"}]
rotations: {first: {starts: 2026-03-02, zone: UTC, members: [admin@example.com]}}
"""
SWAP = {
    "policy": "duty",
    "rotation": "first",
    "user_id": 1,
    "starts_at": "2026-09-02T00:00:00Z",
    "ends_at": "2026-10-02T00:00:00Z",
}
CASE = {"policy": "night", "subject_kind": "contact", "subject_id": ADA, "title": "Angry"}
# whoever may edit policies; taking a duty over oneself is open to more
POLICY_KEEPERS = ("sales_manager", "admin")
ESCALATIONS = (
    Operation("list_escalations", "GET", "/api/escalations", ("read:escalation",), KEEPERS),
    Operation("get_escalation", "GET", "/api/escalations/1", ("read:escalation",), KEEPERS),
    Operation(
        "open_escalation",
        "POST",
        "/api/escalations",
        ("write:escalation",),
        KEEPERS,
        CASE | {"subject_id": BEN},
        changes=True,
    ),
    Operation(
        "answer_escalation",
        "POST",
        "/api/escalations/1/answers",
        ("write:escalation",),
        KEEPERS,
        {"verb": "acknowledge"},
        changes=True,
    ),
    Operation("list_duty", "GET", "/api/duty", ("read:escalation_policy",)),
    Operation(
        "override_duty",
        "POST",
        "/api/duty/overrides",
        ("write:escalation_policy",),
        POLICY_KEEPERS,
        SWAP,
        changes=True,
    ),
    Operation(
        "cancel_duty_override",
        "DELETE",
        "/api/duty/overrides/1",
        ("write:escalation_policy",),
        POLICY_KEEPERS,
        changes=True,
    ),
)


async def furnish_escalations(api: httpx2.AsyncClient, key: str) -> None:
    """An open case about Ada and a duty that is swapped; policies are published."""
    headers = bearer(key)
    for source in (NIGHT, DUTY):
        await api.post("/api/definitions/publish", json={"source": source}, headers=headers)
    await api.post("/api/escalations", json=CASE, headers=headers)
    days = {"starts_at": "2026-03-01T00:00:00Z", "ends_at": "2026-09-01T00:00:00Z"}
    await api.post("/api/duty/overrides", json=SWAP | days, headers=headers)
