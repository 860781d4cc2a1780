"""Reading templates from a folder: languages, frames, and every mistake at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import Refused
from engine.rendering import RenderFailed
from engine.services.templates import TemplateLibrary, UnknownTemplate

META = "label: {en: Hello, zh: 你好}\npurpose: service\n"
LINKS = {"unsubscribe_url": "https://x.test/u/1"}


def write(root: Path, **files: str) -> Path:
    """`hello__body_html="..."` becomes hello/body.html; two underscores part folders."""
    for name, words in files.items():
        folder, _, file = name.rpartition("__")
        path = root / folder / file.replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(words, "utf-8")
    return root


def hello(root: Path, **more: str) -> Path:
    files = {
        "hello__meta_yaml": META,
        "hello__subject_txt": "Hello {{ contact.first_name | default('you') }}\n",
        "hello__body_html": "<p>Dear {{ contact.first_name | default('you') }}</p>",
    }
    return write(root, **(files | more))


def render(root: Path, language: str = "en", **contact: str) -> tuple[str, str, str]:
    message = TemplateLibrary(root).render(
        "hello", {"contact": contact}, language=language, zone="UTC", links=LINKS
    )
    return message.subject, message.html.strip(), message.language


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        ("en", "en"),
        ("zh", "zh"),
        ("zh-CN", "zh"),
        ("zh_Hans_CN", "zh"),
        ("zh-Hant-TW", "zh-hant"),
        ("ZH-HANT", "zh-hant"),
        ("fr", "en"),
        ("", "en"),
    ],
)
def test_the_nearest_language_is_taken(tmp_path: Path, wanted: str, got: str) -> None:
    files = {"subject_zh_txt": "你好", "body_zh_html": "<p>简体</p>"}
    hello(tmp_path, **{f"hello__{name}": words for name, words in files.items()})
    (tmp_path / "hello" / "subject.zh-Hant.txt").write_text("你好", "utf-8")
    (tmp_path / "hello" / "body.zh-Hant.html").write_text("<p>繁體</p>", "utf-8")
    assert render(tmp_path, wanted)[2] == got


def test_a_frame_stands_around_the_letter_in_its_language(tmp_path: Path) -> None:
    hello(
        tmp_path,
        hello__meta_yaml=META + "frame: card\n",
        hello__subject_zh_txt="你好",
        hello__body_zh_html="<p>您</p>",
        _frames__card_html="<div>en<!-- content --></div>",
        _frames__card_zh_html="<div>zh<!-- content --></div>",
    )
    assert render(tmp_path)[1] == "<div>en<p>Dear you</p></div>"
    assert render(tmp_path, "zh-CN")[1] == "<div>zh<p>您</p></div>"


def test_an_own_text_is_taken_before_a_made_one(tmp_path: Path) -> None:
    hello(tmp_path, hello__body_txt="Plain {{ contact.first_name | default('<you>') }}")
    message = TemplateLibrary(tmp_path).render(
        "hello", {"contact": {}}, language="en", zone="UTC", links=LINKS
    )
    assert message.text == "Plain <you>\n"


def test_a_letter_whose_text_cannot_be_a_template_gets_it_made(tmp_path: Path) -> None:
    body = '<div style="display:none">{% if contact.city %}x{% endif %}</div><p>Dear</p>'
    hello(tmp_path, hello__body_html=body)
    message = TemplateLibrary(tmp_path).render(
        "hello", {"contact": {}}, language="en", zone="UTC", links=LINKS
    )
    assert message.text == "Dear\n"


def test_a_subject_is_one_line_of_bounded_length(tmp_path: Path) -> None:
    hello(tmp_path, hello__subject_txt="Hello\n  {{ contact.first_name }}\n")
    subject, _, _ = render(tmp_path, first_name="Ada\r\nBcc: eve@example.com " + "x" * 500)
    assert subject.startswith("Hello Ada Bcc: eve@example.com")
    assert len(subject) == 250


def test_an_empty_subject_is_a_failure(tmp_path: Path) -> None:
    hello(tmp_path, hello__subject_txt="{% if contact.first_name %}x{% endif %}")
    with pytest.raises(RenderFailed):
        render(tmp_path)


def test_an_unknown_name_says_what_was_meant(tmp_path: Path) -> None:
    templates = TemplateLibrary(hello(tmp_path))
    with pytest.raises(UnknownTemplate, match='did you mean "hello"'):
        templates.render("helo", {}, language="en", zone="UTC", links=LINKS)


def test_files_changed_after_the_start_change_nothing(tmp_path: Path) -> None:
    templates = TemplateLibrary(hello(tmp_path))
    write(tmp_path, hello__body_html="{{ broken")
    message = templates.render("hello", {"contact": {}}, language="en", zone="UTC", links=LINKS)
    assert message.html == "<p>Dear you</p>"


@pytest.mark.parametrize(
    ("files", "place", "code"),
    [
        ({"hello__body_html": "\n{{ contact.x }}"}, "hello/body.html:2", "unknown_variable"),
        ({"hello__body_html": "{% include 'x' %}"}, "hello/body.html:1", "not_allowed"),
        ({"hello__body_html": "{{ x"}, "hello/body.html:1", "syntax"),
        ({"hello__subject_txt": "{{ preheader }}"}, "hello/subject.txt:1", "unknown_variable"),
        ({"hello__preheader_txt": "{{ contact.x }}"}, "hello/preheader.txt:1", "unknown_variable"),
        ({"hello__boddy_html": "x"}, "hello/boddy.html", "unknown_file"),
        ({"hello__subject_html": "x"}, "hello/subject.html", "unknown_file"),
        ({"hello__body_zh_html": "<p>x</p>"}, "hello", "incomplete_language"),
        ({"hello__meta_yaml": "label: ["}, "hello/meta.yaml:1", "yaml"),
        ({"hello__meta_yaml": "purpose: service\n"}, "hello/meta.yaml", "bad_meta"),
        ({"hello__meta_yaml": META + "colour: red\n"}, "hello/meta.yaml", "bad_meta"),
        ({"hello__meta_yaml": META + "purpose: spam\n"}, "hello/meta.yaml", "bad_meta"),
        ({"hello__meta_yaml": META + "frame: none\n"}, "hello/meta.yaml", "unknown_frame"),
        ({"hello__body_en_html": "<p>x</p>"}, "hello/body.html", "twice"),
        ({"hello__meta_yaml": META.replace("service", "marketing")}, "hello", "no_unsubscribe"),
        ({"_frames__card_html": "<div></div>"}, "_frames/card.html", "no_content"),
        ({"_frames__card_txt": "<div></div>"}, "_frames/card.txt", "unknown_file"),
        ({"_frames__a_html": "{{ a }}<!-- content -->"}, "_frames/a.html:1", "unknown_variable"),
        ({"Bad-Name__meta_yaml": META}, "Bad-Name", "bad_name"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_by_file_and_line(
    tmp_path: Path, files: dict[str, str], place: str, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        TemplateLibrary(hello(tmp_path, **files))
    assert (place, code) in [(one.place, one.code) for one in refused.value.problems]


def test_a_file_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    hello(tmp_path)
    (tmp_path / "hello" / "body.html").write_bytes("für".encode("latin-1"))
    with pytest.raises(Refused) as refused:
        TemplateLibrary(tmp_path)
    assert ("hello/body.html", "encoding") in [(p.place, p.code) for p in refused.value.problems]


def test_all_mistakes_come_at_once(tmp_path: Path) -> None:
    hello(tmp_path, hello__body_html="{{ a }}", hello__subject_txt="{{ b }}", x__meta_yaml="a")
    with pytest.raises(Refused) as refused:
        TemplateLibrary(tmp_path)
    assert len(refused.value.problems) >= 3


def test_the_default_language_has_to_be_there(tmp_path: Path) -> None:
    write(tmp_path, a__meta_yaml=META, a__subject_zh_txt="x", a__body_zh_html="<p>x</p>")
    with pytest.raises(Refused) as refused:
        TemplateLibrary(tmp_path)
    assert [one.code for one in refused.value.problems] == ["no_default_language"]
