"""Links, images, tags and colours of a letter."""

from __future__ import annotations

import pytest

from engine.rendering import RenderFailed
from engine.rendering.colours import BLACK, WHITE, colour_of, contrast
from engine.rendering.compiled import compiled
from engine.rendering.legibility import check_contrast
from engine.rendering.letter_checks import check_letter
from engine.services.templates.assembling import assemble
from engine.services.templates.bundle import Bundle
from engine.services.templates.vocabulary import known_variables


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ('<a href="">x</a>', "empty_link"),
        ('<a href="#">x</a>', "empty_link"),
        ('<a href=" JavaScript:alert(1)">x</a>', "link_scheme"),
        ('<a href="data:text/html,x">x</a>', "link_scheme"),
        ('<mj-button href="ftp://x.test/">x</mj-button>', "link_scheme"),
        (
            '<a href="{% if a %}https://x.test{% else %}javascript:1{% endif %}">x</a>',
            "link_scheme",
        ),
        ('<a href="java&#115;cript:alert(1)">x</a>', "relative_link"),
        ('<a href="java\nscript:alert(1)">x</a>', "relative_link"),
        ('<a href="java{{ x }}">x</a>', "relative_link"),
        ('<a href="/offers">x</a>', "relative_link"),
        ('<a href="//x.test/">x</a>', "relative_link"),
        ('<a href="www.example.com">x</a>', "relative_link"),
        ('<a href="http://localhost:8080/">x</a>', "private_link"),
        ('<a href="https://10.1.2.3/x">x</a>', "private_link"),
        ('<a href="https://[::1]/">x</a>', "private_link"),
        ('<a href="http://user@192.168.0.1/">x</a>', "private_link"),
        ('<a href="https://wiki.internal/">x</a>', "private_link"),
        ('<a href="https://intranet/">x</a>', "private_link"),
        ('<img src="data:image/png;base64,AA" alt="">', "link_scheme"),
        ('<img src="" alt="">', "empty_link"),
        ('<td background="/a.png">', "relative_link"),
        ("<a href={{ sender.website }}>x</a>", "unquoted_value"),
        ("<td {{ x }}>", "value_in_tag"),
        ('<p style="color:{{ x }}">', "value_in_tag"),
        ("<style>p { color: {{ x }} }</style>", "value_in_tag"),
        ("<script>x</script>", "active_content"),
        ('<p onclick="x">', "active_content"),
        ('<iframe src="https://x.test"></iframe>', "active_content"),
    ],
)
def test_a_mistake_is_found(source: str, code: str) -> None:
    found = check_letter(f"<p>\n{source}").mistakes
    assert (2, code) in [(one.line, one.code) for one in found]


@pytest.mark.parametrize(
    "source",
    [
        '<a href="https://example.com/?q={{ x }}">x</a>',
        '<a href="https://{{ x }}.example.com/">x</a>',
        '<a href="{{ sender.website }}">x</a>',
        '<a href="{% if a %}{{ b }}{% else %}https://example.com{% endif %}">x</a>',
        '<a href="mailto:hello@example.com">x</a><a href="tel:+6561234567">x</a>',
        '<a href="#top">x</a><a name="top"></a>',
        '<img src="cid:logo" alt="">',
        '<td {% if a %}class="b"{% endif %} title="{{ x }}">',
        '<p style="color:{% if a %}#000{% else %}#111{% endif %}">',
        "<!-- {{ x }} --><p>a < b</p>",
    ],
)
def test_what_is_right_is_left_alone(source: str) -> None:
    found = check_letter(source)
    assert (found.mistakes, found.warnings) == ([], [])


def test_an_image_without_words_is_named_and_decoration_is_not() -> None:
    source = '<img src="cid:a">\n<mj-image src="cid:b" />\n<img src="cid:c" alt="">'
    assert [one.line for one in check_letter(source).warnings] == [1, 2]


def test_a_link_from_a_record_never_becomes_a_script() -> None:
    source = '<a href="{% if a %}{{ a }}{% else %}{{ b }}{% endif %}">{{ a }}</a>'
    template = compiled(source, html=True)

    def written(address: str) -> str:
        return template.render({"a": address}, language="en", zone="UTC")

    assert 'href="https://x.test/?a=1&amp;b=2"' in written("https://x.test/?a=1&b=2")
    for hostile in ("javascript:alert(1)", " JAVA\tSCRIPT:x", "\x01data:text/html,x", "vbscript:x"):
        with pytest.raises(RenderFailed) as failed:
            written(hostile)
        assert (failed.value.code, failed.value.line) == ("wrong_value", 1)
        assert hostile not in failed.value.message


def test_contrast_is_measured_as_wcag_does() -> None:
    assert contrast(BLACK, WHITE) == pytest.approx(21)
    grey, paler = colour_of("#767676"), colour_of("#777")
    assert grey is not None
    assert paler is not None
    assert contrast(grey, WHITE) > 4.5 > contrast(paler, WHITE)


@pytest.mark.parametrize(
    ("html", "hard"),
    [
        ('<p style="color:#777">x</p>', True),
        ('<p style="color:#767676">x</p>', False),
        ('<h1 style="font-size:24px;color:#777;font-weight:400">x</h1>', False),
        ('<p style="font-size:14pt;font-weight:bold;color:rgb(119, 119, 119)">x</p>', False),
        ('<td bgcolor="#777777"><p style="color:#fff">x</p></td>', True),
        ('<div style="background:#000 none"><span>x</span></div>', True),
        ('<div style="background:url(https://x.test/a.png)"><span>x</span></div>', False),
        ('<div style="background-color:#1d4ed8"><a style="color:#fff">x</a></div>', False),
        ('<div style="background-color:navy"><a>x</a></div>', True),
        ('<p style="color:#eee;display:none">x</p>', False),
        ('<p style="color:{% if a %}#fff{% endif %}">x</p>', True),
        ('<p style="color:rgba(0,0,0,0.1)">x</p>', False),
        ("", False),
    ],
)
def test_words_that_are_hard_to_read_are_named(html: str, hard: bool) -> None:
    assert bool(check_contrast(html)) is hard


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("<mj-style></style><script>x</script></mj-style>", None),
        ("<style><style></style><script>x</script>", "active_content"),
        ("<!--><script>x</script><!-- -->", "active_content"),
        ("<!-- --!><script>x</script><!-- -->", "active_content"),
        ("<a href=\"{{ 'javascript' }}:alert(1)\">x</a>", "link_scheme"),
        ("<img foo' src={{ x }}>", "broken_tag"),
        ('<a href="https://x.test>x</a>', "broken_tag"),
        ("<style>p { color: {{ x }} }", "value_in_tag"),
    ],
)
def test_what_a_browser_would_read_otherwise_is_a_mistake(source: str, code: str | None) -> None:
    found = {one.code for one in check_letter(f"<p>{source}").mistakes}
    assert found == ({code} if code else set())


@pytest.mark.parametrize("source", ["<p>1 < 2 and <3</p>", '<a href="{{ base }}:8080/x">x</a>'])
def test_what_only_looks_like_a_mistake_is_none(source: str) -> None:
    assert check_letter(f"<!DOCTYPE html>{source}").mistakes == []


@pytest.mark.parametrize(
    "inside",
    [
        '<mj-text color="{{ contact.custom.colour }}">x</mj-text>',
        '<mj-text padding="{{ contact.custom.colour }}">x</mj-text>',
        '<mj-text font-family="{{ contact.custom.colour }}">x</mj-text>',
        '<mj-button background-color="{{ contact.custom.colour }}">x</mj-button>',
        '<mj-divider border-color="{{ contact.custom.colour }}" />',
    ],
)
def test_no_value_gets_into_a_style_by_way_of_mjml(inside: str) -> None:
    assert ("body.mjml", "value_in_tag") in _mjml_problems(inside)


def test_nor_by_the_background_of_a_section_or_into_a_style_sheet() -> None:
    section = ' background-url="{{ contact.custom.colour }}"'
    assert ("body.mjml", "value_in_tag") in _mjml_problems("<mj-text>x</mj-text>", section)
    style = "<mj-head><mj-style></style><script>x</script></mj-style></mj-head>"
    assert _mjml_problems("", head=style) == {("body.mjml:1", "mjml")}


def test_words_and_fixed_choices_may_be_in_mjml() -> None:
    inside = '<mj-text color="{% if contact.score > 9 %}#111{% else %}#222{% endif %}">'
    inside += '{{ contact.first_name | default("you") }}</mj-text>'
    inside += '<mj-button href="https://x.test/{{ contact.external_id }}">x</mj-button>'
    assert _mjml_problems(inside) == set()


def _mjml_problems(inside: str, section: str = "", head: str = "") -> set[tuple[str, str]]:
    files = {
        "meta.yaml": "label: {en: N, zh: N}\npurpose: service\n",
        "subject.txt": "x",
        "body.mjml": f"<mjml>{head}<mj-body><mj-section{section}><mj-column>{inside}</mj-column>"
        "</mj-section></mj-body></mjml>",
    }
    made = assemble(Bundle("x", files), known_variables())
    return {(one.place, one.code) for one in made.problems}
