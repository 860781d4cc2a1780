"""Which links of a letter are measured, and that nothing else is touched."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.services.links.rewriting import (
    MOST_LINKS,
    find_links,
    in_html,
    in_text,
    with_pixel,
)

OWN = "https://crm.test/"
SHOP = "https://shop.test/a?b=1&c=2"


def rewritten(html: str, text: str = "") -> tuple[str, str]:
    found = find_links(html, text, OWN)
    new = {url: f"{OWN}c/{number}" for number, url in enumerate(sorted(found.urls()))}
    return in_html(html, found.html, new), in_text(text, found.text, new)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('<a href="https://shop.test/">Go</a>', '<a href="https://crm.test/c/0">Go</a>'),
        ("<A HREF='https://shop.test/'>Go</A>", "<A HREF='https://crm.test/c/0'>Go</A>"),
        ('<a\n  class="x"\n  href = "https://shop.test/">', '<a\n  class="x"\n  href = "{0}">'),
        ('<area href="https://shop.test/">', '<area href="{0}">'),
        ('<v:roundrect href="https://shop.test/">', '<v:roundrect href="{0}">'),
        ('<!--[if mso]><a href="https://shop.test/">x</a>', '<!--[if mso]><a href="{0}">x</a>'),
        (
            '<a title="href=&quot;x" href="https://shop.test/">',
            '<a title="href=&quot;x" href="{0}">',
        ),
        ('<a title=" > href=\'https://x.test\'" href="https://shop.test/">', None),
    ],
)
def test_a_link_of_html_leads_through_us(before: str, after: str | None) -> None:
    wanted = (after or before.replace("https://shop.test/", "{0}")).replace(
        "{0}", "https://crm.test/c/0"
    )
    assert rewritten(before)[0] == wanted


@pytest.mark.parametrize(
    "html",
    [
        '<a href="mailto:ada@example.com">',
        '<a href="tel:+6561234567">',
        '<a href="#top">',
        '<a href="/somewhere">',
        '<a href="javascript:alert(1)">',
        '<a href="ftp://shop.test/">',
        '<a href="https://crm.test/u/token">Unsubscribe</a>',
        '<a href="https://shop.test/" data-no-track>',
        '<a data-no-track="" href="https://shop.test/">',
        '<a href="https://shop.test/with space">',
        '<a href="https:///nowhere">',
        f'<a href="https://shop.test/{"x" * 2_000}">',
        "<a href=https://shop.test/>",
        '<a data-href="https://shop.test/">',
        '<abbr href="https://shop.test/">',
        '<link href="https://shop.test/">',
        '<img src="https://shop.test/a.png">',
        '<a href="https://shop.test/',
        "<a href='https://shop.test/\">",
        'words https://shop.test/ and <b>href="https://shop.test/"</b>',
    ],
)
def test_anything_else_stays_as_it_is(html: str) -> None:
    assert rewritten(html)[0] == html


def test_an_address_is_the_same_in_html_and_in_text() -> None:
    html, text = rewritten(
        '<a href="https://shop.test/a?b=1&amp;c=2">A</a>', f"A <{SHOP}>.\nSee {SHOP}, or ({SHOP})."
    )
    assert html == '<a href="https://crm.test/c/0">A</a>'
    assert text == (
        "A <https://crm.test/c/0>.\nSee https://crm.test/c/0, or (https://crm.test/c/0)."
    )


def test_a_bracket_that_belongs_to_an_address_stays_in_it() -> None:
    found = find_links("", "https://en.test/Cadenza_(music), https://zh.test/a。", OWN)
    assert [place.url for place in found.text] == [
        "https://en.test/Cadenza_(music)",
        "https://zh.test/a",
    ]


def test_who_opts_out_in_html_is_left_alone_in_the_text_too() -> None:
    text = "https://shop.test/secret https://shop.test/"
    html = '<a data-no-track href="https://shop.test/secret">s</a><a href="https://shop.test/">'
    assert rewritten(html, text)[1] == "https://shop.test/secret https://crm.test/c/0"


def test_our_own_links_are_left_alone_in_the_text() -> None:
    text = "Unsubscribe <https://crm.test/u/abc>\n"
    assert rewritten("", text)[1] == text


def test_a_letter_that_is_a_list_of_links_is_measured_in_part() -> None:
    html = "".join(f'<a href="https://shop.test/{number}">x</a>' for number in range(500))
    assert len(find_links(html, "", OWN).html) == MOST_LINKS


def test_the_picture_is_the_last_thing_of_the_letter() -> None:
    html = with_pixel("<html><body><p>Hi</p></BODY ></html>", "https://crm.test/o/1")
    assert html.index("https://crm.test/o/1") < html.index("</BODY >")
    assert html.count("<img") == 1
    assert with_pixel("<p>Hi</p>", "https://crm.test/o/1").startswith("<p>Hi</p><img")


@given(
    pieces=st.lists(
        st.sampled_from(
            [
                "<a ",
                "href",
                "=",
                '"',
                "'",
                ">",
                "<",
                "https://x.test/",
                " ",
                "&amp;",
                "data-no-track",
            ]
        )
        | st.text(max_size=5),
        max_size=40,
    )
)
def test_whatever_the_html_only_found_places_change(pieces: list[str]) -> None:
    html = "".join(pieces)
    found = find_links(html, html, OWN)
    assert in_html(html, found.html, {}) == html
    last = 0
    for place in found.html:
        assert last <= place.start < place.end <= len(html)
        assert html[place.start - 1] in "\"'"
        last = place.end
    put = in_html(html, found.html, dict.fromkeys(found.urls(), "N"))
    assert len(put) == len(html) + sum(1 - (p.end - p.start) for p in found.html)


@pytest.mark.parametrize("evil", ["<a " * 50_000, "<a x='" * 30_000, "<a \"'" * 30_000])
def test_a_hostile_letter_costs_no_more_than_reading_it(evil: str) -> None:
    began = time.process_time()
    find_links(evil, evil, OWN)
    assert time.process_time() - began < 2.0
