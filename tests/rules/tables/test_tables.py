from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.rules.tables import (
    Code,
    HitPolicy,
    Output,
    OutputType,
    Row,
    Table,
    TableRefused,
    check_table,
    compile_table,
    from_csv,
    from_document,
    to_csv,
)
from engine.rules.tables.table import plain_any
from engine.rules.wording.because import because
from tests.rules.adversarial import CATALOGUE

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
OUTPUTS = (Output("team", OutputType.TEXT), Output("hours", OutputType.NUMBER))
ROUTING = Table(
    "routing",
    "Who gets a lead",
    HitPolicy.FIRST,
    ("contact.country", "account.employee_count"),
    OUTPUTS,
    (
        Row(("SG, MY", ">= 100"), ("apac_large", "2")),
        Row(("SG, MY", "any"), ("apac", "8")),
        Row(("any", ">= 1000"), ("enterprise", "4")),
        Row(("any", "any"), ("inbound", "24")),
    ),
)


def ask(table: Table, **facts: Any) -> list[int]:
    decision = compile_table(table, CATALOGUE).evaluate(facts, NOW)
    return [hit.row for hit in decision.hits]


ADA = {"contact": {"country": "SG"}, "account": {"employee_count": 5_000}}
BEN = {"contact": {"country": "DE"}, "account": None}


def test_the_first_row_that_holds_answers_with_typed_values_and_its_reason() -> None:
    decision = compile_table(ROUTING, CATALOGUE).evaluate(ADA, NOW)
    assert decision.outputs == {"team": "apac_large", "hours": 2}
    (hit,) = decision.hits
    assert hit.row == 1
    assert hit.why is not None
    assert because(hit.why, "en", CATALOGUE) == (
        'because country is "SG", one of "SG", "MY" and account employees is 5000, at least 100'
    )
    assert ask(ROUTING, **BEN) == [4]


def test_all_rows_that_hold_answer_in_order() -> None:
    assert ask(replace(ROUTING, hit=HitPolicy.ALL), **ADA) == [1, 2, 3, 4]


def test_the_highest_score_wins_and_of_equals_the_earlier_row() -> None:
    rows = [
        replace(row, score=score) for row, score in zip(ROUTING.rows, (1, 7, 7, 0), strict=True)
    ]
    scored = replace(ROUTING, hit=HitPolicy.HIGHEST, rows=tuple(rows))
    assert ask(scored, **ADA) == [2]
    with pytest.raises(TableRefused) as refused:
        from_document(replace(scored, rows=ROUTING.rows).document())
    assert {problem.code for problem in refused.value.problems} == {Code.MISSING_SCORE}


def test_no_row_that_holds_is_no_answer() -> None:
    decision = compile_table(replace(ROUTING, rows=ROUTING.rows[:2]), CATALOGUE).evaluate(BEN, NOW)
    assert decision.outputs is None


def test_outputs_of_every_type() -> None:
    kinds = [OutputType.BOOLEAN, OutputType.DATE, OutputType.MONEY, OutputType.TEXT]
    outputs = tuple(Output(f"o{at}", kind) for at, kind in enumerate(kinds))
    row = Row(("any",), ("no", "2026-03-31", "12.50 EUR", ""))
    table = Table("t", "t", HitPolicy.FIRST, ("contact.city",), outputs, (row,))
    assert compile_table(table, CATALOGUE).answers[0] == {
        "o0": False,
        "o1": date(2026, 3, 31),
        "o2": {"minor": 1250, "currency": "EUR"},
        "o3": None,
    }


def test_a_row_may_hold_a_whole_rule() -> None:
    rule = '{"done": ["Visited Pricing", ">=", 2, ["in_last", 7, "days"]]}'
    rows = (Row((rule,), ("hot", "1")), Row(("any",), ("cold", "")))
    table = Table("t", "t", HitPolicy.FIRST, ("rule",), OUTPUTS, rows)
    event = {"name": "Visited Pricing", "occurred_at": NOW}
    assert ask(table, events=[event, event]) == [1]
    assert ask(table, events=[event]) == [2]


def test_every_wrong_cell_is_told_at_once_by_row_and_column() -> None:
    rows = (Row(("SG", "many"), ("a", "soon")), Row(('"', "> 1"), ("b", "1")))
    with pytest.raises(TableRefused) as refused:
        compile_table(replace(ROUTING, rows=rows), CATALOGUE)
    assert [(one.code, one.row, one.column) for one in refused.value.problems] == [
        (Code.BAD_CELL, 1, "account.employee_count"),
        (Code.BAD_CELL, 2, "contact.country"),
        (Code.BAD_OUTPUT, 1, "hours"),
    ]
    with pytest.raises(TableRefused) as refused:
        compile_table(replace(ROUTING, columns=("contact.contry", "deal.stage")), CATALOGUE)
    assert {one.column for one in refused.value.problems} == {"contact.contry", "deal.stage"}


def found(table: Table) -> list[tuple[Code, int | None, tuple[int, ...]]]:
    problems = check_table(compile_table(table, CATALOGUE), CATALOGUE)
    assert all(problem.warning for problem in problems)
    return [(one.code, one.row, one.others) for one in problems]


def test_dead_rows_overlaps_and_gaps_are_told_by_row() -> None:
    assert found(ROUTING) == [(Code.OVERLAP, 3, (1, 2))]
    rows = (
        Row(("SG", "any"), ("a", "")),
        Row(("SG", "> 5"), ("b", "")),
        Row(("not SG", "> 5 and < 3"), ("c", "")),
    )
    assert found(replace(ROUTING, rows=rows)) == [
        (Code.NEVER_REACHED, 2, (1,)),
        (Code.NEVER_TRUE, 3, ()),
        (Code.GAP, None, ()),
    ]


def test_rows_that_answer_alike_may_overlap() -> None:
    rows = (
        Row(("SG", "any"), ("a", "1")),
        Row(("any", "> 5"), ("a", "1")),
        Row(("any", "any"), ("b", "")),
    )
    assert found(replace(ROUTING, rows=rows)) == []


def test_a_gap_is_shown_by_a_record_that_no_row_takes() -> None:
    table = replace(
        ROUTING, rows=(Row(("known", "<= 39"), ("a", "")), Row(("any", ">= 40"), ("b", "")))
    )
    compiled = compile_table(table, CATALOGUE)
    (gap,) = check_table(compiled, CATALOGUE)
    assert gap.example is not None
    assert compiled.evaluate(gap.example, NOW).outputs is None


def test_a_table_survives_csv_and_its_stored_form() -> None:
    assert from_csv(to_csv(ROUTING)) == ROUTING
    assert from_document(ROUTING.document()) == ROUTING
    text = to_csv(ROUTING)
    assert text.startswith("\ufefftable,routing\r\n")
    assert '"SG, MY",>= 100,apac_large,2\r\n' in text


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
risky = st.one_of(
    cells,
    st.sampled_from(["=1+1", "@x", "-", "-5", "'=a", "''", "+cmd|' /C'!A0", " =x", "\t=", "a\nb"]),
)


@given(st.lists(st.tuples(risky, risky, risky), min_size=1, max_size=5), st.booleans())
@settings(max_examples=150, deadline=None, derandomize=True, database=None)
def test_csv_is_lossless_and_no_cell_is_a_formula(
    lines: list[tuple[str, str, str]], scored: bool
) -> None:
    rows = tuple(
        Row((plain_any(when),), (then, "1"), 2.5 if scored else None, note)
        for when, then, note in lines
    )
    table = Table("t", "A label", HitPolicy.ALL, ("contact.city",), OUTPUTS, rows)
    text = to_csv(table)
    assert from_csv(text) == table
    import csv
    import io

    for line in csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")):
        for cell in line:
            assert cell.lstrip()[:1] not in ("=", "@", "+") or cell.lstrip("+").isdecimal()


def test_a_spreadsheets_semicolons_are_read() -> None:
    text = "table;t\nhit;all\nwhen contact.city;then x: number\nBonn;5\n-;6\n"
    table = from_csv(text)
    assert (table.columns, table.hit) == (("contact.city",), HitPolicy.ALL)
    assert table.rows == (Row(("Bonn",), ("5",)), Row(("any",), ("6",)))


@pytest.mark.parametrize("text", ["", "table,t\n", "table,t\nwhat,ever\na,b\n", "x" * 9_000_000])
def test_what_is_no_table_is_refused(text: str) -> None:
    with pytest.raises(TableRefused):
        from_csv(text)


def test_a_thousand_rows_compile_and_answer_quickly() -> None:
    rows = tuple(
        Row((f"C{at % 40}", f"{at // 40 * 10} to {at // 40 * 10 + 9}"), ("t", str(at)))
        for at in range(1_000)
    )
    table = replace(ROUTING, rows=rows)
    begun = time.process_time()
    compiled = compile_table(table, CATALOGUE)
    assert time.process_time() - begun < 2
    begun = time.process_time()
    facts = {"contact": {"country": "C39"}, "account": {"employee_count": 245}}
    for _ in range(20):
        assert compiled.evaluate(facts, NOW).hits[0].row == 1_000
    assert (time.process_time() - begun) / 20 < 0.01
