"""Texts of a template without a page: parts, places, comparison, details, waiting."""

from __future__ import annotations

import asyncio
import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from designer.i18n import translator
from designer.template_editor.latest import Latest
from designer.template_editor.meta_text import changed, document_of, has_remarks, text_of
from designer.template_editor.new_template import suggested_name
from designer.template_editor.parts import (
    file_of,
    in_order,
    languages_in,
    name_for,
    stands_in,
    with_language,
    without_language,
)
from designer.template_editor.places import Spot, spot_of
from designer.template_editor.policy_words import rule_words
from designer.template_editor.side_by_side import changes_between, compared
from designer.template_editor.starts import blank, copied
from designer.template_editor.uploading import stored_name
from engine.sending.reading import read_policy
from engine.services.files.keeping import NAME as FILE_NAME
from engine.services.templates.assembling import assemble
from engine.services.templates.bundle import META, NAME, Bundle, part_of
from engine.services.templates.vocabulary import known_variables
from tests.browser.serve import shipped_templates

FILES = {
    META: "label: {en: News, zh: 新闻}\npurpose: service\n",
    "subject.txt": "Hello\n",
    "body.html": "<p>Hello</p>\n",
    "subject.zh.txt": "您好\n",
    "body.zh.mjml": "<mj-section></mj-section>\n",
    "short.txt": "Hi\n",
}
TAGS = st.sampled_from(["de", "fr", "pt-BR", "zh-Hant"])


def test_parts_are_found_by_language() -> None:
    assert languages_in(FILES, "en") == ("en", "zh")
    assert file_of(FILES, "letter", "zh", "en") == "body.zh.mjml"
    assert file_of(FILES, "short", "zh", "en") is None
    assert in_order(FILES)[:3] == [META, "subject.txt", "body.html"]


@given(TAGS, st.sampled_from(["en", "zh"]))
def test_a_language_comes_and_goes_without_a_trace(tag: str, source: str) -> None:
    more = with_language(FILES, tag, "en", source)
    assert all(part_of(file) or file == META for file in more)
    added = file_of(more, "letter", tag, "en")
    assert added is not None
    assert more[added] == FILES[file_of(FILES, "letter", source, "en") or ""]
    assert without_language(more, tag, "en") == FILES


def test_the_own_language_needs_no_name() -> None:
    assert name_for("letter", "en", "en", "mjml") == "body.mjml"
    assert name_for("text", "zh", "en") == "body.zh.txt"


def test_who_gets_which_language() -> None:
    assert stands_in("zh-TW", ("en", "zh"), {}) == "zh"
    assert stands_in("pt-BR", ("en", "es"), {"pt": "es"}) == "es"
    assert stands_in("ko", ("en", "es"), {}) == "en"


@pytest.mark.parametrize(
    ("place", "message", "code", "spot"),
    [
        ("body.html:12", "x", "syntax", Spot("body.html", 12)),
        (META, "label: missing", "bad_meta", Spot(META)),
        ("news (zh)", "x", "clipped", Spot(language="zh")),
        ("news", 'has no subject in "fr", but', "incomplete_language", Spot(language="fr")),
        ("_frames/letter.html:3", "x", "syntax", Spot()),
        ("other/meta.yaml", "x", "unknown_topic", Spot(META)),
        ("", "x", "too_much_work", Spot()),
    ],
)
def test_a_problem_leads_to_its_place(place: str, message: str, code: str, spot: Spot) -> None:
    assert spot_of(place, message, code, FILES) == spot


LINES = st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=30)


@given(LINES, LINES)
def test_both_texts_are_in_their_comparison(left: list[str], right: list[str]) -> None:
    lines = compared("\n".join(left), "\n".join(right))
    for line in lines:
        if line.left is not None:
            assert left[line.left - 1] == line.left_text
        if line.right is not None:
            assert right[line.right - 1] == line.right_text
        assert (line.change == "same") <= (line.left_text == line.right_text)
    gone = {at for at, _ in enumerate(left, 1)} - {one.left for one in lines}
    if gone:  # only what is the same on both sides is left out
        assert any(one.change == "gap" for one in lines)
    assert (left == right) == all(one.change in ("same", "gap") for one in lines)


def test_only_files_that_differ_are_compared() -> None:
    found = changes_between(FILES, {**FILES, "short.txt": "Ho\n", "body.txt": "x"}, in_order(FILES))
    assert [(one.file, one.change) for one in found] == [("short.txt", "changed")]


def test_one_entry_of_the_details_is_changed() -> None:
    source = "label: {en: A, zh: 甲}\npurpose: service\nodd: 1\n"
    text = changed(source, "topic", "tips")
    assert text is not None
    assert yaml.safe_load(text) == {**yaml.safe_load(source), "topic": "tips"}
    assert changed(source, "purpose", "service") == source
    assert changed("a: [", "topic", "tips") is None
    assert document_of("- a") is None
    assert "topic" not in (changed(text, "topic", "") or "")
    assert has_remarks("a: 1 # why") is True


@pytest.mark.parametrize("form", ["html", "mjml", "short"])
@pytest.mark.parametrize("purpose", ["marketing", "service"])
def test_a_blank_template_can_be_published_at_once(form: str, purpose: str) -> None:
    files = blank(form, "Spring: a “letter”", purpose)
    made = assemble(Bundle("spring", files, shipped_templates().frames), known_variables())
    assert made.problems == []


def test_a_copy_has_its_own_label() -> None:
    files = copied(FILES, "Mine")
    assert yaml.safe_load(files[META])["label"] == {"en": "Mine", "zh": "Mine"}
    assert {**files, META: ""} == {**FILES, META: ""}
    assert text_of({"label": {"en": "x"}, "topic": ""}) == "label:\n  en: x\n"


@given(st.text(max_size=90))
def test_suggested_names_are_names(text: str) -> None:
    assert re.fullmatch(FILE_NAME, stored_name(f"{text}.pdf"))
    name = suggested_name(text)
    assert not name or NAME.fullmatch(name)


def test_rules_of_the_policy_are_said_in_words() -> None:
    t = translator("en")
    rule = {"most": 3, "per": "week", "medium": ["sms"], "topic": "tips"}
    assert read_policy({"caps": [rule]})[1] == []
    said = "Marketing · Text message · tips: at most 3 a week to one person."
    assert rule_words("caps", rule, t) == said
    assert rule_words("caps", {"most": 3}, t) == ""
    weekly = {"topic": "tips", "every": "weekly", "on": "fri", "at": "09:00"}
    assert rule_words("digests", weekly, translator("zh-CN")) == (
        "“tips”主题的消息合并，于星期五 09:00 发送。"
    )


async def test_the_last_ask_wins_and_others_are_left_out() -> None:
    begun, free = [], asyncio.Event()
    asked = 0

    async def work() -> None:
        begun.append(asked)
        await free.wait()

    latest = Latest(work, 0)
    latest.ask()
    latest.ask()
    asked = 3
    while not begun:
        await asyncio.sleep(0)
    asked = 4
    latest.ask()
    asked = 5
    latest.ask()
    assert latest.waits
    free.set()
    while latest.waits:
        await asyncio.sleep(0)
    await latest.now()
    assert begun == [3, 5]


async def test_what_waits_is_done_at_once_when_it_must_be() -> None:
    begun = []

    async def work() -> None:
        begun.append(1)

    latest = Latest(work, 3600)
    await latest.now()
    assert begun == []
    latest.ask()
    await latest.now()
    assert (begun, latest.waits) == ([1], False)
    latest.ask()
    latest.close()
    latest.ask()
    await asyncio.sleep(0)
    assert begun == [1]
