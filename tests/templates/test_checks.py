"""What a check says about a template: what to mend, what would be better, and where."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.services.templates.bundle import Bundle
from engine.services.templates.checking import CLIPPED_BYTES, Checked, check_bundle
from engine.services.templates.folder import read_folder
from engine.services.templates.vocabulary import known_variables

META = "label: {en: Hello, zh: 你好}\npurpose: service\n"
MARKETING = META.replace("service", "marketing")
_OUT = "{{ unsubscribe_url }}"
SAMPLE = {"contact": {"first_name": "Ada", "tags": ["a"]}, "sender": {"name": "We"}}
KNOWN = known_variables()


def check(**files: str) -> Checked:
    """`body_html="..."` is the file body.html."""
    texts = {"meta.yaml": META, "subject.txt": "Hello", "body.html": "<p>Hello</p>"}
    texts.update({name.replace("__", "-").replace("_", "."): text for name, text in files.items()})
    frames = {
        "card.mjml": "<mjml>\n<mj-body>\n<!-- content -->\n<mj-sectoin/></mj-body></mjml>",
        "plain.html": "<html>\n<style>p { top: 0 }</style><body>\n<!-- content -->\n</body></html>",
    }
    return check_bundle(
        Bundle("hello", {k: v for k, v in texts.items() if v}, frames), KNOWN, SAMPLE
    )


def found(checked: Checked) -> set[tuple[str, str]]:
    return {(one.place, one.code) for one in (*checked.problems, *checked.warnings)}


def test_a_good_template_is_left_alone() -> None:
    checked = check(body_zh_html="<p>您好</p>", subject_zh_txt="您好")
    assert found(checked) == set()
    assert checked.languages == ("en", "zh")
    assert checked.bytes == len("<p>您好</p>".encode())


@pytest.mark.parametrize(
    ("files", "place", "code"),
    [
        ({"body_html": "<p>x</p>\n<a href='/x'>x</a>"}, "body.html:2", "relative_link"),
        ({"body_html": "<img src='cid:a'>"}, "body.html:1", "missing_alt"),
        ({"body_html": "<p style='color:#ddd'>x</p>"}, "hello (en)", "low_contrast"),
        ({"body_html": f"<p>{'x' * CLIPPED_BYTES}</p>"}, "hello (en)", "clipped"),
        ({"subject_txt": "x" * 71}, "hello (en)", "long_subject"),
        ({"body_html": "<a href='https://example.com'>x</a>", "body_txt": "x"}, "hello (en)",
         "no_links_in_text"),
        ({"subject_txt": "Hi {{ contact.first_name }}"}, "hello (en)", "may_be_held"),
        ({"subject_txt": "{{ contact.city }}"}, "hello (en)", "cannot_be_written"),
        ({"meta_yaml": META + "defaults: {contact.frist_name: x}"}, "meta.yaml",
         "unknown_variable"),
        ({"meta_yaml": META + "defaults: {contact.city: {zh: x}}",
          "body_html": "{% if contact.city %}{{ contact.city }}{% endif %}"}, "meta.yaml",
         "no_default"),
        ({"meta_yaml": META + "topic: A b"}, "meta.yaml", "bad_meta"),
        ({"meta_yaml": ""}, "meta.yaml", "unreadable"),
        ({"meta_yaml": "label: &a {en: x, zh: y}\nhelp: *a"}, "meta.yaml:2", "yaml"),
        ({"meta_yaml": "label: 2026-02-31"}, "meta.yaml", "yaml"),
        ({"sample_yaml": "contact: Ada"}, "sample.yaml", "bad_sample"),
        ({"body_mjml": "<mjml></mjml>"}, "body.mjml", "twice"),
        ({"body_html": "", "body_mjml": "<mjml>\n<mj-bdoy/></mjml>"}, "body.mjml:2", "mjml"),
        ({"body_html": "", "body_mjml": "<mj-section/>\n<mj-sectoin/>",
          "meta_yaml": META + "frame: card"}, "body.mjml:2", "mjml"),
        ({"body_html": "", "body_mjml": "<mj-section/>\n<mj-section/>",
          "meta_yaml": META + "frame: card"}, "_frames/card.mjml:4", "mjml"),
        ({"body_html": "<p>x</p>\n<p {% if contact.city %}a{% endif %}>x</p>",
          "meta_yaml": META + "frame: plain"}, "body.html:2", "moved"),
        ({"meta_yaml": META + "frame: card"}, "body.html", "unknown_frame"),
        ({"meta_yaml": MARKETING, "body_html": f"<!-- {_OUT} --><p>x</p>"}, "hello (en)",
         "no_unsubscribe"),
        ({"meta_yaml": MARKETING, "body_html": "{% if unsubscribe_url %}x{% endif %}"},
         "hello (en)", "no_unsubscribe"),
        ({"meta_yaml": MARKETING, "body_html": f"<a href='{_OUT}'>x</a>", "body_txt": "x"},
         "hello", "no_unsubscribe"),
        ({"meta_yaml": MARKETING, "subject_txt": "", "body_html": "", "short_txt": "Buy"},
         "hello", "no_unsubscribe"),
        ({"short_txt": "{{ preheader }}"}, "short.txt:1", "unknown_variable"),
        ({"short_zh_txt": "x", "subject_zh_txt": "y"}, "hello", "incomplete_language"),
    ],
)  # fmt: skip
def test_each_thing_is_named_with_its_place(files: dict[str, str], place: str, code: str) -> None:
    assert (place, code) in found(check(**files))


def test_a_default_answers_for_people_of_whom_nothing_is_known() -> None:
    meta = META + "defaults: {contact.first_name: {en: there, zh: 您}}\n"
    words = {
        "subject_txt": "Hi {{ contact.first_name }}",
        "subject_zh_txt": "{{ contact.first_name }}",
    }
    assert found(check(meta_yaml=meta, body_zh_html="<p>好</p>", **words)) == set()


def test_a_template_may_bring_its_own_sample() -> None:
    files: dict[str, Any] = {
        "subject_txt": "{{ contact.city | default('?') }}{{ contact.country }}"
    }
    assert ("hello (en)", "cannot_be_written") in found(check(**files))
    checked = check(**files, sample_yaml="contact: {country: SG}")
    assert not checked.problems


def test_a_template_for_short_messages_needs_no_letter() -> None:
    checked = check(subject_txt="", body_html="", short_txt="Your code is here, {{ sender.name }}")
    assert (checked.problems, checked.bytes) == ((), 0)


def test_there_is_nothing_to_say_about_the_templates_that_come_along() -> None:
    root = Path(__file__).parents[2] / "templates" / "messages"
    sample = yaml.safe_load((root / "_sample.yaml").read_text("utf-8"))
    bundles = read_folder(root).bundles
    said = {one.name: found(check_bundle(one, KNOWN, sample)) for one in bundles}
    assert {name for name, remarks in said.items() if remarks} == set()
    assert "product_news" in said
