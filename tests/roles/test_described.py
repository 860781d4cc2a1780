"""The documentation and the pages know every permission that is asked anywhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import designer
import engine
from designer.access.words import FIELD_NAMES, GROUP_NAMES, KIND_NAMES, SCOPE_NAMES, VERB_NAMES
from engine.services.actor import SENSITIVE, Kind, Scope, Verb
from engine.services.roles.asked import GROUPS, asked
from engine.services.roles.described import page

ROOT = Path(engine.__file__).parent.parent
_ASKED = re.compile(
    r"(?:allowed|allowed_some|may|allowed_record|those_allowed|scope_of|is_visible|allowed_on"
    rf"|visible)\(\s*(?:[\w.]+,\s*){{1,2}}\"({'|'.join(get_args(Verb))})\",\s*\"([a-z_]+)\""
)


def test_the_page_about_roles_is_the_table() -> None:
    words = "write it anew: python -m engine.services.roles.described > docs/roles.md"
    assert (ROOT / "docs" / "roles.md").read_text("utf-8") == page(), words


def test_whatever_is_asked_can_be_given() -> None:
    known, found = asked(), set()
    for package in (engine, designer):
        for path in Path(package.__file__ or "").parent.rglob("*.py"):
            found |= set(_ASKED.findall(path.read_text("utf-8")))
    assert len(found) > 60
    assert {(verb, kind) for verb, kind in found if verb not in known.get(kind, ())} == set()


def test_every_kind_and_verb_has_a_place_and_words() -> None:
    assert set(asked()) == set(get_args(Kind)) == set(KIND_NAMES)
    assert set(VERB_NAMES) == set(get_args(Verb))
    assert set(SCOPE_NAMES) == set(get_args(Scope))
    assert set(FIELD_NAMES) == set(SENSITIVE)
    assert set(GROUP_NAMES) == set(GROUPS)
