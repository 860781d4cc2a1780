"""Whatever is written as a template ends in a text or in one of our two errors."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.rendering import (
    RenderFailed,
    TemplateRefused,
    check_template,
    render_html,
    render_text,
    variables_of,
)
from engine.rendering.local_filters import DATE_SKELETONS, DATE_STYLES
from engine.rendering.sandbox import FILTERS
from engine.rendering.text_part import text_of_html, text_template

VALUES: dict[str, Any] = {
    "text": "Ada <b>",
    "number": 7,
    "huge": 10**400,
    "part": 2.5,
    "nan": float("nan"),
    "infinite": float("inf"),
    "exact": Decimal("1.50"),
    "yes": True,
    "nothing": None,
    "day": date(2026, 5, 31),
    "first_day": date.min,
    "moment": datetime(2026, 5, 31, 23, 30, tzinfo=UTC),
    "last_moment": datetime.max.replace(tzinfo=UTC),
    "money": {"minor": 1999, "currency": "EUR"},
    "odd_money": {"minor": "x", "currency": None},
    "list": ["a", 1, None, {"name": "x"}],
    "group": {"name": "Ada", "list": [1, 2]},
    "": "empty name",
}
NAMES = [*VALUES, "unknown", "loop", "item", "self", "_place"]
TOKENS = [
    *("{{ ", " }}", "{% ", " %}", "{#", "#}", "(", ")", "[", "]", ".", ",", "|", "~", "+", "-"),
    *("*", "/", "//", "**", "%", "==", "<", ">=", "not ", " and ", " or ", " in ", " is ", ":"),
    *("if ", "else ", "elif ", "endif", "for ", "endfor", "set ", "raw", "endraw", "include "),
    *("1", "0", "1e9", "'x'", '"', "'", "\\", "\n", "<p>", "</p>", "<a href='", "&amp;", "\0", "é"),
    *NAMES,
    *FILTERS,
]
operators = st.sampled_from(["+", "-", "*", "/", "~", "==", "<", "in"])
expressions = st.recursive(
    st.sampled_from([*(f"data.{name}" for name in NAMES if name), *NAMES, "1", "-2", "'x'", "2.5"]),
    lambda inner: st.one_of(
        st.builds(
            "{}|{}".format, inner, st.sampled_from([*FILTERS, "money('EUR')", "plural('a', 'b')"])
        ),
        st.builds("{}|date('{}')".format, inner, st.sampled_from([*DATE_STYLES, *DATE_SKELETONS])),
        st.builds("{}|truncate({})".format, inner, inner),
        st.builds("{}|join({})".format, inner, inner),
        st.builds(
            "({} {} {})".format,
            inner,
            st.sampled_from(["+", "-", "*", "/", "~", "==", "<", "in"]),
            inner,
        ),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("{}.{}".format, inner, st.sampled_from([name for name in NAMES if name])),
        st.builds("{}[{}]".format, inner, inner),
    ),
    max_leaves=6,
)
blocks = st.one_of(
    st.builds("{{{{ {} }}}}".format, expressions),
    st.builds("{{% if {} %}}x{{{{ {} }}}}{{% endif %}}".format, expressions, expressions),
    st.builds(
        "{{% for item in {} %}}{{{{ item }}}}{{{{ loop.index }}}}{{{{ {} }}}}{{% endfor %}}".format,
        expressions,
        expressions,
    ),
)
sources = st.one_of(
    st.lists(st.sampled_from(TOKENS), max_size=25).map("".join),
    st.lists(blocks, max_size=4).map("<p>".join),
    st.text(max_size=60),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    source=sources,
    language=st.sampled_from(["en", "zh-CN", "", "x" * 50, "ar", "de_AT"]),
    zone=st.sampled_from(["UTC", "Asia/Singapore", "America/St_Johns"]),
)
def test_a_template_ends_in_a_text_or_in_one_of_our_errors(
    source: str, language: str, zone: str
) -> None:
    problems = check_template(source, ["data.text", "data.list", "text"])
    facts = {**VALUES, "data": VALUES}
    for render in (render_text, render_html):
        try:
            render(source, facts, language=language, zone=zone)
        except RenderFailed:
            continue
        except TemplateRefused:
            assert problems, "what is refused when run is reported when checked"
    variables_of(source)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(source=st.lists(st.sampled_from([*TOKENS, "<div>", "<table>", "<td>", "</a>"])).map("".join))
def test_any_letter_has_a_text(source: str) -> None:
    assert isinstance(text_of_html(source), str)
    text = text_template(source)
    assert text is None or isinstance(text, str)
