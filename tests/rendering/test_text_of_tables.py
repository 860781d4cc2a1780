"""What stands in a condition or loop among rows and cells stays in it in the plain text too."""

from __future__ import annotations

from typing import Any

import pytest

from engine.rendering import render_html
from engine.rendering.text_part import text_of_html, text_template
from engine.services.templates.assembling import assemble
from engine.services.templates.bundle import Bundle
from engine.services.templates.ready import made_ready, write_message
from engine.services.templates.vocabulary import known_variables

META = "label: {en: N, zh: N}\npurpose: service\n"
_IF = "{% if contact.score > 90 %}"
_ROWS = f"<tr><td>Tea</td></tr>{_IF}<tr><td>Code</td><td>SAVE50</td></tr>{{% endif %}}"
_ELSE = f"{_IF}<tr><td>SAVE50</td></tr>{{% else %}}<tr><td>none</td></tr>{{% endif %}}"
_FOR = "{% for tag in contact.tags %}<tr><td>{{ tag }}</td></tr>{% endfor %}"
_OTHER = '<a href="https://y.test/">'
LETTERS = [
    f"<table>{_ROWS}</table>",
    f"<table><tbody>{_ELSE}</tbody></table>",
    f"<table>{_FOR}</table>",
    "<table><tr>{% for tag in contact.tags %}<td>{{ tag }}</td>{% endfor %}</tr></table>",
    f"<table><tr><td>a<br>b</td><td>{_IF}SAVE50<br>more{{% endif %}}</td></tr></table>",
    f"<table><tr><td>{_IF}</td><td>SAVE50</td><td>{{% endif %}}</td></tr></table>",
    "<table>{{ contact.first_name }}<tr><td>x</td></tr></table>",
    f'<p>{_IF}<a href="https://x.test/SAVE50">{{% else %}}{_OTHER}{{% endif %}}here</a></p>',
]


@pytest.mark.parametrize("letter", LETTERS)
@pytest.mark.parametrize("score", [5, 95])
def test_the_text_says_what_the_letter_says(letter: str, score: int) -> None:
    facts = {"contact": {"score": score, "tags": ["a", "b"], "first_name": "Ada"}}
    message = _written({"body.html": letter}, facts)
    html = render_html(letter, facts)
    assert message.text == text_of_html(html)
    assert ("SAVE50" in message.text) is ("SAVE50" in html)


@pytest.mark.parametrize("rows", [_ROWS, _ELSE])
def test_so_does_the_text_of_a_table_in_mjml(rows: str) -> None:
    body = f"<mjml><mj-body><mj-section><mj-column><mj-table>{rows}</mj-table></mj-column>"
    body += "</mj-section></mj-body></mjml>"
    assert "SAVE50" not in _written({"body.mjml": body}, {"contact": {"score": 5}}).text
    assert "SAVE50" in _written({"body.mjml": body}, {"contact": {"score": 95}}).text


@pytest.mark.parametrize(
    "letter",
    [
        f"<table><tr><td>Dear {_IF}friend{{% else %}}you{{% endif %}}</td></tr></table>",
        f'<table role="presentation">{_IF}<tr><td>x</td></tr>{{% endif %}}</table>',
        f'<p>{_IF}<a href="https://x.test/">x</a>{{% endif %}}</p>',
    ],
)
def test_where_nothing_moves_no_letter_is_read_again(letter: str) -> None:
    assert text_template(letter) is not None


@pytest.mark.parametrize("value", ["A\ufffeda", "A\uffffda", "A\x01da", "A\x1fda", "A\ud800da"])
def test_what_xml_cannot_hold_is_left_out_of_the_text(value: str) -> None:
    html = f'<p>Hi <a href="https://x.test/{value}">{value}</a> <img src="x" alt="{value}"></p>'
    assert text_of_html(html) == "Hi Ada <https://x.test/Ada> Ada\n"


def _written(files: dict[str, str], facts: dict[str, Any]) -> Any:
    bundle = Bundle("t", {"meta.yaml": META, "subject.txt": "x", **files}, {})
    made = assemble(bundle, known_variables())
    assert made.problems == []
    return write_message(made_ready(made, "v1"), facts, language="en", zone="UTC", links={})
