"""Signed tokens of every kind: what they carry, who can make them, and until when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.services.links.tokens import (
    EXPIRING,
    FOLDERS,
    BadToken,
    ExpiredToken,
    Kind,
    SignedLinks,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
UNTIL = NOW + timedelta(days=7)
LINKS = SignedLinks("https://crm.cadenza.test/", ["secret one"])
# Made by the release before there were kinds.
OLD_TOKEN = "2265bc22.MTplbWFpbDptYXJrZXRpbmc.gvGrqk0lxxo677zXdQXaXQ"


def made(links: SignedLinks, kind: Kind, *parts: int | str) -> str:
    return links.token(kind, *parts, until=UNTIL if kind in EXPIRING else None)


@given(
    kind=st.sampled_from(Kind),
    parts=st.lists(
        st.integers(1, 2**63 - 1) | st.from_regex(r"\A[a-z][a-z0-9_]{0,20}\Z"),
        min_size=1,
        max_size=4,
    ),
)
def test_a_token_says_what_it_was_made_for(kind: Kind, parts: list[int | str]) -> None:
    token = made(LINKS, kind, *parts)
    assert LINKS.read(kind, token, NOW) == tuple(parts)
    assert "@" not in token


def test_every_kind_has_its_own_folder() -> None:
    assert set(FOLDERS) == set(Kind)
    assert len(set(FOLDERS.values())) == len(Kind)
    assert LINKS.url(Kind.CLICK, 7, 9).startswith("https://crm.cadenza.test/c/")


@pytest.mark.parametrize("kind", Kind)
def test_a_token_of_one_kind_opens_no_other_door(kind: Kind) -> None:
    token = made(LINKS, kind, 42)
    for other in set(Kind) - {kind}:
        with pytest.raises(BadToken):
            LINKS.read(other, token, NOW)


@pytest.mark.parametrize("kind", [Kind.CLICK, Kind.CONFIRM])
def test_every_changed_character_and_every_cut_is_noticed(kind: Kind) -> None:
    token = made(LINKS, kind, 42, 7)
    changed = {
        token[:place] + other + token[place + 1 :]
        for place in range(len(token))
        for other in "Aa0."
    }
    cut = {token[:length] for length in range(len(token))}
    for wrong in (changed | cut) - {token}:
        with pytest.raises(BadToken):
            LINKS.read(kind, wrong, NOW)


@pytest.mark.parametrize(
    "token", ["", "..", "x" * 100_000, "0" * 8 + "." + "A" * 200 + "." + "A" * 22, "é.ü.ö"]
)
def test_nonsense_is_no_token(token: str) -> None:
    for kind in Kind:
        with pytest.raises(BadToken):
            LINKS.read(kind, token, NOW)


def test_a_token_of_another_secret_is_forged() -> None:
    forger = SignedLinks("https://crm.cadenza.test", ["secret two"])
    with pytest.raises(BadToken):
        LINKS.read(Kind.CLICK, forger.token(Kind.CLICK, 42, 7))
    # with the name of a key that is known, and a signature by another
    theirs, ours = forger.token(Kind.CLICK, 42, 7), LINKS.token(Kind.CLICK, 1, 1)
    with pytest.raises(BadToken):
        LINKS.read(Kind.CLICK, ours[:8] + theirs[8:])


def test_a_changed_secret_leaves_sent_links_working() -> None:
    after = SignedLinks("https://crm.cadenza.test", ["secret two", "secret one"])
    for kind in Kind:
        token = made(LINKS, kind, 42)
        assert after.read(kind, token, NOW) == (42,)
        assert made(after, kind, 42) != token
        gone = SignedLinks("https://crm.cadenza.test", ["secret three", "secret two"])
        with pytest.raises(BadToken):
            gone.read(kind, token, NOW)


def test_links_of_letters_from_before_still_unsubscribe() -> None:
    before = SignedLinks("https://cadenza.test", ["secret of the test"])
    assert before.read(Kind.UNSUBSCRIBE, OLD_TOKEN) == (1, "email", "marketing")


def test_a_link_that_gives_a_permission_expires() -> None:
    token = LINKS.token(Kind.CONFIRM, 42, until=UNTIL)
    assert LINKS.read(Kind.CONFIRM, token, UNTIL - timedelta(seconds=1)) == (42,)
    with pytest.raises(ExpiredToken):
        LINKS.read(Kind.CONFIRM, token, UNTIL)
    with pytest.raises(BadToken):
        LINKS.read(Kind.CONFIRM, token)


def test_a_link_that_stops_mail_never_does() -> None:
    token = LINKS.token(Kind.UNSUBSCRIBE, 42, "email", "marketing")
    in_a_hundred_years = NOW.replace(year=2126)
    assert LINKS.read(Kind.UNSUBSCRIBE, token, in_a_hundred_years)[0] == 42


@pytest.mark.parametrize("part", [0, -1, 2**63, "", "a:b", "A", "ada@example.com", "x" * 64])
def test_what_is_no_id_is_put_into_no_link(part: int | str) -> None:
    with pytest.raises(ValueError, match="cannot be put into a link"):
        LINKS.token(Kind.CLICK, part)


def test_whether_a_link_expires_is_not_forgotten() -> None:
    with pytest.raises(ValueError, match="expires"):
        LINKS.token(Kind.CONFIRM, 1)
    with pytest.raises(ValueError, match="stays"):
        LINKS.token(Kind.CLICK, 1, until=UNTIL)
