from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from string import Formatter

import pytest

import designer.i18n
from designer.i18n import LANGUAGES, as_language, preferred, translator
from designer.i18n.translator import CATALOGUES
from tests.designer.written_texts import texts_in_source

NOTHING_TO_TRANSLATE = {
    "Message-ID",
    "Webhook",
    "“{subject}”",
    "{first}, {second}",
    "{name}: {value}",
    "{when} by {who}",
}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_text_is_in_every_catalogue() -> None:
    written = texts_in_source()
    assert len(written) > 200
    missing = {text: place for text, place in written.items() if text not in CATALOGUES["zh-CN"]}
    assert missing == {}


def test_no_catalogue_keeps_texts_that_nobody_says() -> None:
    assert set(CATALOGUES["zh-CN"]) - set(texts_in_source()) == set()


def test_a_text_is_translated_in_one_place() -> None:
    parts = (Path(designer.i18n.__file__).parent / "zh-CN").glob("*.json")
    texts = Counter(text for part in parts for text in json.loads(part.read_text("utf-8")))
    assert [text for text, times in texts.items() if times > 1] == []


def test_translations_have_the_same_placeholders() -> None:
    differing = {
        text: said
        for text, said in CATALOGUES["zh-CN"].items()
        if placeholders(text) != placeholders(said)
    }
    assert differing == {}


def test_chinese_texts_are_chinese() -> None:
    without = [
        text
        for text, said in CATALOGUES["zh-CN"].items()
        if not re.search("[一-鿿]", said) and text not in NOTHING_TO_TRANSLATE
    ]
    assert without == []


def test_the_singular_is_said_in_english_alone() -> None:
    one, many = "{count} order, {sum}", "{count} orders, {sum}"
    assert translator("en").n(one, many, 1, sum="5") == "1 order, 5"
    assert translator("en").n(one, many, 2000, sum="5") == "2,000 orders, 5"
    assert translator("zh-CN").n(one, many, 1, sum="5") == "1 个订单，合计 5"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("de-DE,de;q=0.9,en;q=0.5", "en"),
        ("fr, zh-Hans;q=0.2", "zh-CN"),
        ("en;q=0.1, zh;q=0.9", "zh-CN"),
        ("", "en"),
        ("*;q=what", "en"),
    ],
)
def test_the_browsers_preference_is_followed(header: str, language: str) -> None:
    assert preferred(header) == language


def test_only_languages_we_speak_are_chosen() -> None:
    assert as_language("ZH_tw") == "zh-CN"
    assert as_language("tlh") is None
    assert set(LANGUAGES) == set(CATALOGUES)
