"""The definitions we ship are right, and every kind has some."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.definitions import DefinitionKind, World, located, read_definition
from engine.definitions_known import KINDS
from engine.errors import Problem

ROOT = Path(__file__).parents[2] / "templates"
FOLDERS = {
    DefinitionKind.PIPELINE: "pipelines",
    DefinitionKind.APPROVAL: "approvals",
    DefinitionKind.ESCALATION: "escalations",
    DefinitionKind.ASSIGNMENT: "assignments",
}
FILES = sorted(path for folder in FOLDERS.values() for path in (ROOT / folder).glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_ready_definition_is_right(path: Path) -> None:
    draft = read_definition(path.read_text("utf-8"), path.name)
    assert draft.name == path.stem
    assert FOLDERS[draft.kind] == path.parent.name
    # each names what it needs from the others, and all of it is shipped
    names = {
        kind: frozenset(one.stem for one in FILES if one.parent.name == folder)
        for kind, folder in FOLDERS.items()
    }
    problems: list[Problem] = []
    model = KINDS[draft.kind].model(draft.document, problems)
    assert not located(problems, draft.places)
    found = KINDS[draft.kind].check(model, World(names=names))
    assert not located(found, draft.places)


def test_every_kind_is_known_and_has_ready_definitions() -> None:
    assert set(KINDS) == set(DefinitionKind)
    assert {path.parent.name for path in FILES} == set(FOLDERS.values())
