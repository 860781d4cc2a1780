"""The templates that come with Cadenza, for everybody they may be sent to."""

from __future__ import annotations

from typing import Any

import lxml.html  # type: ignore[import-untyped]
import pytest

from engine.services.templates import RenderedMessage, TemplateLibrary
from engine.services.templates.vocabulary import LINKS
from tests.messages.people import library

URL = "https://crm.cadenza.test/u/token"
SHIPPED = library().names()
NOBODY: dict[str, Any] = {
    "contact": {"id": 1, "email": "x@example.com"},
    "account": None,
    "sender": {"name": "Cadenza", "address": "hello@cadenza.test"},
}
WRITTEN = {name: f"https://crm.cadenza.test/{name}" for name in LINKS} | {"unsubscribe_url": URL}


@pytest.fixture(scope="module")
def templates() -> TemplateLibrary:
    return library()


def written(
    templates: TemplateLibrary, name: str, facts: dict[str, Any], language: str
) -> RenderedMessage:
    return templates.render(name, facts, language=language, zone="Asia/Singapore", links=WRITTEN)


def test_the_ready_templates_are_there(templates: TemplateLibrary) -> None:
    assert {"offer", "welcome", "win_back", "win_back_offer"} <= set(templates.names())


def test_every_template_speaks_both_languages(templates: TemplateLibrary) -> None:
    for name in templates.names():
        assert {"en", "zh"} <= set(templates.languages(name))
        assert templates.meta(name).label.en
        assert templates.meta(name).label.zh


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("known", ["sample", "nobody"])
def test_a_template_is_written_for_anybody(
    templates: TemplateLibrary, name: str, language: str, known: str
) -> None:
    facts = templates.sample() if known == "sample" else NOBODY
    message = written(templates, name, facts, language)
    assert message.language == language
    assert message.subject
    assert "\n" not in message.subject
    for words in (message.subject, message.html, message.text):
        assert "None" not in words
        assert "{{" not in words
        assert "{%" not in words
    # a service message is no advertisement that one could unsubscribe from
    assert (URL in message.text) == (templates.meta(name).purpose == "marketing")
    assert "<td" not in message.text
    if known == "sample":
        assert "Ada" in message.html
        assert "Ada" in message.text


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_letter_is_accessible_and_loads_nothing(
    templates: TemplateLibrary, name: str, language: str
) -> None:
    html = written(templates, name, templates.sample(), language).html
    tree = lxml.html.document_fromstring(html)
    assert tree.get("lang") == language
    assert all(table.get("role") == "presentation" for table in tree.iter("table"))
    assert len(list(tree.iter("h1"))) == 1
    assert not [*tree.iter("script"), *tree.iter("link")]
    styles = " ".join(style.text or "" for style in tree.iter("style"))
    assert "url(" not in styles
    assert "@import" not in styles
    assert all(image.get("alt") is not None for image in tree.iter("img"))
    links = {link.get("href") for link in tree.iter("a")}
    assert links <= {*WRITTEN.values(), "https://example.com/"}
    assert (URL in links) == (templates.meta(name).purpose == "marketing")
    assert len(html.encode()) < 20_000


@pytest.mark.parametrize("name", SHIPPED)
def test_a_contacts_own_words_are_never_markup(templates: TemplateLibrary, name: str) -> None:
    facts = templates.sample()
    facts["contact"]["first_name"] = "<img src=x onerror=alert(1)>"
    facts["account"]["name"] = "</td><script>"
    html = written(templates, name, facts, "en").html
    assert "<img" not in html
    assert "<script>" not in html
