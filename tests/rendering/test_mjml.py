"""MJML compiled once: Jinja stays where it stood, and what would be lost is refused."""

from __future__ import annotations

import pytest

from engine.rendering import TemplateRefused, render_html
from engine.rendering.compiled import compiled
from engine.rendering.inlining import inline_styles
from engine.rendering.mjml import compile_mjml
from engine.rendering.text_part import text_template

LETTER = """<mjml>
<mj-head><mj-title>{{ sender.name }} says "hi"</mj-title><mj-preview>{{ preheader }}</mj-preview>
<mj-style inline="inline">.words p { color: red; }</mj-style></mj-head>
<mj-body>
{% if contact.first_name %}
<mj-section><mj-column>
<mj-text css-class="words"><p>Dear {{ contact.first_name }} 你 {% if contact.vip %}1 < 2{% endif %}</p></mj-text>
{% for order in orders %}
<mj-button href="{% if order.url %}{{ order.url }}{% else %}https://x.test/{% endif %}?n={{ order.number }}">Order {{ order.number }}</mj-button>
{% endfor %}
<mj-image src="https://x.test/a.png" alt="👨‍👩‍👧 of {{ contact.first_name }}" />
</mj-column></mj-section>
{% endif %}
</mj-body>
</mjml>"""  # noqa: E501 - as people write letters
FACTS = {
    "sender": {"name": "We"},
    "preheader": "Soon",
    "contact": {"first_name": "Ada"},
    "orders": [{"number": 7, "url": None}, {"number": 8, "url": "https://y.test/"}],
}


def body(inside: str) -> str:
    return f"<mjml>\n<mj-body>\n{inside}\n</mj-body></mjml>"


def column(inside: str) -> str:
    return body(f"<mj-section><mj-column>\n{inside}\n</mj-column></mj-section>")


def test_jinja_lives_through_mjml_and_inlining() -> None:
    made = compile_mjml(LETTER, "zh")
    html = render_html(inline_styles(made.html, made.css, own_styles=False), FACTS)
    assert '<html lang="zh"' in html
    assert '<p style="color: red;">Dear Ada 你 </p>' in html
    assert html.index("https://x.test/?n=7") < html.index("https://y.test/?n=8")
    assert 'alt="👨‍👩‍👧 of Ada"' in html
    assert "Soon" in html
    assert "zq" not in html
    assert "Dear" not in render_html(made.html, {**FACTS, "contact": {}})


def test_the_plain_text_of_mjml_is_a_template_too() -> None:
    source = text_template(compile_mjml(LETTER, "en").html)
    assert source is not None
    text = compiled(source, html=False).render(FACTS, language="en", zone="UTC")
    words = [line for line in text.splitlines() if line]
    assert words[0].strip() == "Dear Ada 你"
    assert words[1:3] == ["Order 7 <https://x.test/?n=7>", "Order 8 <https://y.test/?n=8>"]


def test_mjml_loads_no_fonts() -> None:
    assert "fonts.googleapis" not in compile_mjml(column("<mj-text>x</mj-text>"), "en").html


@pytest.mark.parametrize(
    ("source", "line", "code", "words"),
    [
        (column("<mj-txet>a</mj-txet>"), 4, "mjml", "did you mean <mj-text>"),
        (body("<mj-text>a</mj-text>"), 3, "mjml", "belongs in <mj-column> or <mj-hero>"),
        (column("<mj-text>a</mj-button>"), 4, "mjml", "never closed"),
        (column("words"), 3, "mjml", "stands between elements"),
        (column("{{ contact.first_name }}"), 4, "mjml", "put it into <mj-text>"),
        (column("<mj-include path='/etc/passwd' />"), 4, "not_allowed", "<mj-include>"),
        (column("<mj-text>{% if a %}</mj-text>"), 4, "syntax", "endif"),
        (body("<mj-wrapper>{% if a %}\n<mj-section />{% endif %}</mj-wrapper>"), 3, "moved", ""),
        (column('<mj-text\nfoo="{{ a }}">x</mj-text>'), 4, "moved", "has no effect"),
        (column("<mj-text>{{ a"), 5, "syntax", ""),
        ("<mjml><mj-head><mj-style>a{color:{{ x }}}</mj-style></mj-head></mjml>", 1, "not_allowed",
         "Styles"),
        ("plain words", 1, "mjml", "must begin with <mjml>"),
        ("", 1, "mjml", "must begin with <mjml>"),
    ],
)  # fmt: skip
def test_what_would_be_lost_is_refused_with_its_line(
    source: str, line: int, code: str, words: str
) -> None:
    with pytest.raises(TemplateRefused) as refused:
        compile_mjml(source, "en")
    found = [one for one in refused.value.problems if (one.line, one.code) == (line, code)]
    assert any(words in one.message for one in found), refused.value.problems


def test_styles_go_into_the_tags_and_media_queries_stay() -> None:
    html = (
        "<!DOCTYPE html><html><head><title>{{ a }}</title><style>td { color: red }"
        "@media (max-width: 9px) { td { color: blue } }</style></head><body><!--[if mso]>{{ b }}"
        "<![endif]--><table>{% for one in rows %}<tr><td title='{{ one }}'>{{ one }}&nbsp;</td>"
        "</tr>{% endfor %}</table></body></html>"
    )
    made = render_html(inline_styles(html), {"a": "A", "b": "B", "rows": ["<1>", "2"]})
    assert '<td title="&lt;1&gt;" style="color: red;">&lt;1&gt;&nbsp;</td>' in made
    assert "@media (max-width: 9px)" in made
    assert "<title>A</title>" in made
    assert made.count("<tr>") == 2
    assert "<table><tbody><tr>" in made


def test_a_letter_without_styles_is_left_as_it_is() -> None:
    html = "<p {% if a %}class='x'{% endif %}>{{ a }}</p>"
    assert inline_styles(html) is html


def test_no_style_sheet_is_fetched() -> None:
    html = (
        '<html><head><link rel="stylesheet" href="http://127.0.0.1:9/x.css"></head><style>p{top:0}'
    )
    assert "p style" in inline_styles(f"{html}</style><body><p>x</p></body></html>")


@pytest.mark.parametrize(
    "html",
    [
        "<html><style>a { color: {{ x }} }</style><body></body></html>",
        "<html><style>a { top: 0 }</style><body><a {% if x %}b{% endif %}>x</a></body></html>",
        "<style>a { top: 0 }</style><a>x</a>",
        "<html><style>a { top: 0 }</style><body>{{",
    ],
)
def test_jinja_that_inlining_would_move_is_refused(html: str) -> None:
    with pytest.raises(TemplateRefused):
        inline_styles(html)
