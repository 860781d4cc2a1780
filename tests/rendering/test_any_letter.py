"""Whatever people write into a letter, a check has an answer and loses nothing on the way."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import TemplateSyntaxError

from engine.rendering.marks import Marks, pieces
from engine.rendering.tags import tokens
from engine.services.templates.bundle import Bundle
from engine.services.templates.checking import check_bundle
from engine.services.templates.vocabulary import known_variables

KNOWN = known_variables()
META = "label: {en: a, zh: b}\npurpose: service\n"
SAMPLE = {"contact": {"first_name": "Ada", "tags": ["a", "b"]}}
BITS = [
    *("{{ contact.first_name }}", "{% if contact.city %}", "{% else %}", "{% endif %}", "{{", "}}"),
    *("{% for t in contact.tags %}", "{{ t }}", "{% endfor %}", "{# a #}", "{%- if x -%}"),
    *("{% raw %}", "{% endraw %}", "<p>", "</p>", "<table>", "<tr>", "<td>", "</td>", "</tr>"),
    *("</table>", '<a href="', '">', "'", '"', "<", ">", "&nbsp;", "<!--", "-->", "<td {{", "/>"),
    *("<style>", "</style>", "p{color:red}", "@media x{", "}", "<script>", "<title>", "</title>"),
    *("<mj-section>", "</mj-section>", "<mj-column>", "</mj-column>", "<mj-text>", "</mj-text>"),
    *('<mj-button href="', "<mj-raw>", "</mj-raw>", "<mj-wrapper>", "</mj-wrapper>", "<mj-all "),
    *(
        'style="color:#fff;font-size:1e9em"',
        "<![CDATA[",
        "你好",
        "👨‍👩‍👧",
        "\u202e",
        "\ue0f0",
        "\n",
    ),
    *("zqbbbj00000jbbbqz", "<![CDATA["),
]
TEXTS = st.lists(st.sampled_from(BITS), max_size=20).map("".join)
AROUND = [
    "{}",
    "<mjml><mj-body><mj-section><mj-column>{}</mj-column></mj-section></mj-body></mjml>",
    "<mjml><mj-body><mj-hero><mj-text>{}</mj-text></mj-hero></mj-body></mjml>",
    "<html><style>p {{ top: 0 }}</style><body><table>{}</table></body></html>",
]


@settings(max_examples=120, deadline=None)
@given(TEXTS, st.sampled_from(AROUND))
def test_a_check_has_an_answer_for_any_letter(text: str, around: str) -> None:
    form = "mjml" if "<mjml>" in around else "html"
    letter = around.replace("{}", text).replace("{{ top: 0 }}", "{ top: 0 }")
    files = {"meta.yaml": META, "subject.txt": "s", f"body.{form}": letter}
    checked = check_bundle(Bundle("hello", files), KNOWN, SAMPLE)
    assert checked.problems or checked.languages == ("en",)


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_taking_a_letter_apart_loses_nothing(text: str) -> None:
    assert "".join(token.text for token in tokens(text)) == text
    try:
        parts = list(pieces(text))
    except TemplateSyntaxError:
        return
    marks = Marks(text)
    masked = "".join(
        one.text if one.kind == "text" else marks.put(one.text, one.line) for one in parts
    )
    assert "{{" not in masked
    assert marks.back(masked) == "".join(one.text for one in parts)


@pytest.mark.parametrize("deep", ["<div>", "<table><tr><td>", "<p><b>"])
def test_deep_nesting_ends(deep: str) -> None:
    files = {"meta.yaml": META, "subject.txt": "s", "body.html": deep * 3_000 + "x"}
    assert check_bundle(Bundle("hello", files), KNOWN, SAMPLE).languages == ("en",)
