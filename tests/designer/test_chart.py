"""What a chart hands on: arrays for the drawing, words for the table, a file nobody runs."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from designer.components.chart.drawing import packed
from designer.components.chart.series import (
    NUMBERS,
    SHARES,
    Series,
    csv_lines,
    has_something,
    money_in,
    table_rows,
)
from designer.formats import Formats
from engine.services.message_results.csv_text import table

FORMATS = Formats("en", "UTC")


def test_values_are_written_in_their_unit() -> None:
    assert SHARES.words(0.125, FORMATS) == "12.5%"
    assert money_in("EUR").words(123_450, FORMATS) == "€1,234.50"
    assert money_in("JPY").words(1_200, FORMATS) == "JP¥1,200"
    assert NUMBERS.words(None, FORMATS) == "–"


def test_a_gap_is_a_dash_in_the_table_and_empty_in_the_file() -> None:
    series = [Series("Opened", [0.5, None]), Series("Short", [1])]
    rows = table_rows(series, ["a", "b"], NUMBERS, FORMATS)
    assert [[cell.text for cell in row.cells] for row in rows] == [
        ["a", "0.5", "1"],
        ["b", "–", "–"],
    ]
    assert list(csv_lines("Day", series, ["a", "b"]))[2] == ["b", None, None]


def test_a_name_that_is_a_formula_is_defused_in_the_file() -> None:
    written = table(csv_lines("Link", [Series("=cmd()", [1])], ["@evil"]))
    assert written == "Link,'=cmd()\r\n'@evil,1\r\n"


def test_zeros_and_a_limit_alone_are_nothing_to_see() -> None:
    assert not has_something([Series("Sent", [0, None]), Series("Most", [50, 50], "limit")])
    assert has_something([Series("Sent", [0, 1])])


@given(st.lists(st.text(), max_size=4), st.text())
def test_texts_of_users_travel_as_values_and_never_as_keys(names: list[str], title: str) -> None:
    """ECharts' options are made in the browser; what travels has no keys at all."""
    sent = packed([Series(title, [1.0] * len(names))], names)
    assert json.loads(json.dumps(sent)) == [names, [[title, "usual", [1.0] * len(names)]]]
