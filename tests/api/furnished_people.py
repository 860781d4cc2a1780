"""Operations on people, teams, absences and definitions, and what has to be there for them."""

from __future__ import annotations

import httpx2

from tests.api.furnished_assignments import RULES
from tests.api.operation import KEEPERS, Operation
from tests.api.people import bearer

SALES = ("admin", "sales_manager")
POLICY = "escalation_policy: night\nlevels: [{to: owner, after: %s}]\n"
PEOPLE_AND_RULES = (
    Operation("list_people", "GET", "/api/people", ("read:team",)),
    Operation("list_people_findings", "GET", "/api/people/findings", ("read:team",)),
    Operation("list_teams", "GET", "/api/teams", ("read:team",)),
    Operation(
        "add_team",
        "POST",
        "/api/teams",
        ("write:team", "read:team"),
        SALES,
        {"name": "West"},
        changes=True,
    ),
    Operation(
        "put_team",
        "PUT",
        "/api/teams/1",
        ("write:team", "read:team"),
        SALES,
        {"name": "North"},
        changes=True,
    ),
    Operation("delete_team", "DELETE", "/api/teams/1", ("write:team",), SALES, changes=True),
    Operation(
        "add_team_members",
        "POST",
        "/api/teams/1/members",
        ("write:team",),
        SALES,
        {"user_ids": [1]},
        changes=True,
    ),
    Operation("list_absences", "GET", "/api/absences", ("read:absence",)),
    Operation(
        "add_absence",
        "POST",
        "/api/absences",
        ("write:absence",),
        KEEPERS,
        {"starts_at": "2026-09-01T00:00:00Z", "ends_at": "2026-09-02T00:00:00Z"},
        changes=True,
    ),
    Operation(
        "put_absence",
        "PUT",
        "/api/absences/1",
        ("write:absence", "read:absence"),
        SALES,
        {"user_id": 1, "starts_at": "2026-09-01T00:00:00Z", "ends_at": "2026-09-02T00:00:00Z"},
        changes=True,
    ),
    Operation(
        "delete_absence",
        "DELETE",
        "/api/absences/1",
        ("write:absence", "read:absence"),
        SALES,
        changes=True,
    ),
    Operation(
        "list_definitions",
        "GET",
        "/api/definitions?kind=escalation_policy",
        ("read:escalation_policy",),
    ),
    Operation(
        "check_definition",
        "POST",
        "/api/definitions/check",
        ("read:escalation_policy",),
        body={"source": POLICY % "1h"},
    ),
    Operation(
        "publish_definition",
        "POST",
        "/api/definitions/publish",
        ("write:escalation_policy",),
        SALES,
        {"source": POLICY % "9h"},
        changes=True,
    ),
    Operation(
        "get_definition",
        "GET",
        "/api/definitions/escalation_policy/night",
        ("read:escalation_policy",),
    ),
    Operation(
        "get_definition_version",
        "GET",
        "/api/definitions/escalation_policy/night/versions/1",
        ("read:escalation_policy",),
    ),
    Operation(
        "publish_definition_version",
        "POST",
        "/api/definitions/escalation_policy/night/versions/1/publish",
        ("write:escalation_policy", "read:escalation_policy"),
        SALES,
        changes=True,
    ),
    Operation(
        "retire_definition",
        "POST",
        "/api/definitions/escalation_policy/night/retire",
        ("write:escalation_policy",),
        SALES,
        changes=True,
    ),
)


async def furnish_people(api: httpx2.AsyncClient, key: str) -> None:
    """A team, an absence, two versions of a policy, and the rules of assignment."""
    headers = bearer(key)
    await api.post("/api/teams", json={"name": "East"}, headers=headers)
    day = {"starts_at": "2026-08-01T00:00:00Z", "ends_at": "2026-08-02T00:00:00Z"}
    await api.post("/api/absences", json=day | {"user_id": 1}, headers=headers)
    for hours in ("1h", "2h"):
        source = {"source": POLICY % hours}
        await api.post("/api/definitions/publish", json=source, headers=headers)
    await api.post("/api/definitions/publish", json={"source": RULES}, headers=headers)
