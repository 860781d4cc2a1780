"""Segments and the rule builder, as the person who makes one meets them."""

from __future__ import annotations

from typing import Any

from nicegui import ui
from sqlalchemy import text

from crm_store.session import Store
from designer.components.data_table import DataTable
from designer.rule_builder import CANCELLED, RuleField, rule_dialog
from designer.rule_builder.answers import Answers
from designer.rule_builder.bench import Bench
from designer.rule_builder.builder import RuleBuilder
from designer.rule_builder.offers import found, offers
from designer.rule_builder.times import moment_of, read_moment
from designer.rule_builder.values import merged, money_of
from designer.segments.new_segment import name_from
from engine.rules import Catalogue
from engine.rules.building.choices import Place
from engine.services import segment_door
from engine.services.actor import SYSTEM
from engine.services.segments.editing import Edit, NewSegment
from tests.designer.conftest import Visit
from tests.designer.seeded_runs import NOW

# tenths of a second: counting waits until somebody has stopped typing
PATIENCE = 100
CUSTOMERS = {"==": [{"var": "contact.lifecycle_stage"}, "customer"]}


async def make(store: Store, name: str, rule: Any) -> None:
    async with store.transaction() as session:
        await segment_door.create(session, SYSTEM, NewSegment(name, name.title(), None, rule), NOW)


async def choose(visit: Visit, words: str) -> None:
    """Add a condition on what is found by these words."""
    visit.user.find(marker="add-condition").click()
    await visit.user.should_see(marker="field-search", retries=PATIENCE)
    visit.user.find(marker="field-search").type(words)
    visit.user.find(marker="field-search").trigger("keydown.enter")


async def test_a_segment_is_made_with_the_builder(visit: Visit, seeded: Store) -> None:
    await visit.user.open("/segments/new")
    await visit.user.should_see("holds for everybody", retries=PATIENCE)
    visit.user.find(marker="segment-label").type("People in Nigeria")
    await choose(visit, "country")
    await visit.user.should_see("Something is still to be chosen.", retries=PATIENCE)
    visit.user.find(marker="save-segment").click()
    await visit.user.should_see("nothing in it may be left open", retries=PATIENCE)
    visit.user.find(marker="rule-value").type("NG")
    await visit.user.should_see('country is "NG"', retries=PATIENCE)
    await visit.user.should_see("1 contact", retries=PATIENCE)
    visit.user.find(marker="rule-sample").click()
    await visit.user.should_see("Ada Okafor", retries=PATIENCE)
    visit.user.find(marker="save-segment").click()
    await visit.user.should_see("Used by", retries=PATIENCE)
    async with seeded.transaction() as session:
        kept = (await session.execute(text("SELECT name, rule FROM segment"))).one()
    assert tuple(kept) == ("people_in_nigeria", {"==": [{"var": "contact.country"}, "NG"]})
    await visit.user.open("/segments")
    await visit.user.should_see(DataTable)
    (table,) = visit.user.find(DataTable).elements
    assert [row.address for row in table.rows] == ["/segments/people_in_nigeria"]


async def test_an_empty_list_teaches(visit: Visit) -> None:
    await visit.user.open("/segments")
    await visit.user.should_see("A segment is a rule with everybody it holds for")
    await visit.user.should_see("Make the first one")


async def test_a_rule_is_changed_after_its_effect_was_said(visit: Visit, seeded: Store) -> None:
    await make(seeded, "customers", CUSTOMERS)
    await visit.user.open("/segments/customers")
    await visit.user.should_see('lifecycle stage is "customer"', retries=PATIENCE)
    visit.user.find(marker="edit-rule").click()
    await visit.user.should_see("Use this rule", retries=PATIENCE)
    visit.user.find(marker="join-none").click()
    await visit.user.should_see('lifecycle stage is not "customer"', retries=PATIENCE)
    visit.user.find(marker="use-rule").click()
    await visit.user.should_see("by the new rule", retries=PATIENCE)
    # somebody else was faster: nobody's work is written over
    async with seeded.transaction() as session:
        edit = Edit(label="Buyers")
        await segment_door.edit(session, SYSTEM, "customers", edit, NOW, "*")
    visit.user.find(marker="save-rule").click()
    await visit.user.should_see("Somebody else has changed it meanwhile", retries=PATIENCE)
    async with seeded.transaction() as session:
        (rule,) = (await session.execute(text("SELECT rule FROM segment"))).one()
    assert rule == CUSTOMERS


async def test_people_are_put_on_a_list_by_hand(visit: Visit, seeded: Store) -> None:
    async with seeded.transaction() as session:
        await segment_door.create(session, SYSTEM, NewSegment.by_hand("guests", "Guests"), NOW)
    await visit.user.open("/segments/guests")
    await visit.user.should_see("Nobody is in it", retries=PATIENCE)
    visit.user.find(marker="list-emails").type("ada@example.test, nobody@example.test")
    visit.user.find(marker="list-add").click()
    await visit.user.should_see("1 contact came on it.", retries=PATIENCE)
    await visit.user.should_see("Nobody is known as: nobody@example.test")
    (table,) = [one for one in visit.user.find(DataTable).elements if one.rows]
    assert [row.cells[0].text for row in table.rows] == ["Ada Okafor"]


async def test_the_builder_takes_back_and_marks_mistakes(visit: Visit) -> None:
    built: list[Any] = []
    wrong = {"and": [{"==": [{"var": "contact.no_such"}, 1]}, {"member_of": ["gone"]}]}

    @ui.page("/bench")
    async def page() -> None:
        bench = _bench(visit, wrong)
        builder = RuleBuilder(bench)
        Answers(bench, builder.focus)
        built.append(bench)

    await visit.user.open("/bench")
    await visit.user.should_see("This cannot be read yet.", retries=PATIENCE)
    await visit.user.should_see('There is no fact "contact.no_such" to read here.')
    await visit.user.should_see('There is no segment "gone".')
    visit.user.find(marker="join-any").click()
    assert "or" in built[0].document
    visit.user.find(marker="rule-undo").click()
    assert built[0].document == wrong
    visit.user.find(marker="rule-redo").click()
    assert "or" in built[0].document


def _bench(visit: Visit, rule: Any) -> Bench:
    from designer.runtime import Designer
    from designer.visitor import current
    from engine.services.sign_in import SignIns

    signs = SignIns(visit.runtime.store, visit.runtime.now)
    bench = Bench(Designer(visit.runtime, signs), current(), Catalogue.standard())
    bench.begin(rule)
    return bench


def test_a_search_finds_fields_by_both_languages_and_offers_properties() -> None:
    from designer.i18n import translator

    t, catalogue = translator("en"), Catalogue.standard()
    place = Place(catalogue.reachable(event_rule=True), event_rule=True)
    known = offers(place, catalogue, t)
    assert [one.name for one in found(known, "生日", place, t)][:1] == ["Birthday"]
    last = found(known, "cart.total", place, t)[-1]
    assert last.operand is not None
    assert last.name == "Property “cart.total”"
    without = Place(catalogue.reachable(event_rule=False))
    assert not found(known, "cart.total", without, t)
    inside = Place((), items="orders")
    assert "Status" in [one.name for one in offers(inside, catalogue, t)]


def test_values_are_written_as_rules_have_them() -> None:
    assert money_of(12.5, "EUR") == {"money": [1250, "EUR"]}
    assert money_of(1000, "JPY") == {"money": [1000, "JPY"]}
    assert money_of(None, "EUR") is None
    assert moment_of("day", 3, "days", "before") == {"moment": ["day", "-P3D"]}
    assert moment_of("month", 0, "days", "before") == {"moment": ["month"]}
    assert read_moment({"moment": ["day", "-P3D"]}) == ("day", 3, "days", "before")
    assert merged((1, 2), ((5, 6))) == (5, 6)
    assert name_from("Keen people, abroad!") == "keen_people_abroad"
    assert name_from("优质客户") == ""


def test_what_others_use_is_offered_as_it_was_agreed() -> None:
    assert callable(rule_dialog)
    assert issubclass(RuleField, ui.element)
    assert CANCELLED is not None
