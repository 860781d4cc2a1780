"""The plain text made from a letter."""

from __future__ import annotations

from engine.rendering import render_text
from engine.rendering.text_part import text_of_html, text_template, tidy


def test_links_are_written_out_and_hidden_parts_left_out() -> None:
    html = (
        "<html><head><title>no</title><style>p{}</style></head><body>"
        '<div style="display: none">no</div><!-- no --><script>no</script>'
        '<p>Read <a href="https://example.com/a?b=1&amp;c=2"><b>more</b></a>, please.</p>'
        '<p><a href="https://example.com">https://example.com</a> <a href="#top">up</a></p>'
        '<p><a href="mailto:ada@example.com">write</a> <img src="x" alt="A flower"></p>'
        "</body></html>"
    )
    assert text_of_html(html) == (
        "Read more <https://example.com/a?b=1&c=2>, please.\n\n"
        "https://example.com up\n\nwrite <ada@example.com> A flower\n"
    )


def test_the_template_of_the_text_has_the_values_and_conditions_of_the_letter() -> None:
    html = (
        "<h1>Hello {{ contact.first_name | default('<you>') }}</h1>"
        "{% if contact.vip > 0 %}<p>Dear VIP &amp; friend</p>{% endif %}"
        "<ul>{% for o in orders %}<li>{{ o }}</li>{% endfor %}</ul>"
        '<a href="{{ url }}">Stop</a>{# a remark #}'
    )
    source = text_template(html)
    assert source is not None
    facts = {"contact": {"vip": 1}, "orders": ["one", "two"], "url": "https://x.test/?a=1&b=2"}
    text = tidy(render_text(source, facts))
    assert text.splitlines()[0] == "Hello <you>"
    assert "Dear VIP & friend" in text
    assert "  * one" in text
    assert "Stop <https://x.test/?a=1&b=2>" in text
    assert "remark" not in text


def test_a_condition_in_a_hidden_part_sends_the_text_the_long_way() -> None:
    html = '<div style="display:none">{% if a %}x{% endif %}</div><p>y</p>'
    assert text_template(html) is None


def test_a_condition_inside_a_tag_sends_the_text_the_long_way() -> None:
    assert text_template('<p {% if a %}class="x"{% endif %}>y</p>') is None


def test_nothing_makes_nothing() -> None:
    assert text_of_html("  ") == ""
    assert text_of_html("<!-- only -->") == "\n" or text_of_html("<!-- only -->") == ""
