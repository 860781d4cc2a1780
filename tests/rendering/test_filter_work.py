"""How much filters may do: a template that passed its check meets contacts with more in them."""

from __future__ import annotations

import pytest

from engine.rendering import RenderFailed, render_html, render_text
from engine.rendering.limits import MAX_FILTER_WORK, MAX_VALUE_CHARACTERS


def _joins(depth: int) -> str:
    separator = '", "'
    for _ in range(depth):
        separator = f"contact.tags | join({separator})"
    return f"{{{{ ({separator}) | length }}}}"


@pytest.mark.parametrize("depth", [4, 6, 12])
def test_a_join_of_joins_is_given_up_before_it_is_made(depth: int) -> None:
    with pytest.raises(RenderFailed) as failed:
        render_text(_joins(depth), {"contact": {"tags": ["tag-number-01"] * 30}})
    assert failed.value.code == "too_long"


def test_fixed_lists_are_not_joined_while_the_template_is_compiled() -> None:
    items = ",".join(['"a"'] * 100)
    source = '", "'
    for _ in range(6):
        source = f"[{items}] | join({source})"
    with pytest.raises(RenderFailed):
        render_text(f"{{{{ ({source}) | length }}}}", {})


@pytest.mark.parametrize(
    "source",
    [
        "{% for a in many %}{% for b in ten %}{{ a | upper | length }}{% endfor %}{% endfor %}",
        "{% for a in ten %}{% for b in ten %}" + "{{ long | upper | length }}" * 5 + "{% endfor %}"
        "{% endfor %}",
        "{% for a in ten %}{% if ("
        + " ~ ".join(["long"] * 300)
        + ") == 1 %}{% endif %}{% endfor %}",
    ],
)
def test_filters_and_texts_put_together_are_counted(source: str) -> None:
    facts = {"many": ["x"] * 499, "ten": ["x"] * 10, "long": "x" * 60_000}
    for render in (render_text, render_html):
        with pytest.raises(RenderFailed) as failed:
            render(source, facts)
        assert failed.value.code == "too_much_work"


def test_a_letter_with_a_thousand_lines_is_written() -> None:
    source = "{% for o in orders %}{{ o.name | upper }} {{ o.sum | money('EUR') }};{% endfor %}"
    orders = [{"name": "tea", "sum": 100}] * 1_000
    assert render_text(source, {"orders": orders}).count("TEA") == 1_000


def test_a_filter_makes_nothing_longer_than_could_be_printed() -> None:
    with pytest.raises(RenderFailed) as failed:
        render_text("{{ a | urlencode | length }}", {"a": "ä" * (MAX_VALUE_CHARACTERS // 4)})
    assert failed.value.code == "too_long"
    assert MAX_FILTER_WORK < 20_000


def test_what_is_put_together_must_be_printable_and_stays_safe() -> None:
    assert render_html('{{ "<i>" ~ a }}', {"a": "<b>"}) == "&lt;i&gt;&lt;b&gt;"
    with pytest.raises(RenderFailed) as failed:
        render_text('{{ "x" ~ a }}', {"a": ["b"]})
    assert failed.value.code == "not_printable"
