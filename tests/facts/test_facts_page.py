"""The catalogue says of each fact where it comes from, and the page says all that it does."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.cli.facts import page
from engine.rules import Catalogue, RuleRefused, parse
from engine.rules.provenance import CHANGE_LABELS, ORIGIN_LABELS, Change, Origin
from engine.rules.standard_facts.rfm import BANDS
from tests.facts.purchases import NOW

PAGE = Path(__file__).parents[2] / "docs" / "facts.md"
RECORDS = Catalogue.standard().records


def test_the_page_is_the_one_the_command_prints() -> None:
    assert PAGE.read_text("utf-8") == page(), "run `cadenza facts > docs/facts.md`"


def test_every_fact_is_on_the_page_in_both_languages() -> None:
    rows = [line.split(" | ") for line in PAGE.read_text("utf-8").splitlines()]
    told = {(row[1], row[2]) for row in rows if len(row) == 6}
    for facts in RECORDS.values():
        for fact in facts.values():
            assert (fact.label.en, fact.label.zh) in told


def test_every_origin_and_change_has_words_and_is_used() -> None:
    facts = [fact for facts in RECORDS.values() for fact in facts.values()]
    assert {fact.origin for fact in facts} == set(Origin) == set(ORIGIN_LABELS)
    assert {fact.change for fact in facts} == set(Change) == set(CHANGE_LABELS)


def test_every_label_of_a_fact_is_its_own_within_its_record() -> None:
    for facts in RECORDS.values():
        labels = [fact.label.en for fact in facts.values()]
        assert len(set(labels)) == len(labels)
        assert len({fact.label.zh for fact in facts.values()}) == len(labels)


def test_a_derived_fact_names_the_records_it_follows() -> None:
    catalogue = Catalogue.standard()
    assert ("contact", "total_spent") in catalogue.following("order")
    assert ("contact", "rfm_band") in catalogue.following("order")
    assert ("contact", "open_tickets") in catalogue.following("ticket")
    assert ("contact", "open_deal_amount") in catalogue.following("deal")
    assert not catalogue.following("account")
    for fact in RECORDS["contact"].values():
        assert fact.is_derived == bool(fact.follows)


def test_texts_are_offered_what_stands_in_the_record_only() -> None:
    catalogue = Catalogue.standard()
    offered = [path for path, _ in catalogue.readable(event_rule=False, derived=False)]
    assert "contact.first_name" in offered
    assert "contact.order_count" not in offered
    assert "contact.messages_sent_7_days" not in offered


def test_a_band_has_words_in_both_languages() -> None:
    assert len({band.label.zh for band in BANDS}) == len(BANDS)


@pytest.mark.parametrize(
    "of", [{"var": "account.annual_revenue"}, {"money": [1, "EUR"]}, {"var": "contact.score"}]
)
def test_an_amount_that_is_kept_in_no_base_currency_is_refused(of: object) -> None:
    with pytest.raises(RuleRefused) as refused:
        parse({">": [{"in_base": [of]}, 1]}, Catalogue.standard(), event_rule=False)
    [problem] = refused.value.problems
    assert (problem.code, problem.pointer) == ("wrong_type", "/>/0/in_base/0")


def test_an_amount_in_the_base_currency_is_a_number() -> None:
    rule = parse(
        {">": [{"in_base": [{"var": "deal.amount"}]}, 100]},
        Catalogue.standard(),
        event_rule=False,
        subject="deal",
    )
    assert rule.reads.fields == {("deal", "amount", "base")}
    assert rule.holds({"deal": {"amount": {"base": 101}}}, NOW)
    assert not rule.holds({"deal": {"amount": {"base": None}}}, NOW)
