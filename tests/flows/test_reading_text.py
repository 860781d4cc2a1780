"""The part of YAML that flows are written in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.flows.problems import Code
from engine.flows.written import MAX_BYTES, read_text
from tests.flows.reading import load, refused, with_steps


def value_of(text: str) -> Any:
    return read_text(f"key: {text}\n", "trial.yaml").data["key"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"),
        ("NO", "NO"),
        ("yes", "yes"),
        ("y", "y"),
        ("2026-05-31", "2026-05-31"),
        ("12:30:45", "12:30:45"),
        ("007", "007"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        (".nan", ".nan"),
        ("+5", "+5"),
        ("=", "="),
        ("~", None),
        ("null", None),
        ("", None),
        ("true", True),
        ("FALSE", False),
        ("-12", -12),
        ("3.0", 3),
        ("1e3", 1000),
        ("2.5", 2.5),
        ('"5"', "5"),
        ("'true'", "true"),
        ('""', ""),
    ],
)
def test_a_word_means_the_same_here_as_in_json(text: str, value: object) -> None:
    read = value_of(text)
    assert read == value
    assert type(read) is type(value)


def test_keys_are_always_texts() -> None:
    assert read_text("on: 1\ntrue: 2\n5: 3\n", "trial.yaml").data == {"on": 1, "true": 2, "5": 3}


def test_json_is_read_too_with_its_escapes_and_tabs() -> None:
    document = {
        "flow": "x",
        "label": 'Grüße 🎂 "quoted" \\ud83d / 完',
        "list": [1, 2.5, None, True],
    }
    for text in (json.dumps(document), json.dumps(document, indent="\t", ensure_ascii=False)):
        assert read_text(text, "trial.json").data == document


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm() -> None:
    text = b"\xef\xbb\xbf" + with_steps("done: {do: exit}").replace("\n", "\r\n").encode()
    assert load(text).name == "trial"


@pytest.mark.parametrize("size", [MAX_BYTES + 1, 5 * MAX_BYTES])
def test_a_file_above_the_limit_is_refused_unread(size: int) -> None:
    for text in ("#" * size, b"\xff" * size):
        assert [problem.code for problem in refused(text)] == [Code.FILE_TOO_LARGE]


def test_the_limit_counts_bytes() -> None:
    text = "# " + "完" * (MAX_BYTES // 3)
    assert [problem.code for problem in refused(text)] == [Code.FILE_TOO_LARGE]


def test_a_file_of_too_many_words_stops_early() -> None:
    (problem,) = refused("flow: [" + "1," * 400_000 + "]")
    assert problem.code is Code.FILE_TOO_LARGE


def test_a_large_sound_file_is_read() -> None:
    lines = [f"s{i}: {{do: wait, for: 3d, next: s{i + 1}}}" for i in range(5_000)]
    flow = load(with_steps("\n".join([*lines, "s5000: {do: exit}"])))
    assert len(flow.nodes) == 5_001


def test_half_a_surrogate_pair_is_refused() -> None:
    assert [problem.code for problem in refused("flow: \ud800")] == [Code.NOT_TEXT]
    assert [problem.code for problem in refused('{"flow": "\\ud800"}')] == [Code.SYNTAX]


def test_a_deep_or_endless_nesting_stops_early() -> None:
    for text in ("[" * 500_000, "{a: " * 200_000, "- " * 400_000):
        assert [problem.code for problem in refused(text)][-1] is Code.TOO_DEEP


def test_at_most_a_hundred_problems_are_told() -> None:
    assert len(refused("flow: x\n" * 5_000)) == 100
    assert len(refused(with_steps("\n".join(f"a{i}: 1" for i in range(300))))) == 100


def test_columns_count_characters_and_not_bytes() -> None:
    (problem,) = refused(with_steps("done: {do: exit}").replace("service", "服务"))
    assert (problem.line, problem.column) == (2, 10)
