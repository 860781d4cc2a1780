"""`docs/rules.md` is complete and current, and everything in it works."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from engine.rules import Catalogue, parse
from engine.rules.documentation import CUSTOMERS, PARTS, example_rule, groups, written, written_out
from engine.rules.operators import Operator, all_operators
from engine.rules.operators.arguments import KINDS
from engine.rules.to_sql import NotInSql, condition
from engine.services.fact_columns import CONTACTS
from tests.rules.adversarial import NOW, ZONE

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"
OPERATORS = list(all_operators().values())
FACTS: list[dict[str, Any]] = [
    {},
    {"contact": {}, "account": None, "orders": [], "events": []},
    {
        "contact": {"country": "SG", "score": 12, "tags": ["vip"], "lifecycle_stage": "customer"},
        "event": {"name": "Signed Up", "properties": {}},
        "orders": [{"status": "paid", "item_count": 3, "total": {"minor": 100, "currency": "EUR"}}],
        "events": [{"name": "Message Opened", "occurred_at": NOW, "properties": {}}],
    },
]


def text() -> str:
    return PAGE.read_text("utf-8")


def test_the_page_is_what_the_register_says() -> None:
    assert written(text()) == text(), "run `python -m engine.rules.documentation docs/rules.md`"


def test_every_kind_of_argument_is_used_and_explained() -> None:
    used = {kind for entry in OPERATORS for one in entry.arguments for kind in one.kinds}
    assert used == KINDS.keys()
    for label in KINDS.values():
        assert label.en
        assert label.zh


def test_a_page_without_a_place_for_the_operators_is_refused() -> None:
    with pytest.raises(ValueError, match="<!-- operators -->"):
        written(text().replace("<!-- operators -->", ""))


def test_every_operator_has_its_paragraph_and_every_group_its_heading() -> None:
    page = text()
    for entry in OPERATORS:
        assert page.count(f"#### `{entry.name}` · ") == 1
    assert len(re.findall("^### ", PARTS["operators"](), re.MULTILINE)) == len(groups())


@pytest.mark.parametrize("entry", OPERATORS, ids=lambda entry: entry.name)
def test_an_operator_documents_all_that_its_users_ask(entry: Operator) -> None:
    assert entry.arguments, "say what it takes with argument(...)"
    assert {kind for one in entry.arguments for kind in one.kinds} <= KINDS.keys()
    assert entry.gives in KINDS
    assert entry.means.en.endswith(".")
    assert entry.means.zh.endswith("。")
    assert entry.when_absent
    assert bool(entry.sql) != bool(entry.expand), "show either its SQL or what it is short for"


@pytest.mark.parametrize("entry", OPERATORS, ids=lambda entry: entry.name)
def test_an_example_is_read_asked_explained_and_compiled(entry: Operator) -> None:
    rule = example_rule(entry)
    for facts in FACTS:
        assert rule.explain(facts, NOW, ZONE).truth is rule.holds(facts, NOW, ZONE)
    try:
        assert str(condition(rule, CONTACTS, NOW, ZONE))
    except NotInSql:
        # what belongs to an event or deal at hand is no column of a contact
        assert rule.reads.records & {"event", "deal", "ticket"}


@pytest.mark.parametrize(
    "entry", [entry for entry in OPERATORS if entry.expand], ids=lambda entry: entry.name
)
def test_what_a_macro_is_short_for_means_the_same(entry: Operator) -> None:
    whole = json.loads(
        json.dumps(entry.example).replace(
            json.dumps(_use(entry.name, entry.example)), json.dumps(written_out(entry))
        )
    )
    rule = parse(whole, Catalogue.standard(), event_rule=True, segments={"customers": CUSTOMERS})
    assert rule.root == example_rule(entry).root


def _use(name: str, document: Any) -> Any:
    """The part of a document that an operator stands at the top of."""
    if isinstance(document, dict) and name in document:
        return document
    parts = document.values() if isinstance(document, dict) else document
    for part in parts if not isinstance(parts, str | int | float) else ():
        if isinstance(part, dict | list) and (found := _use(name, part)) is not None:
            return found
    return None


def test_the_rules_in_the_words_around_are_rules() -> None:
    blocks = re.findall(r"```json\n(.*?)```", text(), re.DOTALL)
    assert blocks
    for block in blocks:
        parse(json.loads(block), Catalogue.standard(), event_rule=False)
