"""What a chain may say, and what is refused with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.approvals import KIND, Chain
from engine.definitions import World, located, read_definition
from engine.errors import Problem
from engine.people import Directory, Person, Team
from engine.working_time import WorkingCalendar
from tests.approvals.office import BEN, EVE, WEEK, directory

READY = sorted((Path(__file__).parents[2] / "templates" / "approvals").glob("*.yaml"))
HEAD = "approval_chain: c\n"
LEVEL = "levels: [{key: a, approvers: [{user: eve@example.com}]}]\n"


def problems_of(source: str, world: World | None = None) -> list[str]:
    """Each as "line code"."""
    draft = read_definition(source, "c.yaml")
    found: list[Problem] = []
    chain = KIND.model(draft.document, found)
    if chain is not None and not found:
        found += KIND.check(chain, world or World(directory=directory()))
    told = located(found, draft.places)
    return [f"{one.place.split(':')[1]} {one.code}" for one in told]


@pytest.mark.parametrize("path", READY, ids=lambda path: path.stem)
def test_ready_chains_hold(path: Path) -> None:
    draft = read_definition(path.read_text(), path.name)
    found: list[Problem] = []
    chain = KIND.model(draft.document, found)
    assert found == []
    assert isinstance(chain, Chain)
    everybody = directory()
    assert not KIND.check(chain, World())
    assert not KIND.check(chain, World(directory=everybody, calendars={"": WEEK}))
    assert all(level.label_zh for level in chain.levels)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (
            "currency: EUR\nbands:\n- {from: 0, to: 500, levels: [a]}\n"
            "- {from: 400, levels: [a]}\n" + LEVEL,
            ["5 overlapping_bands"],
        ),
        (
            "currency: EUR\nbands:\n- {from: 0, to: 500, levels: [a]}\n"
            "- {from: 600, levels: [a]}\n" + LEVEL,
            ["5 band_gap"],
        ),
        ("currency: EUR\nbands:\n- {from: 0, to: 5, levels: [a]}\n" + LEVEL, ["4 band_gap"]),
        ("currency: EUR\nbands:\n- {from: 1, levels: [a]}\n" + LEVEL, ["4 band_gap"]),
        ("currency: EUR\nbands:\n- {from: 0, levels: [b]}\n" + LEVEL, None),
        ("currency: XYZ\nbands:\n- {from: 0, levels: [a]}\n" + LEVEL, ["4 bad_value"]),
        ("bands:\n- {from: 0, levels: [a]}\n" + LEVEL, None),
        ("levels:\n- key: a\n  approvers: [{team: South}]\n", ["4 empty_team"]),
        ("levels:\n- key: a\n  approvers: [{team: West}]\n", ["4 unknown_team"]),
        ("levels:\n- key: a\n  approvers: [{team_head: South}]\n", ["4 no_team_head"]),
        ("levels:\n- key: a\n  approvers: [{role: viewer}]\n", ["4 empty_role"]),
        ("levels:\n- key: a\n  approvers: [{role: boss}]\n", ["4 unknown_role"]),
        ("levels:\n- key: a\n  approvers: [{user: no@example.com}]\n", ["4 unknown_person"]),
        ("levels:\n- key: a\n  approvers: [{field: deal.nothing}]\n", ["4 unknown_field"]),
        (
            "levels:\n- key: a\n  approvers: [{user: eve@example.com}]\n  quorum: {n_of: 2}\n",
            ["5 quorum_too_large"],
        ),
        (
            (
                "levels:\n- key: a\n  quorum: {weighted: {needed: 4}}\n"
                "  approvers: [{user: eve@example.com, weight: 3}]\n"
            ),
            ["4 quorum_too_large"],
        ),
        ("levels:\n- key: a\n  approvers: [{role: rep, team: North}]\n", ["4 bad_value"]),
        (
            (
                "levels:\n- key: a\n  approvers:\n  - user: eve@example.com\n"
                '    when: {"==": [{"var": "deal.nothing"}, 1]}\n'
            ),
            ["6 unknown_field"],
        ),
        ("levels: []\n", None),
        ("calendar: night\n" + LEVEL, ["2 unknown_calendar"]),
        ("calendar: closed\n" + LEVEL, ["2 no_working_time"]),
    ],
)
def test_what_cannot_hold_is_refused_with_its_place(source: str, told: list[str] | None) -> None:
    people = directory()
    teams = {**people.teams, "South": Team("South")}
    closed = WorkingCalendar(((),) * 7)
    world = World(
        directory=Directory(people.people, teams, {}), calendars={"": WEEK, "closed": closed}
    )
    found = problems_of(HEAD + source, world)
    assert found
    assert told is None or found == told


def test_people_who_manage_each_other_in_a_circle_are_named() -> None:
    people = {
        BEN: Person(BEN, "Ben", None, "rep", manager_id=EVE),
        EVE: Person(EVE, "Eve", None, "rep", manager_id=BEN),
    }
    source = "levels:\n- key: a\n  approvers: [{manager_of: {of: requester}}]\n"
    draft = read_definition(HEAD + source, "c.yaml")
    chain = KIND.model(draft.document, [])
    assert chain is not None
    [problem] = KIND.check(chain, World(directory=Directory(people)))
    assert problem.code == "manager_circle"
    assert "Ben, Eve" in problem.message
